"""One line a request, and nothing in it that should not be."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import Any

import pytest

from gateway.channel.messages import MAX_FRAME, Requests
from gateway.proxy.accesslog import AT_ONCE, REMEMBERED, TOGETHER, UNTOLD, AccessLog, ended, line, shown
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Head
from gateway.proxy.gate import Forward
from tests.gateway.proxy.playbook import Talk, get, request, response
from tests.gateway.proxy.values import ME, NOW, PEER, server


def exchange(target: bytes = b"/user/alice/x", **fields: Any) -> Exchange:
    talk = Talk()
    made = talk.desk.exchange(talk.client_connection, PEER, Head(b"GET", target, b"1.1", ()))
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_a_line() -> None:
    forward = Forward(server("alice"), ME, None, upgrade=False)
    made = exchange(forward=forward, user="alice", lane="express", status=200, sent=5, received=7, started=NOW + 0.25)
    assert json.loads(line(ended(made, NOW + 1.5))) == {
        "time": "2027-01-15T08:00:00.250Z", "id": made.id, "client": PEER, "user": "alice", "method": "GET",
        "path": "/user/alice/x", "status": 200, "sent": 5, "received": 7, "seconds": 1.25,
        "route": "server:alice/", "lane": "express",
    }  # fmt: skip


@pytest.mark.parametrize("target", [b'/"},{"user":"bob"', b"/\x1b[31m", b"/\xe2\x80\xae", b"/a\\", b"/\x85\r\n\x00"])
def test_nothing_breaks_a_line(target: bytes) -> None:
    """Attack 34."""
    text = line(ended(exchange(target), NOW))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["path"] == target.decode("latin-1")


def test_what_is_remembered_of_one_request_is_not_told_of_another() -> None:
    long = b"/" + b"x" * REMEMBERED
    asked = [(who, user, target) for who in ("::1", "::2") for user in ("", "a") for target in (b"/", b"/y", long)]
    for _ in range(2):
        lines = [json.loads(line(ended(exchange(t, peer=who, user=user), NOW))) for who, user, t in asked]
        assert [(each["client"], each["user"], each["path"].encode()) for each in lines] == asked


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/x?token=abc&a=1", "/x?token=-&a=1"),
        ("/x?a=1&TOKEN=abc", "/x?a=1&TOKEN=-"),
        ("/x?code=1&state=2&password=3&_xsrf=4", "/x?code=-&state=-&password=-&_xsrf=-"),
        ("/x?tok%65n=abc", "/x?tok%65n=-"),
        ("/x?tokens=abc&q=token", "/x?tokens=abc&q=token"),
        ("/token=abc", "/token=abc"),
        ("/hub/api/authorizations/token/abc", "/hub/api/authorizations/token/-"),
        ("/hub/api/authorizations/cookie/name/abc?token=x", "/hub/api/authorizations/cookie/name/-?token=-"),
        ("/api/shares/abc/accept", "/api/shares/-/accept"),
        ("/b/api/shares/abc", "/b/api/shares/-"),
        ("/hub/api/shares/alice/lab", "/hub/api/shares/alice/lab"),
        ("/x?token=a=b?c", "/x?token=-"),
        ("/%61pi/sh%61res/abc/accept", "/api/shares/-/accept"),
        ("/api/shares%2Fabc", "/api/shares/-"),
        ("/user/a%41/x%2Fy", "/user/a%41/x%2Fy"),
        ("/hub/login?next=%2Fhub%2Faccept-share%3Fcode%3Dabc&x=1", "/hub/login?next=%2Fhub%2Faccept-share%3F-&x=1"),
        ("/hub/login?next=/hub/accept-share?code=abc", "/hub/login?next=/hub/accept-share?-"),
        ("/a?next=%252Fb%253Fcode%253Dabc", "/a?next=%252Fb%253F-"),
        ("/" + "x" * 3000, "/" + "x" * 2047 + "…"),
        ("/x?" + "token=a&" * 1000 + "b", "/x?" + ("token=-&" * 256)[:2045] + "…"),
        ("/x?" + "q" * 2040 + "&token=abc", "/x?" + "q" * 2040 + "&toke…"),
        ("/hub/accept-share/" + "x" * 3000 + "?code=abc", ("/hub/accept-share/" + "x" * 3000)[:2048] + "…"),
    ],
)
def test_secrets_are_not_shown(target: str, expected: str) -> None:
    assert shown(target) == expected


def test_long_targets_do_not_wait_for_one_another() -> None:
    """Anybody may send as many as they like; nobody is served while they are put into words."""
    told: list[Requests] = []

    def tell(some: Requests) -> bool:
        told.append(some)
        return True

    log = AccessLog(None, tell)
    for _ in range(9):
        log.write(exchange(b"/" + b"x" * (AT_ONCE // 5)), NOW)
    assert [len(some.lines) for some in told] == [5]


def test_a_line_is_never_long() -> None:
    """Or a frame of them would be too large for the channel."""
    made = exchange(b"/" + b"\xff" * 60000)
    made.head = Head(b"A" * 60000, made.head.target, b"1.1", ())
    assert len(line(ended(made, NOW))) * TOGETHER * 2 < MAX_FRAME


@pytest.mark.parametrize("part", ["y", "=", "&", "?", "%3f", "%25", "y=", "%253f%25", "/api/shares/", "%41"])
def test_no_target_takes_its_time(part: str) -> None:
    """A worker writes the line between two requests of others."""
    began = time.process_time()
    for before in ("/x", "/x?", "/x?a=", "/hub/login?next=/x?"):
        shown(before + part * (60_000 // len(part)))
    assert time.process_time() - began < 0.5


def test_lines_go_out_together() -> None:
    stream = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(stream))
    book = AccessLog(logger, lambda _: True)
    book.write(exchange(), NOW)
    assert stream.getvalue() == ""
    book.flush()
    book.flush()
    assert len(stream.getvalue().splitlines()) == 1
    for _ in range(TOGETHER):
        book.write(exchange(), NOW)
    assert len(stream.getvalue().splitlines()) == 1 + TOGETHER


def test_the_hub_is_told_even_where_nothing_is_written() -> None:
    told: list[Requests] = []
    book = AccessLog(None, lambda message: told.append(message) is None)
    book.write(exchange(), NOW)
    book.flush()
    book.flush()
    (message,) = told
    assert [json.loads(line)["path"] for line in message.lines] == ["/user/alice/x"]
    assert message.lost == 0


def test_while_the_hub_is_away_lines_wait_in_bounds_and_losses_are_counted() -> None:
    told: list[Requests] = []
    away = True
    book = AccessLog(None, lambda message: not away and told.append(message) is None)
    for _ in range(UNTOLD + 7):
        book.write(exchange(), NOW)
    book.flush()
    assert told == []
    away = False
    book.flush()
    assert [len(message.lines) for message in told] == [TOGETHER] * (UNTOLD // TOGETHER)
    assert [message.lost for message in told] == [7] + [0] * (UNTOLD // TOGETHER - 1)


# ── whose it was ─────────────────────────────────────────────────────────────


def test_the_log_knows_who_was_refused() -> None:
    t = Talk()
    t.client(request("GET /user/bob/") + get("/user/bob/"))
    nobody, alice = map(json.loads, t.book.lines)
    assert (nobody["user"], nobody["status"]) == ("", 403)
    assert (alice["user"], alice["status"], alice["lane"]) == ("alice", 403, "gate")


def test_whose_the_hubs_requests_are_the_hub_says_and_nobody_else() -> None:
    t = Talk()
    t.client(get("/hub/api/user"))
    t.upstream().send(response("200 OK", "X-Hubgate-Caller: %C3%BCn%C3%AF", body=b"x"))
    assert b"caller" not in t.answer().lower()
    t.client(get())
    t.upstream().send(response("200 OK", "X-Hubgate-Caller: root", body=b"x"))
    assert b"caller" not in t.answer().lower()
    assert [json.loads(line)["user"] for line in t.book.lines] == ["ünï", "alice"]


def test_what_providers_send_along_is_not_logged_whatever_they_call_it() -> None:
    assert shown("/hub/auth/p/callback?ticket=ST-1&x=2") == "/hub/auth/p/callback?-"
    assert shown("/base/hub%2fauth/p/callback?ticket=ST-1") == "/base/hub%2fauth/p/callback?-"
    assert shown("/hub/home?ticket=ST-1") == "/hub/home?ticket=ST-1"
