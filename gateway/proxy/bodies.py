"""How long a message's body is: by length, in chunks, until the connection ends.

Each kind has `take(data)`, which gives the body's bytes found in `data` and what
follows the message, and `done`. Bodies are forwarded as they arrive and framed
anew (`chunk`), so chunk extensions and trailers end here. Sans-io.
"""

from __future__ import annotations

import re

SIZE_LINE = 1024
"""Bytes of a chunk's first line, extensions included."""
EXTENSIONS = 65536
"""Bytes of all extensions of one body together."""
TRAILERS = 16384
"""Bytes of all trailers of one body; they are dropped."""
LAST_CHUNK = b"0\r\n\r\n"

_trailer_line = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*)?")
_size_line = re.compile(rb"([0-9A-Fa-f]{1,15})((?:[ \t]*;[\t -~\x80-\xff]*)?)\r\n")


class BadBody(Exception):
    """The body's framing is broken; where the message ends is unknown."""


class Empty:
    """No body at all."""

    __slots__ = ()
    done = True

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        return b"", data


class Sized:
    """`Content-Length`."""

    __slots__ = ("done", "left")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        if len(data) < self.left:
            self.left -= len(data)
            return data, b""
        body, rest = (data, b"") if len(data) == self.left else (data[: self.left], data[self.left :])
        self.left = 0
        self.done = True
        return body, rest


class UntilClose:
    """A response that ends with its connection: `finish` is called then."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = False

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        return data, b""

    def finish(self) -> None:
        self.done = True


class Chunked:
    """`Transfer-Encoding: chunked`, taken strictly."""

    __slots__ = ("_buffer", "_extensions", "_left", "_trailers", "done")

    def __init__(self) -> None:
        self.done = False
        self._buffer = b""
        self._left = 0
        """Bytes to come of the current chunk, its line end included."""
        self._extensions = 0
        self._trailers = -1
        """Bytes of trailers so far; -1 before the last chunk."""

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        if self._buffer:
            data = self._buffer + data
        parts: list[bytes] = []
        position = 0
        while not self.done:
            start = position
            position = self._left_over(data, position, parts) if self._left else self._line(data, position)
            if position == start:
                break
        rest = data[position:]
        if self.done:
            self._buffer = b""
            return b"".join(parts), rest
        self._buffer = rest
        return parts[0] if len(parts) == 1 else b"".join(parts), b""

    def _left_over(self, data: bytes, position: int, parts: list[bytes]) -> int:
        """Within a chunk: its bytes, then its line end; gives the next position."""
        if self._left > 2:
            part = data[position : position + self._left - 2]
            if part:
                parts.append(part)
                self._left -= len(part)
            return position + len(part)
        if len(data) - position < 2:
            return position
        if data[position : position + 2] != b"\r\n":
            raise BadBody("a chunk does not end where it should")
        self._left = 0
        return position + 2

    def _line(self, data: bytes, position: int) -> int:
        """Between chunks: a size line or a trailer; gives the next position."""
        if self._trailers >= 0:
            return self._trailer(data, position)
        match = _size_line.match(data, position)
        if match is None:
            if len(data) - position > SIZE_LINE or data.find(b"\n", position) >= 0:
                raise BadBody("a chunk's size is malformed")
            return position
        self._extensions += len(match[2])
        if match.end() - position > SIZE_LINE or self._extensions > EXTENSIONS:
            raise BadBody("too many chunk extensions")
        size = int(match[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = 0
        return match.end()

    def _trailer(self, data: bytes, position: int) -> int:
        end = data.find(b"\r\n", position)
        size = (len(data) if end < 0 else end + 2) - position
        if self._trailers + size > TRAILERS:
            raise BadBody("too many trailers")
        if end < 0:
            return position
        if not _trailer_line.fullmatch(data, position, end):
            raise BadBody("a trailer is malformed")
        self._trailers += size
        self.done = size == 2
        return end + 2


type Body = Empty | Sized | UntilClose | Chunked


def chunk(data: bytes) -> bytes:
    """`data`, which must not be empty, as one chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)
