"""A person works in JupyterLab while a capture runs: the conversation with the kernel can be read, no secret can."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.integration.harness import Gateway, eventually
from tests.integration.leaks import leaks, opened
from tests.integration.test_captures import Admin

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

TYPED = "typed-at-a-prompt-7x"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw")) as gateway:
        yield gateway


def test_the_kernels_conversation_and_no_secret(page: Page, gateway: Gateway) -> None:
    admin = Admin(gateway)
    hub, user = admin.start(path="/hub", seconds=600), admin.start(user="admin", seconds=600)
    log_in(page, gateway)
    work(page)
    secrets = {
        gateway.admin_password, TYPED, admin.token, secret_of_server(gateway),
        *(cookie["value"] for cookie in page.context.cookies() if len(cookie["value"]) > 10),
    }  # fmt: skip
    assert len(secrets) >= 6

    with contextlib.closing(admin.http):
        eventually(lambda: said(admin, user, "input_reply"), 15)
        (request,) = [each for each in said(admin, user, "execute_request") if "6*7" in each["content"]["code"]]
        answers = [
            each for each in said(admin, user) if each["parent_header"].get("msg_id") == request["header"]["msg_id"]
        ]
        assert "42\n" in [each["content"].get("text") for each in answers if each["type"] == "stream"]
        assert "ok" in [each["content"]["status"] for each in answers if each["type"] == "execute_reply"]
        (reply,) = said(admin, user, "input_reply")
        assert reply["content"]["value"].startswith("hidden-")

        texts = {"log": gateway.log(10**8)}
        for what in ("traffic/requests?limit=1000", "audit"):
            texts[what] = admin.http.get(gateway.url(f"hub/api/{what}")).text
        for capture in (hub, user):
            assert len(admin.flows(capture)) > 3
            texts[f"{capture} har"] = admin.file(capture, "har").decode()
            texts[f"{capture} mitmproxy"] = opened(gateway.folder / capture, admin.file(capture, "mitmproxy"))
            texts[f"{capture} disk"] = (gateway.data_dir / "captures" / capture / "records.jsonl").read_text()
            texts[f"{capture} pages"] = json.dumps(
                [admin.flow(capture, each["number"]) for each in admin.flows(capture)]
            )
    assert all(len(text) > 1000 for text in texts.values())
    assert leaks(texts, secrets) == []


def log_in(page: Page, gateway: Gateway) -> None:
    page.goto(gateway.url())
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", gateway.admin_password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    page.get_by_role("link", name="Start My server").click()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/user/admin/lab**", timeout=60_000)


def work(page: Page) -> None:
    """Two cells, one of which asks for a password."""
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click(timeout=60_000)
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cells = page.locator(".jp-Notebook .jp-CodeCell .cm-content")
    for number, code in enumerate(("print(6*7)", "x = __import__('getpass').getpass()")):
        cells.nth(number).click()
        cells.nth(number).press_sequentially(code)
        cells.nth(number).press("Shift+Enter")
    page.locator(".jp-Stdin-input").fill(TYPED, timeout=60_000)
    page.locator(".jp-Stdin-input").press("Enter")
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)


def said(admin: Admin, capture: str, kind: str = "") -> list[dict[str, Any]]:
    """The kernel messages of all sockets."""
    found = []
    for flow in admin.flows(capture):
        if flow["websocket"] and "/channels" in flow["target"]:
            found += [each["kernel"] for each in admin.get(f"/{capture}/flows/{flow['number']}?limit=500")["messages"]]
    return [each for each in found if kind in {"", each["type"]}]


def secret_of_server(gateway: Gateway) -> str:
    with contextlib.closing(sqlite3.connect(gateway.data_dir / "hubgate.sqlite")) as database:
        (row,) = database.execute("SELECT secret FROM servers WHERE secret <> ''").fetchall()
    return str(row[0])
