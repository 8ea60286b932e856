"""From one browser to another: a link made on the page, accepted, looked through, taken back."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.scene import log_in
from tests.integration.client import Client
from tests.integration.harness import Gateway
from tests.integration.hostile import PASSWORD
from tests.integration.watching import NOTEBOOK

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

WORD = "for viewing only"
PICTURES = os.environ.get("HUBGATE_PICTURES", "")
"""A folder for screenshots on the way, for those who want to look."""
SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...what) { super(...what); sockets.push(this); }
};
"""
"""Before a page's own scripts: keep the sockets that they make."""
SETTINGS = {
    "authenticator": {"plugin": "dummy", "allowed_users": ["alice", "bob"], "dummy": {"password": PASSWORD}},
    "sharing": {"users_may_share": True, "handlers": ["code", "direct", "view"]},
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway, Client(gateway) as alice:
        alice.log_in("alice", PASSWORD)
        alice.start_server()
        cells = [*NOTEBOOK["cells"], {"cell_type": "code", "metadata": {}, "source": "print(6*9)", "id": "b",  # type: ignore[misc]
                                      "execution_count": None, "outputs": []}]  # fmt: skip
        saved = alice.jupyter(
            "PUT", "api/contents/nb.ipynb", json={"type": "notebook", "content": {**NOTEBOOK, "cells": cells}}
        )
        assert saved.status_code == 201
        session = {"path": "nb.ipynb", "type": "notebook", "name": "nb.ipynb", "kernel": {"name": "python3"}}
        assert alice.jupyter("POST", "api/sessions", json=session).status_code == 201
        yield gateway


def person(browser: Browser, gateway: Gateway, name: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    log_in(page, gateway, name, PASSWORD)
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def made(alice: Page, *, view: bool) -> str:
    alice.get_by_role("link", name="Home").first.click()
    alice.get_by_role("link", name="Shares").click()
    if view:
        alice.get_by_role("checkbox", name="View only").check()
    picture(alice, "shares-form")
    alice.get_by_role("button", name="Share").click()
    link = alice.locator("#value").text_content()
    assert link
    picture(alice, "shares-made")
    return link


def accepted(bob: Page, link: str) -> None:
    bob.add_init_script(SOCKETS)
    bob.goto(link)
    picture(bob, "shares-accept")
    bob.get_by_role("button", name="Accept").click()
    bob.wait_for_url("**/user/alice/lab**", timeout=60_000)


def open_notebook(page: Page, gateway: Gateway) -> None:
    page.goto(gateway.url("user/alice/lab/tree/nb.ipynb"))
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)


def revoked(alice: Page, bob: Page) -> None:
    """The sockets of bob's page are closed within a second, and the server is no longer there for him."""
    urls = bob.evaluate(
        "() => { window.open_ = sockets.filter(s => s.readyState === 1); return open_.map(s => s.url) }"
    )
    assert any("/channels" in url for url in urls)
    alice.goto(alice.url.partition("/user/")[0].partition("/hub/")[0] + "/hub/shares")
    picture(alice, "shares-list")
    alice.get_by_role("button", name="Revoke").last.click()
    begun = time.monotonic()
    bob.wait_for_function("() => open_.every(s => s.readyState === 3)", polling=20, timeout=5000)
    assert time.monotonic() - begun < 1.0
    expect(alice.get_by_text("It is not shared any more")).to_be_visible()
    assert bob.request.get(bob.url).status == 403


def test_a_guest_who_looks_on(browser: Browser, gateway: Gateway) -> None:
    alice, bob = person(browser, gateway, "alice"), person(browser, gateway, "bob")
    link = made(alice, view=True)
    accepted(bob, link)
    open_notebook(bob, gateway)
    expect(bob.locator(".jp-OutputArea-output pre").first).to_have_text("42\n")
    expect(bob.get_by_text("notebook is read-only")).to_be_visible()
    token = json.loads(bob.locator("#jupyter-config-data").text_content() or "")["token"]
    assert set(token.removeprefix("server.")) == {"0"}

    cell = bob.locator(".jp-Notebook .jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    bob.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text(WORD)
    picture(bob, "shares-view-only")

    open_notebook(alice, gateway)
    theirs = alice.locator(".jp-Notebook .jp-CodeCell").nth(1)
    expect(theirs.locator(".jp-InputPrompt")).to_have_text("[ ]:")
    theirs.locator(".cm-content").click()
    alice.keyboard.press("Shift+Enter")
    expect(theirs.locator(".jp-OutputArea-output pre")).to_have_text("54\n")
    alice.keyboard.press("Control+s")
    saved = "() => fetch('/user/alice/api/contents/nb.ipynb').then(r => r.text()).then(t => t.includes('54\\\\n'))"
    alice.wait_for_function(saved)
    open_notebook(bob, gateway)
    expect(bob.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".jp-OutputArea-output pre")).to_have_text("54\n")
    revoked(alice, bob)
    for page in (alice, bob):
        page.context.close()


def test_a_guest_who_may_run_code(browser: Browser, gateway: Gateway) -> None:
    alice, bob = person(browser, gateway, "alice"), person(browser, gateway, "bob")
    accepted(bob, made(alice, view=False))
    open_notebook(bob, gateway)
    cell = bob.locator(".jp-Notebook .jp-CodeCell").first
    cell.locator(".cm-content").click()
    bob.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output pre")).to_have_text("42\n")
    revoked(alice, bob)
    for page in (alice, bob):
        page.context.close()
