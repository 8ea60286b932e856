"""Does a 101 belong to the request that it answers? Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha1

from gateway.proxy.facts import Facts

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION = b"13"


def accepted(facts: Facts, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Did the upstream agree to just what was asked for?

    A WebSocket's accept value must fit the request's key, so that a 101 meant for
    another request, or made up, is not taken.
    """
    answer: dict[bytes, bytes] = {}
    for name, value in headers:
        answer[name.lower()] = value
    if answer.get(b"upgrade", b"").strip().lower() != facts.upgrade.encode("latin-1"):
        return False
    if facts.upgrade != "websocket":
        return True
    key = facts.fields.get(b"sec-websocket-key", b"")
    return answer.get(b"sec-websocket-accept", b"") == accept_value(key)


def is_websocket_13(facts: Facts) -> bool:
    """Will mitmproxy see a WebSocket in it? Older versions would pass it as raw TCP."""
    return facts.upgrade == "websocket" and facts.fields.get(b"sec-websocket-version") == VERSION


def accept_value(key: bytes) -> bytes:
    return b64encode(sha1(key + GUID, usedforsecurity=False).digest())
