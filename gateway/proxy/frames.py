"""Follows WebSocket frames in a byte stream, without holding or changing them. Sans-io.

It tells whether the stream stands between two frames, where a close frame can be
slipped in, and whether data frames passed (pings and pongs are no use of a server).
"""

from __future__ import annotations

import struct

CONTINUATION, TEXT, BINARY, CLOSE = 0, 1, 2, 8
REASON = 123
"""Bytes that a close frame has for its reason."""


class Frames:
    """One direction of a WebSocket."""

    __slots__ = ("_header", "_left", "closed", "data_frames", "message", "parts")

    def __init__(self) -> None:
        self._header = b""
        """The part of a frame's header that has come."""
        self._left = 0
        """Payload bytes of the current frame that are still to come."""
        self.data_frames = 0
        self.closed = False
        """A close frame has passed."""
        self.message = 0
        """Payload bytes that the frames of the last message have announced so far."""
        self.parts = 0
        """Frames of the last message so far."""

    @property
    def between(self) -> bool:
        """Is every frame that began complete?"""
        return self._left == 0 and not self._header

    def feed(self, data: bytes) -> None:
        position = 0
        size = len(data)
        if size > 1 and not self._left and not self._header:
            # One short message, whole: what most chunks are.
            short = data[1] & 0x7F
            if short < 126 and size == short + (6 if data[1] & 0x80 else 2) and 0 < data[0] & 0x0F < CLOSE:
                self.data_frames += 1
                self.message, self.parts = short, 1
                return
        if self._header:
            data = self._header + data
            size = len(data)
            self._header = b""
        while position < size:
            if self._left:
                step = min(self._left, size - position)
                self._left -= step
                position += step
                continue
            length = self._header_at(data, position, size)
            if length == 0:
                self._header = data[position:]
                return
            position += length

    def _header_at(self, data: bytes, position: int, size: int) -> int:
        """Read the header at `position`; gives its length, 0 if it is incomplete."""
        if size - position < 2:
            return 0
        masked = 4 if data[position + 1] & 0x80 else 0
        payload = data[position + 1] & 0x7F
        extra = {126: 2, 127: 8}.get(payload, 0)
        length = 2 + extra + masked
        if size - position < length:
            return 0
        if extra == 2:
            (payload,) = struct.unpack_from(">H", data, position + 2)
        elif extra:
            (payload,) = struct.unpack_from(">Q", data, position + 2)
        opcode = data[position] & 0x0F
        if opcode < CLOSE:
            self.data_frames += 1
            self.message = payload + (self.message if opcode == CONTINUATION else 0)
            self.parts = 1 + (self.parts if opcode == CONTINUATION else 0)
        elif opcode == CLOSE:
            self.closed = True
        self._left = payload
        return length


def close_frame(code: int, reason: str = "") -> bytes:
    """A server's close frame."""
    said = struct.pack(">H", code) + reason.encode("ascii", "replace")[:REASON]
    return bytes((0x88, len(said))) + said


def message_frame(data: bytes, *, text: bool) -> bytes:
    """A server's message, in one frame."""
    size = len(data)
    if size < 126:
        length = bytes((size,))
    elif size < 1 << 16:
        length = b"\x7e" + struct.pack(">H", size)
    else:
        length = b"\x7f" + struct.pack(">Q", size)
    return bytes((0x80 | (TEXT if text else BINARY),)) + length + data
