"""Which of what a client sends is a person's doing, and which an open tab does by itself. Pure.

Watched at a JupyterLab that nobody touches: every ten seconds it asks for kernels, sessions, terminals and the
files in view, and *writes* its workspace; whenever a WebSocket is opened again, it asks the kernel who it is.
A script's GET is therefore no use of a server, and of what changes something and of WebSocket messages only
what is not named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.proxy.facts import Facts
from gateway.proxy.frames import Frames
from gateway.routes import Segments

READING = ("GET", "HEAD", "OPTIONS")
POLLED = ("kernels", "sessions", "terminals", "kernelspecs", "contents", "status", "me", "metrics")
"""What clients without a page look at again and again, below a Jupyter server's `api/`."""
AUTOMATIC = (("lab", "api", "workspaces"), ("events", "get_events"))
"""JupyterLab keeps what it shows; RStudio waits for events. Neither is asked by a person."""
LOOKED_AT = 4096
"""Bytes of a message's beginning; the header of a kernel message is among them."""
AGAIN = 5.0
"""Seconds after a use for which further messages of a WebSocket are not looked at."""

_MESSAGE = re.compile(rb'"msg_type":\s*"(\w+)"')
_ASKED_BY_ITSELF = (b"kernel_info_request", b"comm_info_request")
_DEBUGGER = b"debug_request"
_DEBUGGER_BY_ITSELF = b'"debugInfo"'


def is_use(facts: Facts, prefix: Segments) -> bool:
    """Does this request to the server at `prefix` count as use of it? Of a WebSocket, the messages do."""
    if facts.upgrade:
        return False
    if facts.navigation:
        return True
    below = facts.segments[len(prefix) :]
    if facts.method not in READING:
        return not any(below[: len(each)] == each for each in AUTOMATIC)
    if b"sec-fetch-dest" in facts.fields or b"sec-fetch-mode" in facts.fields:
        return False  # a page's script, style or picture
    return not (below[:1] == ("api",) and below[1:2] and below[1] in POLLED)


class Listening:
    """What the client of one WebSocket sends."""

    __slots__ = ("_below", "_told", "frames")

    def __init__(self, facts: Facts, prefix: Segments) -> None:
        self._below = facts.segments[len(prefix) :]
        self._told = 0.0
        self.frames = Frames()

    def heard(self, data: bytes, now: float) -> bool:
        """Follow the frames. Is use to be noted? Pongs come by themselves."""
        frames = self.frames
        whole, before = frames.between, frames.data_frames
        frames.feed(data)
        if frames.data_frames == before or now < self._told:
            return False
        if whole and not any(self._counts(each) for each in messages(data)):
            return False
        self._told = now + AGAIN
        return True

    def _counts(self, message: bytes) -> bool:
        match self._below:
            case ("api", "kernels", _, "channels"):
                found = _MESSAGE.search(message)
                kind = found[1] if found else b""
                return kind not in _ASKED_BY_ITSELF and not (kind == _DEBUGGER and _DEBUGGER_BY_ITSELF in message)
            case ("terminals", "websocket", *_):
                return not message.startswith(b'["set_size"')
            case ("api", "collaboration", *_):
                return message[:2] in (b"\0\2", b"\0\1")  # a change; the rest says who is there
            case _:
                return True


def messages(data: bytes) -> Iterator[bytes]:
    """The beginnings of the client's data frames in `data`, which begins with a frame."""
    position, size = 0, len(data)
    while size - position >= 6:
        length = data[position + 1] & 0x7F
        extra = {126: 2, 127: 8}.get(length, 0)
        if extra:
            length = int.from_bytes(data[position + 2 : position + 2 + extra])
        masked = data[position + 1] & 0x80
        start = position + 2 + extra + (4 if masked else 0)
        if 0 < data[position] & 0x0F < 8:
            seen = data[start : start + min(length, LOOKED_AT)]
            yield unmasked(seen, data[start - 4 : start]) if masked else seen
        position = start + length


def unmasked(payload: bytes, mask: bytes) -> bytes:
    """Or masked, which is the same."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
