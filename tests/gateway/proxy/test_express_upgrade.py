"""Upgrades in the express lane, and what must never become one."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.proxy.handshake import accept_value
from tests.gateway.proxy.playbook import Talk, bearer, fields, get, response, status
from tests.gateway.proxy.values import ME, ORIGIN, OWN_TOKEN, server

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    f"Sec-WebSocket-Key: {KEY.decode()}",
)
TEXT = b"\x81\x85\x00\x00\x00\x00hello"
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + accept_value(KEY) + b"\r\n\r\n"
)


def talk(**route: Any) -> Talk:
    return Talk(server("alice", **route), known=[ME, OWN_TOKEN])


def opened(**route: Any) -> Talk:
    t = talk(**route)
    t.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
    t.upstream().take()
    t.upstream().send(SWITCHED)
    assert status(t.answer()) == 101
    return t


def test_a_websocket_passes_both_ways() -> None:
    t = talk()
    t.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
    head = fields(t.upstream().take())
    assert (head["connection"], head["upgrade"]) == ("Upgrade", "websocket")
    t.client(TEXT)
    assert t.upstream().take() == b""  # not before the upstream has agreed
    t.upstream().send(SWITCHED + b"\x81\x02hi")
    answer = t.answer()
    assert fields(answer)["upgrade"] == "websocket"
    assert answer.endswith(b"\x81\x02hi")
    assert t.upstream().take() == TEXT
    t.client(TEXT)
    assert t.upstream().take() == TEXT
    t.upstream().send(b"\x81\x01!")
    assert t.answer() == b"\x81\x01!"
    assert len(t.desk.live) == 1


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_one_end_ends_the_other(who: str) -> None:
    t = opened()
    t.client_leaves() if who == "client" else t.upstream().leave()
    assert t.upstream().closed
    assert t.closed
    assert '"status":101' in t.book.lines[0]
    assert len(t.desk.live) == 0


def test_who_sends_no_more_may_still_hear_the_other() -> None:
    t = opened()
    t.client(b"\x88\x80\x00\x00\x00\x00")
    t.client_ends()
    assert t.upstream().half_closed
    assert not t.upstream().closed
    t.later(10)
    t.upstream().send(b"\x88\x00")
    assert t.answer() == b"\x88\x00"
    t.later(10)
    t.upstream().end()
    assert t.closed
    assert t.upstream().closed


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_but_not_for_ever(who: str) -> None:
    t = opened()
    t.client_ends() if who == "client" else t.upstream().end()
    assert (t.upstream().half_closed, t.half_closed) == (who == "client", who == "upstream")
    t.later(16)
    assert t.closed
    assert t.upstream().closed
    assert len(t.desk.live) == 0


def test_silence_is_no_reason_to_end_unless_the_route_says_so() -> None:
    t = opened()
    t.later(30 * 86400)
    assert not t.closed
    t = opened(idle_timeout=60)
    for _ in range(3):
        t.later(50)
        t.client(TEXT)
        t.later(50)
        t.upstream().send(b"\x81\x01!")
    t.answer()
    t.later(61)
    assert t.answer() == b"\x88\x02\x03\xe9"
    assert t.closed
    assert t.upstream().closed


def test_a_close_frame_stands_between_frames_only() -> None:
    t = opened()
    assert t.lane.farewell(1008) == b"\x88\x02\x03\xf0"
    t.upstream().send(b"\x81\x7e\x01")
    assert t.lane.farewell(1008) == b""
    t.upstream().send(b"\x00" + b"x" * 255)
    assert t.lane.farewell(1008) == b""
    t.upstream().send(b"x")
    assert t.lane.farewell(1008) != b""


def test_frames_of_the_user_count_as_use_and_pongs_do_not() -> None:
    t = opened()
    t.desk.used.take()
    t.client(b"\x8a\x80\x00\x00\x00\x00")
    assert t.desk.used.take() is None
    t.client(TEXT)
    used = t.desk.used.take()
    assert used is not None
    assert list(used.servers) == ["alice/"]


def test_a_refused_upgrade_leaves_http() -> None:
    """What was sent behind it is a request like any other, and judged as one."""
    t = talk()
    t.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}") + get("/user/bob/secret"))
    t.upstream().take()
    t.upstream().send(response("426 Upgrade Required", "Upgrade: websocket", "Connection: Upgrade"))
    assert t.upstream().take() == b""
    answer = t.answer()
    assert status(answer) == 426
    assert b"HTTP/1.1 403 Forbidden" in answer


@pytest.mark.parametrize("accept", [b"", b"Sec-WebSocket-Accept: " + accept_value(b"other") + b"\r\n"])
def test_a_101_for_another_request_is_not_believed(accept: bytes) -> None:
    t = talk()
    t.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
    t.upstream().send(b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + accept + b"\r\n")
    assert status(t.answer()) == 502
    assert t.upstream().closed


@pytest.mark.parametrize("length", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_an_upgrade_has_no_body(length: str) -> None:
    t = talk()
    t.client(bearer("GET /user/alice/ws", *UPGRADE, length) + get("/user/bob/"))
    assert status(t.answer()) == 400
    assert t.upstreams == []


def test_another_protocol_is_forwarded_plain() -> None:
    """Attack 13: an upstream that speaks h2c must not be asked to."""
    t = talk()
    t.client(bearer("GET /user/alice/x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"))
    head = fields(t.upstream().take())
    assert not {"upgrade", "connection", "http2-settings"} & set(head)
    t.upstream().send(b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
    assert status(t.answer()) == 502


def test_a_foreign_page_opens_no_websocket() -> None:
    t = talk()
    t.client(get("/user/alice/ws", *UPGRADE, "Origin: http://evil.example"))
    assert status(t.answer()) == 403
    assert t.upstreams == []
