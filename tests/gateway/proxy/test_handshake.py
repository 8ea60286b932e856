"""A 101 and the request that it answers."""

from __future__ import annotations

import pytest

from gateway.proxy.handshake import accept_value, accepted, is_websocket_13
from tests.gateway.proxy.values import facts

# RFC 6455, section 1.3
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
ASKED = facts(
    "GET /ws",
    {"Connection": "Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13"},
)


def test_the_example_of_the_standard() -> None:
    assert accept_value(KEY.encode()) == ACCEPT
    assert accepted(ASKED, [(b"Upgrade", b"websocket"), (b"Sec-WebSocket-Accept", ACCEPT)])


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [(b"Upgrade", b"websocket")],
        [(b"Upgrade", b"h2c"), (b"Sec-WebSocket-Accept", ACCEPT)],
        [(b"Upgrade", b"websocket"), (b"Sec-WebSocket-Accept", ACCEPT[::-1])],
    ],
)
def test_what_was_not_asked_for(answer: list[tuple[bytes, bytes]]) -> None:
    assert not accepted(ASKED, answer)


def test_another_protocol_has_no_key() -> None:
    asked = facts("GET /x", {"Connection": "Upgrade", "Upgrade": "tcp"})
    assert accepted(asked, [(b"upgrade", b"TCP")])
    assert not is_websocket_13(asked)


@pytest.mark.parametrize(("version", "expected"), [("13", True), ("8", False), ("7", False), ("13, 8", False)])
def test_the_version_that_mitmproxy_knows(version: str, expected: bool) -> None:
    asked = facts("GET /x", {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": version})
    assert is_websocket_13(asked) is expected
