"""The flow lane: mitmproxy's own HTTP layer between the same client and upstream, with an addon that looks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mitmproxy.http import HTTPFlow, Response
from mitmproxy.proxy.layers.http import _hooks as http_hooks
from mitmproxy.proxy.layers.websocket import WebsocketMessageHook

from gateway.hookspecs import Addon, Match
from gateway.proxy.frames import close_frame
from tests.gateway.proxy.playbook import Talk, bearer, fields, get, response, status
from tests.gateway.proxy.test_express_upgrade import KEY, SWITCHED, TEXT, UPGRADE
from tests.gateway.proxy.values import ME, ORIGIN, OWN_TOKEN, SECRET, server, user

BOB = user("bob", "b" * 43)


class Looker:
    """Remembers what it saw."""

    def __init__(self) -> None:
        self.saw: list[str] = []
        self.messages: list[bytes] = []
        self.kept: list[int] = []
        self.flows: list[HTTPFlow] = []

    def requestheaders(self, flow: HTTPFlow) -> None:
        self.saw.append(f"{flow.request.method} {flow.request.path}")
        self.flows.append(flow)

    def response(self, flow: HTTPFlow) -> None:
        assert flow.response
        self.saw.append(str(flow.response.status_code))

    def error(self, flow: HTTPFlow) -> None:
        self.saw.append(f"error: {flow.error}")

    def websocket_message(self, flow: HTTPFlow) -> None:
        assert flow.websocket
        self.kept.append(len(flow.websocket.messages))
        self.messages.append(flow.websocket.messages[-1].content)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self.saw.append("end")


def talk(addon: Any = None, **match: Any) -> tuple[Talk, Any]:
    addon = addon or Looker()
    addons = [Addon("look", Match(**{"path": "/user/alice/seen", **match}), addon)]
    return Talk(known=[ME, OWN_TOKEN, BOB], addons=addons), addon


def test_only_what_matches_goes_through_mitmproxy() -> None:
    t, looker = talk()
    t.client(get("/user/alice/other"))
    t.upstream().send(response(body=b"1"))
    t.client(get("/user/alice/seen?x=1"))
    got = t.upstream().take()
    assert got.startswith(b"GET /user/alice/seen?x=1 HTTP/1.1\r\n")
    assert fields(got)["authorization"] == f"token {SECRET}"
    assert b"hubgate-session" not in got
    t.upstream().send(response("200 OK", "Set-Cookie: hubgate-session=evil", "X-Hubgate-Y: 1", body=b"2"))
    t.client(get("/user/alice/other"))
    t.upstream(0).send(response(body=b"3"))
    answer = t.answer()
    assert b"evil" not in answer
    assert [part[-1:] for part in answer.split(b"HTTP/1.1 200 OK")[1:]] == [b"1", b"2", b"3"]
    assert looker.saw == ["GET /user/alice/seen?x=1", "200"]
    assert [json.loads(line)["lane"] for line in t.book.lines] == ["express", "flow", "express"]


def test_refusals_are_the_same_and_no_addon_sees_them() -> None:
    t, looker = talk(path="/user/")
    t.client(get("/user/bob/seen"))
    express = Talk(known=[ME])
    express.client(get("/user/bob/seen"))
    ours, theirs = t.answer(), express.answer()
    assert ours.partition(b"X-Request-Id")[0] == theirs.partition(b"X-Request-Id")[0]
    assert looker.saw == []


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_match_by_user(who: str) -> None:
    t, looker = talk(path="", users=("bob",))
    t.client(get(f"/user/{who}/x", value=who[0] * 43))
    assert bool(looker.saw) is (who == "bob")


def test_bodies_are_streamed_both_ways() -> None:
    t, looker = talk()
    t.client(bearer("PUT /user/alice/seen", "Content-Length: 6") + b"abc")
    assert t.upstream().take().endswith(b"\r\n\r\nabc")
    t.client(b"def" + get("/user/alice/other"))
    assert t.upstream().take() == b"def"
    t.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nghi")
    assert t.answer().endswith(b"\r\n\r\nghi")
    t.upstream().send(b"jkl")
    assert t.answer() == b"jkl"
    assert t.upstream().take().startswith(b"GET /user/alice/other ")
    assert looker.saw == ["PUT /user/alice/seen", "200"]


def test_trailers_and_interim_responses_do_not_reach_mitmproxy() -> None:
    t, _ = talk()
    t.client(bearer("POST /user/alice/seen", "Transfer-Encoding: chunked") + b"3;x\r\nabc\r\n0\r\nX-T: 1\r\n\r\n")
    assert t.upstream().take().endswith(b"3\r\nabc\r\n0\r\n\r\n")
    t.upstream().send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    t.upstream().send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n"
    )
    answer = t.answer()
    assert answer.endswith(b"2\r\nok\r\n0\r\n\r\n")
    assert not t.closed


def test_a_body_until_the_end_of_its_connection() -> None:
    t, _ = talk()
    t.client(get("/user/alice/seen"))
    t.upstream().send(response(length=False, body=b"part"))
    t.upstream().end()
    assert t.answer().endswith(b"4\r\npart\r\n0\r\n\r\n")
    assert t.upstream().closed
    assert not t.closed
    t.client(get("/user/alice/seen"))
    assert len(t.upstreams) == 2


def test_an_old_client() -> None:
    t, _ = talk()
    t.client(bearer("GET /user/alice/seen", version="1.0"))
    t.upstream().send(response("200 OK", "Transfer-Encoding: chunked", length=False, body=b"2\r\nok\r\n0\r\n\r\n"))
    answer = t.answer()
    assert answer.endswith(b"\r\n\r\nok")
    assert "transfer-encoding" not in fields(answer)
    assert t.closed


@pytest.mark.parametrize(("problem", "expected"), [("Connection refused", 503), ("timed out", 504)])
def test_an_upstream_that_cannot_be_reached(problem: str, expected: int) -> None:
    t, looker = talk()
    t.connect_problem = problem
    t.client(get("/user/alice/seen"))
    assert status(t.answer()) == expected
    assert looker.saw[-1].startswith("error:")
    t.connect_problem = None
    t.client(get("/user/alice/seen"))
    assert t.upstream().take()


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", b"HTTP/1.1 1", b"ICY\r\n\r\n"]
)
def test_an_upstream_that_fails(answer: bytes) -> None:
    t, looker = talk()
    t.client(get("/user/alice/seen"))
    if answer:
        t.upstream().send(answer)
    if not t.upstream().closed:
        t.upstream().end()
    assert status(t.answer()) == 502
    assert looker.saw[-1].startswith("error:")
    assert t.upstream().closed
    assert not t.closed


def test_an_idle_upstream_must_be_silent() -> None:
    t, _ = talk()
    t.client(get("/user/alice/seen"))
    t.upstream().send(response())
    t.answer()
    t.upstream().send(response("200 Poison"))
    assert t.upstream().closed
    t.client(get("/user/alice/seen"))
    assert len(t.upstreams) == 2
    assert t.answer() == b""


def test_a_new_generation_is_another_upstream() -> None:
    t, _ = talk()
    t.client(get("/user/alice/seen"))
    t.upstream().send(response())
    t.replica.table = t.replica.table.changed(put=[server("alice", generation=2)])
    t.client(get("/user/alice/seen"))
    assert t.upstream(0).closed
    assert len(t.upstreams) == 2


def test_pipelined_requests_wait() -> None:
    t, looker = talk()
    t.client(get("/user/alice/seen?1") + get("/user/alice/seen?2"))
    assert looker.saw == ["GET /user/alice/seen?1"]
    t.upstream().send(response())
    assert looker.saw == ["GET /user/alice/seen?1", "200", "GET /user/alice/seen?2"]


def test_a_client_that_leaves() -> None:
    t, looker = talk()
    t.client(get("/user/alice/seen"))
    t.client_leaves()
    assert t.upstream().closed
    assert t.closed
    assert looker.saw[-1].startswith("error:")


# ── addons that act ──────────────────────────────────────────────────────────


class Refuser:
    def requestheaders(self, flow: HTTPFlow) -> None:
        flow.response = Response.make(418, b"no", {"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    "lines", [(), ("Content-Length: 5",), ("Content-Length: 100000000",), ("Transfer-Encoding: chunked",)]
)
def test_an_addon_may_answer_itself(lines: tuple[str, ...]) -> None:
    t, _ = talk(Refuser())
    t.client(bearer("POST /user/alice/seen", *lines) + (b"01234" if lines else b""))
    assert status(t.answer()) == 418
    assert t.upstreams == []


class Buffering:
    def responseheaders(self, flow: HTTPFlow) -> None:
        assert flow.response
        flow.response.stream = False

    def response(self, flow: HTTPFlow) -> None:
        assert flow.response
        flow.response.text = (flow.response.text or "").upper()


def test_an_addon_may_change_a_body() -> None:
    t, _ = talk(Buffering())
    t.client(get("/user/alice/seen"))
    t.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
    assert t.answer() == b""
    t.upstream().send(b"llo")
    assert t.answer().endswith(b"HELLO")


class Killer:
    def response(self, flow: HTTPFlow) -> None:
        flow.kill()


def test_an_addon_may_kill() -> None:
    t, _ = talk(Killer())
    t.client(get("/user/alice/seen"))
    t.upstream().send(response("200 OK", body=b"x"))
    assert t.closed


def test_a_slow_hook_stops_the_reading() -> None:
    t, _ = talk()
    t.hold = (http_hooks.HttpRequestHeadersHook,)
    t.client(bearer("PUT /user/alice/seen", "Content-Length: 1000000"))
    t.client(b"x" * 70_000)
    assert t.lane.full
    assert t.lane.choked
    hook = t.waiting.pop()
    assert isinstance(hook, http_hooks.HttpRequestHeadersHook)
    t.hold = ()
    t.completed(hook)
    assert not t.lane.full
    assert t.upstream().take().endswith(b"x" * 70_000)


# ── WebSockets ───────────────────────────────────────────────────────────────


def websocket() -> tuple[Talk, Any]:
    t, looker = talk()
    t.client(get("/user/alice/seen", *UPGRADE, f"Origin: {ORIGIN}"))
    assert fields(t.upstream().take())["upgrade"] == "websocket"
    assert t.lane.farewell(1008) == b""
    t.upstream().send(SWITCHED)
    assert status(t.answer()) == 101
    return t, looker


def test_websocket_messages_are_seen_and_forgotten() -> None:
    t, looker = websocket()
    for _ in range(3):
        t.client(TEXT)
    t.upstream().send(b"\x81\x02hi")
    assert looker.messages == [b"hello"] * 3 + [b"hi"]
    assert looker.kept == [1] * 4
    assert t.answer() == b"\x81\x02hi"
    assert len(t.upstream().take()) == 3 * len(TEXT)
    assert t.lane.farewell(1008) == close_frame(1008)
    assert len(t.desk.live) == 1


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_one_end_ends_the_other(who: str) -> None:
    t, looker = websocket()
    t.client_leaves() if who == "client" else t.upstream().end()
    assert t.upstream().closed
    assert t.closed
    assert looker.saw[-1] == "end"
    assert len(t.desk.live) == 0


@pytest.mark.parametrize("version", ["7", "8", ""])
def test_what_mitmproxy_would_not_see_is_no_websocket(version: str) -> None:
    """Attack 5: with another version the frames would pass as raw TCP."""
    t, _ = talk()
    upgrade = [line.replace("13", version) for line in UPGRADE]
    t.client(get("/user/alice/seen", *upgrade, f"Origin: {ORIGIN}"))
    t.upstream().send(SWITCHED)
    assert status(t.answer()) == 502
    assert t.upstream().closed


def test_a_101_for_another_key_is_not_believed() -> None:
    t, _ = talk()
    t.client(get("/user/alice/seen", *UPGRADE, f"Origin: {ORIGIN}"))
    t.upstream().send(SWITCHED.replace(b"Accept: ", b"Accept: x"))
    assert status(t.answer()) == 502


def test_the_key_is_passed_on() -> None:
    t, _ = talk()
    t.client(get("/user/alice/seen", *UPGRADE, f"Origin: {ORIGIN}"))
    assert fields(t.upstream().take())["sec-websocket-key"] == KEY.decode()


def test_a_slow_message_hook() -> None:
    t, _ = websocket()
    t.hold = (WebsocketMessageHook,)
    t.upstream().send(b"\x81\x02hi")
    assert t.answer() == b""
    assert not t.lane.choked
    t.upstream().send(b"\x82\x7f" + (100_000).to_bytes(8) + b"x" * 100_000)
    assert t.lane.choked
    hook = t.waiting.pop()
    assert isinstance(hook, WebsocketMessageHook)
    t.completed(hook)  # the next message's begins at once
    assert t.lane.choked
    hook = t.waiting.pop()
    assert isinstance(hook, WebsocketMessageHook)
    t.completed(hook)
    assert not t.lane.choked
    assert len(t.answer()) > 100_000


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_a_message_that_mitmproxy_would_hold_for_too_long(who: str) -> None:
    t, looker = websocket()
    mask = b"\x00" * 4 if who == "client" else b""
    top = b"\xff" if who == "client" else b"\x7f"
    say = t.client if who == "client" else t.upstream().send
    say(b"\x01" + top + (20_000_000).to_bytes(8) + mask + b"x" * 20_000_000)
    assert t.answer() == b""
    say(b"\x00" + top + (20_000_000).to_bytes(8) + mask)
    assert t.answer() == close_frame(1009)
    assert t.closed
    assert t.upstream().closed
    assert looker.messages == []
    assert "websocket_end" in t.hooks


def test_compression_is_not_offered_and_not_believed() -> None:
    """What is small on the wire may be very large for mitmproxy."""
    t, _ = talk()
    t.client(get("/user/alice/seen", *UPGRADE, f"Origin: {ORIGIN}", "Sec-WebSocket-Extensions: permessage-deflate"))
    assert "sec-websocket-extensions" not in fields(t.upstream().take())
    t.upstream().send(SWITCHED.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"))
    assert status(t.answer()) == 502
