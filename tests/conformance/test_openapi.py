"""A running gateway against its own OpenAPI documents, by schemathesis: what they say holds, whatever is sent.

No 5xx, no status that is not documented, no answer that is not of its schema. What would end
the gateway or all starts is left out, and streams that go on for ever.
`HYPOTHESIS_PROFILE=deep`, as `make test-conformance` sets it, sends more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import hubgate
from tests.integration.harness import Gateway

pytestmark = [pytest.mark.sockets, pytest.mark.conformance, pytest.mark.timeout(1800)]

EXAMPLES = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 5
LEFT_OUT = "/(shutdown|hub/starts|log|stream)$"
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture(scope="module")
def shaken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of its own, since nobody knows what it looks like afterwards."""
    with hubgate.gateway(tmp_path_factory.mktemp("shaken")) as gateway:
        yield gateway


@pytest.mark.parametrize("dialect", ["api", "hub/api"])
def test_what_the_document_says_holds(shaken: Gateway, dialect: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            shaken.url(f"{dialect}/openapi.json"),
            f"--header=Authorization: token {hubgate.admin_token(shaken)}",
            f"--checks={','.join(CHECKS)}",
            f"--max-examples={EXAMPLES}",
            "--phases=examples,coverage,fuzzing",
            f"--exclude-path-regex={LEFT_OUT}",
            "--generation-database=none",
            "--suppress-health-check=all",
            "--request-timeout=60",
            "--warnings=off",
            "--continue-on-failure",
            "--no-color",
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-20000:]}\n{done.stderr[-2000:]}"
    assert shaken.healthy()
