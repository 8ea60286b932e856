"""A browser at a gateway that speaks TLS itself: its cookie, a WebSocket, the way from http to https."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.certificates import certificate
from tests.integration import echo
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import PASSWORD

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

TALK = """() => new Promise((done, failed) => {
  const socket = new WebSocket(`wss://${location.host}/user/alice/ws`);
  socket.onmessage = (message) => done(message.data);
  socket.onerror = failed;
})"""


def test_a_person_comes_by_http_and_works_by_https(browser: Browser, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    settings = {
        "gateway": {"tls_cert": str(cert), "tls_key": str(key)},
        "authenticator": {"plugin": "dummy", "allow_all": True, "dummy": {"password": PASSWORD}},
        "profiles": [echo.PROFILE],
        "idle": {"timeout": 12, "warn_before": 6},
    }
    with Gateway(tmp_path / "gw", settings) as gateway:
        # Nobody has signed the certificate, which a person would have to accept, too.
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1000, "height": 700})
        page = context.new_page()
        page.goto(gateway.url().replace("https:", "http:"))
        page.wait_for_url("https://**/hub/login**")
        page.fill("input[name=username]", "alice")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/hub/home")
        (session,) = [each for each in context.cookies() if "hubgate-session" in each["name"]]
        assert session["name"] == "__Host-hubgate-session"
        assert session["secure"] and session["httpOnly"] and session["path"] == "/"
        page.goto(gateway.url("hub/spawn"))
        page.get_by_role("button", name="Start").click()
        page.wait_for_url("**/user/alice/**", timeout=30_000)
        assert '"x-forwarded-proto", "https"' in page.evaluate(TALK).lower()
        # From here on nobody does anything with the server.
        page.goto(gateway.url("hub/home"))
        keep = page.get_by_role("button", name="Keep My server running")
        eventually(lambda: page.reload() and keep.count(), 30)
        page.screenshot(path=tmp_path / "warned.png")
        keep.click()
        expect(keep).to_have_count(0)
        context.close()
