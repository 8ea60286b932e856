"""Heads of responses that pass as they are, recognised line by line.

A server says mostly the same lines again and again. Whether a line is one that every parser reads alike, and
that this gateway neither removes, changes nor acts upon, depends on its bytes alone; so it is found out once.
A head all of whose lines are such, with one `Content-Length`, is the client's head too, byte by byte. For every other
one there is `http1.parse_response` and `rewrite.response_headers`, which would come to the same end; a test says so.
"""

from __future__ import annotations

import re
from functools import lru_cache

from gateway.proxy.bodies import Empty, Sized
from gateway.proxy.http1 import Response
from gateway.proxy.rewrite import passes_as_it_is

LONGEST = 8192
"""Bytes of a head that is looked at in this way."""

_status = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9]) ([\t -~\x80-\xff]+)")
_line = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)")
"""One space, nothing before or behind: the form in which heads are written here."""
_length = re.compile(rb"(?i:content-length): (0|[1-9][0-9]{0,17})")
_without_body = (204, 304)


def plain_response(data: bytes, method: str) -> Response | None:
    """The response to `method` at the front of `data`, if its head is there and plain; None: take the long way."""
    end = data.find(b"\r\n\r\n", 0, LONGEST)
    if end < 0 or method == "HEAD":
        return None
    first, *lines = data[:end].split(b"\r\n")
    if (status := _read_status(first)) is None:
        return None
    length = -1
    for line in lines:
        found = _read(line)
        if found is None or (found >= 0 and length >= 0):
            return None
        length = max(length, found)
    if length < 0:
        return None
    body = Sized(length) if length else Empty()
    return Response(status[0], status[1], None, True, body, length, plain=data[: end + 4])


@lru_cache(maxsize=256)
def _read_status(line: bytes) -> tuple[int, bytes] | None:
    found = _status.fullmatch(line)
    if found is None or (status := int(found[1])) in _without_body:
        return None
    return status, found[2]


@lru_cache(maxsize=8192)
def _read(line: bytes) -> int | None:
    """-1 = it passes; a body's length; None = it has to be looked at more closely."""
    if found := _length.fullmatch(line):
        return int(found[1])
    found = _line.fullmatch(line)
    return -1 if found is not None and passes_as_it_is(found[1]) else None
