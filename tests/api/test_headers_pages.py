"""No page can be framed, and none runs or loads what is not its own: every page, read off the app, in every state."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from falcon import testing

from gateway.hub.core import Hub
from tests.api.person import FORM, HOST, NAVIGATE, Person
from tests.api.urlmap import changing, pages

POLICY = re.compile(
    r"default-src 'none'; script-src 'nonce-([A-Za-z0-9_-]{22})'; style-src 'nonce-\1'; img-src 'self'; "
    r"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
BARE = "default-src 'none'; frame-ancestors 'none'"
"""Of an answer that is no page."""
REFERRER = ("same-origin", "strict-origin")
"""The second for pages whose address holds a secret; `no-referrer` would take the forms' `Origin` away."""


class _Page(HTMLParser):
    """Looks for what the policy is there to stop, and for what carries its nonce."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.nonces: set[str] = set()
        self.wrong: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside = tag
        self.wrong += [f"<{tag} {name}>" for name in given if name.startswith("on") or name in ("style", "srcdoc")]
        self.wrong += [f"<{tag}> {value}" for value in given.values() if "javascript:" in value.lower()]
        if tag in ("style", "iframe", "object", "embed", "base", "img"):
            self.wrong.append(f"<{tag}>")
        if tag == "script" or given.get("rel") == "stylesheet":
            self.nonces.add(given.get("nonce", ""))
            address = given.get("src") or given.get("href", "")
            if not address.startswith("/hub/static/"):
                self.wrong.append(f"<{tag}> of {address!r}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style") and data.strip():
            self.wrong.append(f"<{self.inside}> {data}")


def check(result: testing.Result, where: str) -> None:
    headers = result.headers
    assert headers["X-Frame-Options"] == "DENY", where
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert headers["Referrer-Policy"] in REFERRER, where
    assert headers["Cache-Control"] in ("no-store", "no-cache"), where
    policy = headers["Content-Security-Policy"]
    if not headers.get("Content-Type", "").startswith("text/html"):
        assert policy == BARE, where
        return
    assert headers["Cache-Control"] == "no-store", where
    found = POLICY.fullmatch(policy)
    assert found, (where, policy)
    page = _Page(result.text)
    assert page.wrong == [], where
    assert page.nonces == ({found[1]} if result.text else set()), where


@pytest.fixture(params=["", "alice", "root"], ids=["a stranger", "a user", "an administrator"])
async def somebody(request: pytest.FixtureRequest, hub: Hub, stranger: Person) -> Person:
    await hub.groups.add(["team"], ["alice"])
    await hub.servers.start("alice", "gpu", "slow")
    if request.param:
        await stranger.log_in(request.param)
    return stranger


async def test_every_page(somebody: Person) -> None:
    """To those whom it is for and to others; by `HEAD`; and with what it cannot read."""
    for route in sorted(pages(), key=lambda route: route.template == "hub/logout"):
        for path in (route.path(), f"{route.path()}?offset=x&code=x&q=%00&before=x"):
            check(await somebody.page(path), path)
        check(await somebody.send("HEAD", route.path(), headers=NAVIGATE), f"HEAD {route.path()}")


@pytest.mark.parametrize("phase", ["quick", "slow", "bad"])
async def test_a_server_in_each_state(hub: Hub, alice: Person, phase: str) -> None:
    await hub.servers.start("alice", "", phase)
    if phase != "slow":
        await hub.servers.wait("alice", "", 5)
    for path in ("hub/home", "hub/spawn", "hub/spawn-pending/alice", "hub/log/alice"):
        check(await alice.page(path), path)


async def test_the_answer_to_every_form(somebody: Person) -> None:
    """One that is nonsense, or none of ours, or too large, or of a type that is no form."""
    for route in changing():
        if route.of_api:
            continue
        path = route.path()
        check(await somebody.post(path, {"x": "1"}), path)
        check(await somebody.post(path, {"x": "1" * 2_000_000}), path)
        check(await somebody.post(path, {"x": "1"}, Content_Type="text/plain"), path)
        check(await somebody.post(path, {"x": "1"}, Origin="http://evil.example"), path)
        if (await somebody.page("hub/token")).status_code == 200:
            check(await somebody.submit(path, {"x": "1"}, page="hub/token"), path)


@pytest.mark.parametrize("path", ["hub/nothing", "hub/home", "hub/stop/alice", "x", "hub/static/x", "hub/health"])
async def test_what_is_not_there_or_not_so(root: Person, path: str) -> None:
    headers = NAVIGATE | {"Content-Type": FORM, "Origin": f"http://{HOST}"}
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        check(await root.send(method, path, headers=headers), f"{method} {path}")


async def test_a_bug(hub: Hub, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("<script>alert(1)</script>")

    monkeypatch.setattr(hub.servers, "of_user", broken)
    result = await root.page("hub/home")
    assert result.status_code == 500
    check(result, "a bug")
    assert "ZeroDivision" not in result.text
