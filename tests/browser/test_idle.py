"""A tab of JupyterLab that is left open keeps nothing alive; a busy kernel does, and the button at home."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.harness import Gateway, eventually

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

TIMEOUT = 14
BUSY = 22
"""Seconds of a cell, longer than the time-out with all that belongs to it."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("idle"), {"idle": {"timeout": TIMEOUT, "warn_before": 6}}) as gateway:
        yield gateway


def test_an_open_tab_is_no_use_but_a_busy_kernel_is(page: Page, gateway: Gateway) -> None:
    home = page.context.new_page()
    home.goto(gateway.url())
    home.fill("input[name=username]", "admin")
    home.fill("input[name=password]", gateway.admin_password)
    home.press("input[name=password]", "Enter")
    home.wait_for_url("**/hub/home")
    page.goto(gateway.url("hub/spawn"))
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/user/admin/lab**", timeout=90_000)
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click(timeout=60_000)
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    cell.press_sequentially(f"import time; time.sleep({BUSY}); print('awake')")
    cell.press("Shift+Enter")
    busy = time.monotonic()
    polls: list[str] = []
    page.on("request", lambda request: polls.append(f"{request.method} {request.url}"))
    expect(page.locator(".jp-OutputArea-output pre").first).to_have_text("awake\n", timeout=(BUSY + 10) * 1000)
    assert time.monotonic() - busy > BUSY - 1

    # It has just worked, so its time begins now; at home one is warned of its end, and can put it off.
    keep = home.get_by_role("button", name="Keep My server running")
    eventually(lambda: home.reload() and keep.count(), TIMEOUT + 10, "no warning")
    assert "because nobody has used it for a while" in home.content()
    keep.click()
    home.wait_for_url("**/hub/home")
    expect(keep).to_have_count(0)

    # The tab goes on asking, and the server ends all the same.
    asked = len(polls)
    stopped = home.locator(".server", has_text="It was stopped because nobody had used it for 14 seconds.")
    eventually(lambda: home.reload() and stopped.count(), TIMEOUT + 20, "it runs on")
    assert len(polls) > asked, "the tab was silent"
    assert any("/lab/api/workspaces" in poll for poll in polls), polls
    eventually(lambda: not gateway.servers(), 10)
    page.goto(gateway.url("user/admin/lab"))
    page.get_by_role("link", name="What happened?").click()
    expect(page.get_by_text("nobody had used it for 14 seconds")).to_be_visible()
