"""How long each side may take, and what a client is told that has sent all and waits; in both lanes."""

from __future__ import annotations

from typing import Any

import pytest
from mitmproxy.proxy import commands

from gateway.hookspecs import Addon, Match
from tests.gateway.proxy.playbook import Talk, bearer, get, response, status
from tests.gateway.proxy.values import ME, OWN_TOKEN, server, site

UPLOAD = bearer("PUT /user/alice/x", "Content-Length: 10")
CHUNKED = bearer("PUT /user/alice/x", "Transfer-Encoding: chunked")


@pytest.fixture(params=["express", "flow"])
def lane(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def talk(lane: str, most: int = 0, **route: Any) -> Talk:
    addons = [Addon("all", Match(path="/"), object())] if lane == "flow" else []
    return Talk(server("alice", **route), known=[ME, OWN_TOKEN], addons=addons, site=site(max_body=most))


def logged(t: Talk, lane: str) -> None:
    assert f'"lane":"{lane}"' in t.book.lines[0]


# ── time ─────────────────────────────────────────────────────────────────────


def test_an_upstream_that_does_not_answer(lane: str) -> None:
    t = talk(lane)
    t.client(get())
    t.later(299)
    assert t.answer() == b""
    t.later(2)
    assert status(t.answer()) == 504
    assert t.upstream().closed
    assert not t.closed
    t.client(get())
    t.upstream().send(response(body=b"x"))
    assert status(t.answer()) == 200


def test_the_time_is_the_routes(lane: str) -> None:
    t = talk(lane, response_timeout=5)
    t.client(UPLOAD)
    for _ in range(10):
        t.later(6)  # an upload may take longer than that
        t.client(b"x")
    t.later(6)
    assert status(t.answer()) == 504
    t = talk(lane, response_timeout=0)
    t.client(get())
    t.later(86400 * 30)
    assert t.answer() == b""


def test_what_has_begun_may_go_on(lane: str) -> None:
    """Server-sent events, a long answer."""
    t = talk(lane)
    t.client(get())
    t.upstream().send(response(length=False, body=b"data: 1\n\n"))
    assert b"data: 1\n\n" in t.answer()
    t.later(86400)
    t.upstream().send(b"data: 2\n\n")
    assert b"data: 2\n\n" in t.answer()
    assert not t.closed


def test_an_upload_that_stops(lane: str) -> None:
    t = talk(lane)
    t.client(UPLOAD + b"x")
    t.later(59)
    t.client(b"x")
    t.later(59)
    assert t.answer() == b""
    t.later(2)
    assert status(t.answer()) == 408
    assert t.upstream().closed
    assert t.half_closed or t.closed


def test_nobody_is_blamed_while_he_is_not_read(lane: str) -> None:
    """The upstream takes its time over what has come."""
    t = talk(lane)
    t.client(UPLOAD + b"x")
    t.later(61, held=True)
    assert t.answer() == b""
    t.later(59)
    t.client(b"x" * 9)
    t.upstream().send(response("201 Created"))
    assert status(t.answer()) == 201


def test_who_waits_for_a_100_is_not_late() -> None:
    t = talk("express")
    t.client(bearer("PUT /user/alice/x", "Content-Length: 3", "Expect: 100-continue"))
    t.later(200)
    assert t.answer() == b""
    t.later(101)
    assert status(t.answer()) == 504


def test_blank_lines_are_no_head() -> None:
    t = talk("express")
    for _ in range(3):
        t.client(b"\r\n")
        t.later(9)
    assert t.closed


# ── size ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("gateway", "route", "whose"), [(5, 0, "the gateway's"), (0, 5, "this server's"), (9, 5, "this server's")]
)
def test_a_body_that_is_too_large_names_the_limit_and_whose_it_is(
    lane: str, gateway: int, route: int, whose: str
) -> None:
    t = talk(lane, gateway, max_body=route)
    t.client(CHUNKED + b"5\r\n01234\r\n")
    assert t.upstream().take().endswith(b"5\r\n01234\r\n")
    t.client(b"1\r\n5\r\n")
    answer = t.answer()
    assert status(answer) == 413
    assert f"larger than 5 bytes, {whose} limit".encode() in answer
    assert not t.upstream().take().endswith(b"0\r\n\r\n")


def test_a_length_that_is_too_large_reaches_nobody(lane: str) -> None:
    t = talk(lane, max_body=9)
    t.client(UPLOAD + b"0123456789")
    assert status(t.answer()) == 413
    assert t.upstreams == []
    t.client(bearer("PUT /user/alice/x", "Content-Length: 9") + b"012345678")
    assert t.upstream().take().endswith(b"\r\n\r\n012345678")


# ── a client that has said all ───────────────────────────────────────────────


def test_it_gets_its_answer(lane: str) -> None:
    t = talk(lane)
    t.client(get("/user/alice/1") + get("/user/alice/2"))
    t.client_ends()
    for number in (b"1", b"2"):
        t.later(14)
        assert b"GET /user/alice/" + number in t.upstream().take()
        t.upstream().send(response(length=False, body=number))
        t.later(14)
        t.upstream().send(number)
        t.upstream().end()
    answer = t.answer()
    assert answer.count(b"200 OK") == 2
    assert t.closed
    assert all(upstream.closed for upstream in t.upstreams)
    logged(t, lane)


def test_also_when_nobody_was_connected_yet(lane: str) -> None:
    t = talk(lane)
    t.hold = (commands.OpenConnection,)
    t.client(CHUNKED + b"1\r\nx\r\n0\r\n\r\n")
    t.client_ends()
    t.connect()
    assert t.upstream().take().endswith(b"1\r\nx\r\n0\r\n\r\n")
    t.upstream().send(response("201 Created"))
    assert status(t.answer()) == 201
    assert t.closed


def test_what_comes_before_the_connect_is_bounded(lane: str) -> None:
    """Attack 36: the client is not read while nobody is connected, whatever it has to send."""
    t = talk(lane)
    t.hold = (commands.OpenConnection,)
    t.client(bearer("PUT /user/alice/x", "Content-Length: 300000"))
    t.client(b"x" * 100_000)
    assert t.lane.full
    t.client(b"x" * 200_000)  # was in the socket already
    t.connect()
    assert not t.lane.full
    assert t.upstream().take().count(b"x" * 1000) == 300
    t.upstream().send(response("201 Created"))
    assert status(t.answer()) == 201


def test_it_may_be_gone_altogether(lane: str) -> None:
    t = talk(lane)
    t.client(get())
    t.client_ends()
    assert not t.upstream().closed
    t.later(16)
    assert t.closed
    assert t.upstream().closed
    assert len(t.desk.live) == 0


def test_half_a_body_is_no_request(lane: str) -> None:
    t = talk(lane)
    t.client(UPLOAD + b"x")
    t.client_ends()
    assert t.closed
    assert t.upstream().closed


def test_half_a_body_before_the_connect_is_none_either() -> None:
    t = talk("express")
    t.hold = (commands.OpenConnection,)
    t.client(UPLOAD + b"x")
    t.client_ends()
    t.connect()
    assert t.upstream().take() == b""
    assert status(t.answer()) == 400
    assert t.closed


def test_half_a_head_is_none(lane: str) -> None:
    t = talk(lane)
    t.client(get() + get()[:20])
    t.client_ends()
    t.upstream().send(response(body=b"x"))
    assert t.answer().count(b"HTTP/1.1") == 1
    assert t.closed
