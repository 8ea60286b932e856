"""For all tests: what a skip means, and how long hypothesis looks.

A test that needs a part which a machine may lack (Chromium, PostgreSQL) skips
with the reason. Where everything is installed on purpose, a skip hides a hole:
`HUBGATE_NO_SKIP=1` turns it into a failure. `HYPOTHESIS_PROFILE=deep` looks for
longer than a quick run does.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("fast", max_examples=50, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=5000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

NO_SKIP = os.environ.get("HUBGATE_NO_SKIP") == "1"
LONG = NO_SKIP or bool({"HUBGATE_LONG", "HUBGATE_SOAK"} & os.environ.keys())
"""Are tests run that take a minute each? The ordinary run leaves them to CI and `make soak`."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _failed_if_skipped((yield))


def _failed_if_skipped[R: (pytest.TestReport, pytest.CollectReport)](report: R) -> R:
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason: Any = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, and HUBGATE_NO_SKIP=1 allows no skip: {reason[2] if reason else ''}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last: Playwright's event loop stays in this thread, and asyncio bears no second one."""
    items.sort(key=lambda item: "browser" in item.keywords)
    if not LONG:
        for item in items:
            if "long" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="takes long: CI and make soak run it (HUBGATE_LONG=1)"))
