"""What the gate says itself: to people a page, to programs JSON, always the same headers."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway import __version__
from gateway.proxy import gate
from gateway.proxy.answers import Answer, health, redirection, refusal
from gateway.proxy.cookies import clearing
from gateway.proxy.facts import Link, Refuse
from tests.gateway.proxy.values import PAGE, SITE, ask, refused

MARKUP = "<script>alert(1)</script>&\"'"
STOPPED = refused(ask("GET /user/alice/old/", PAGE))


def said(refuse: Refuse, navigation: bool = True, **more: Any) -> Answer:
    return refusal(refuse, request_id="r-1", navigation=navigation, **more)


def header(answer: Answer, name: str) -> list[str]:
    return [value.decode() for key, value in answer.headers if key.lower() == name.lower().encode()]


def test_json() -> None:
    answer = said(STOPPED, navigation=False)
    assert json.loads(answer.body) == {
        "status": 424,
        "message": "The server is not running. It ran out of memory. Start it at /hub/spawn/alice/old.",
    }
    assert header(answer, "content-type") == ["application/json"]
    assert header(answer, "retry-after") == ["30"]


def test_a_page() -> None:
    answer = said(STOPPED)
    text = answer.body.decode()
    assert header(answer, "content-type") == ["text/html; charset=utf-8"]
    assert "<h1>Server not running</h1>" in text
    assert '<a href="/hub/spawn/alice/old?next=%2Fuser%2Falice%2Fold%2F">Start the server</a>' in text
    assert "It ran out of memory." in text
    assert "Request r-1" in text
    assert "Start it at /hub" not in text  # that is for programs; here is a button


ALL = [
    STOPPED,
    gate.HUB_AWAY,
    gate.NOT_FOUND,
    gate.ANONYMOUS,
    gate.NOT_ALLOWED,
    gate.UNKNOWN_TOKEN,
    *(Refuse(status, "Words.") for status in (400, 401, 403, 404, 405, 408, 413, 414, 417, 421, 424, 429, 431)),
    *(Refuse(status, "Words.") for status in (500, 502, 503, 504, 505)),
    *(Refuse(403, "Words.", reason) for reason in ("source", "xsrf", "host", "starting", "stopping", "stopped")),
]


@pytest.mark.parametrize("refuse", ALL, ids=lambda refuse: f"{refuse.status} {refuse.reason}")
@pytest.mark.parametrize("navigation", [True, False])
def test_every_answer_is_whole_and_kept_by_nobody(refuse: Refuse, navigation: bool) -> None:
    answer = said(refuse, navigation)
    raw = bytes(answer)
    first, *_ = raw.split(b"\r\n")
    assert re.fullmatch(rb"HTTP/1\.1 %d [A-Z][A-Za-z -]+" % refuse.status, first)
    assert raw.endswith(b"\r\n\r\n" + answer.body)
    expected = {
        "Content-Length": str(len(answer.body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-JupyterHub-Version": "6.1.1",
        "X-Hubgate-Version": __version__,
        "X-Request-Id": "r-1",
    }
    assert {name: header(answer, name) for name in expected} == {name: [value] for name, value in expected.items()}
    (policy,) = header(answer, "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("frame-ancestors 'none'")
    assert refuse.message in answer.body.decode()


class _Reader(HTMLParser):
    """The page as a tree of tags would be; unclosed ones are an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data


@pytest.mark.parametrize("refuse", ALL, ids=lambda refuse: f"{refuse.status} {refuse.reason}")
def test_a_page_is_sound_and_its_style_is_allowed(refuse: Refuse) -> None:
    answer = said(refuse)
    page = _Reader()
    page.feed(answer.body.decode())
    assert page.open == []
    assert page.tags.count("h1") == page.tags.count("title") == page.tags.count("main") == 1
    assert "script" not in page.tags
    (policy,) = header(answer, "Content-Security-Policy")
    assert f"'sha256-{b64encode(sha256(page.style.encode()).digest()).decode()}'" in policy


def test_markup_stays_text() -> None:
    answer = refusal(
        Refuse(424, MARKUP, "stopped", f"Its owner {MARKUP}", links=(Link(MARKUP, f'/x"{MARKUP}'),)),
        request_id=MARKUP,
        navigation=True,
    )
    page = _Reader()
    page.feed(answer.body.decode())
    assert "script" not in page.tags
    assert page.open == []
    assert MARKUP.encode() not in answer.body


def test_a_page_says_whose_move_it_is() -> None:
    guest = Refuse(424, "The server is not running.", "stopped", "Its owner can start it.")
    assert b"Its owner can start it." in said(guest).body


def test_head_has_the_length_and_no_body() -> None:
    answer = said(gate.NOT_FOUND, method="HEAD")
    assert bytes(answer).endswith(b"\r\n\r\n")
    assert header(answer, "content-length") == [str(len(said(gate.NOT_FOUND).body))]


def test_the_last_answer_on_a_connection() -> None:
    for answer in (
        said(gate.NOT_FOUND, close=True),
        redirection("/", request_id="r-1", close=True),
        health(True, request_id="r-1", close=True),
    ):
        assert header(answer, "connection") == ["close"]
    assert header(said(gate.NOT_FOUND), "connection") == []


def test_a_401_names_the_scheme() -> None:
    assert header(said(Refuse(401, "No.", bearer=True), False), "www-authenticate") == ["Bearer"]
    assert header(said(Refuse(403, "No."), False), "www-authenticate") == []


def test_a_redirect() -> None:
    answer = redirection("/hub/login?next=%2F", request_id="r-1")
    assert bytes(answer).startswith(b"HTTP/1.1 302 Found\r\nLocation: /hub/login?next=%2F\r\n")
    assert (answer.body, header(answer, "content-length")) == (b"", ["0"])


def test_cookies_are_cleared_along_the_way() -> None:
    extra = clearing(SITE, "/hub/home")
    assert header(redirection("/", request_id="r", extra=extra), "set-cookie") == [value.decode() for _, value in extra]
    assert header(said(gate.ANONYMOUS, False, extra=extra), "set-cookie")


def test_health() -> None:
    assert health(True, request_id="r").status == 200
    assert health(False, request_id="r").status == 503


def test_strangers_get_the_same_bytes_for_every_name() -> None:
    """Only the request's id differs, and that has the same length for all."""
    targets = [f"GET /user/{name}/" for name in ("bob", "nobody", "x%20y", "bob/gpu")]
    answers = {bytes(said(refused(ask(target, PAGE)))) for target in targets}
    assert len(answers) == 1
