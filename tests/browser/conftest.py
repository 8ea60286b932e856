"""A real Chromium, headless; the tests skip with the reason where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.walking import PASSWORD, Notes, Walker
from tests.integration.harness import Gateway

CANDIDATES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CANDIDATES)), None)
    if path is None:
        pytest.skip(f"no Chromium found (looked for {', '.join(CANDIDATES)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with cookies of its own. What it logged is shown when the test fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda message: print(f"console {message.type}: {message.text}"))  # noqa: T201
    page.on("pageerror", lambda error: print(f"page error: {error}"))  # noqa: T201
    yield page
    context.close()


@pytest.fixture(scope="module")
def notes(gateway: Gateway) -> Notes:
    return Notes(gateway)


@pytest.fixture(scope="module")
def admin(browser: Browser, notes: Notes) -> Iterator[Walker]:
    with Walker(browser, notes) as walker:
        walker.log_in("admin", notes.gateway.admin_password)
        yield walker


@pytest.fixture(scope="module")
def ada(browser: Browser, notes: Notes) -> Iterator[Walker]:
    with Walker(browser, notes) as walker:
        walker.log_in("ada", PASSWORD)
        yield walker


@pytest.fixture(scope="module")
def eve(browser: Browser, notes: Notes) -> Iterator[Walker]:
    """Not logged in."""
    with Walker(browser, notes) as walker:
        yield walker
