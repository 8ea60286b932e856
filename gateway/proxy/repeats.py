"""What the request before on the same connection has told already.

A browser repeats its header lines with every request of a connection; mostly only
the first line is another one. (HTTP/2 compresses headers by that.) Lines that are the
same, byte by byte, after the same method are not parsed, read and rewritten again,
which is half of what a small request costs. What comes out is the same either way,
and a test says so; the gate judges each request anew in any case.

One for each connection, and forgotten with it: no line outlives the connection that
brought it, and nobody meets the lines of somebody else. Sans-io, no clock.
"""

from __future__ import annotations

from gateway.proxy import facts, rewrite
from gateway.proxy.bodies import Empty
from gateway.proxy.facts import Facts, Head, Headers, Refuse
from gateway.proxy.http1 import Request, is_plain, parse_request
from gateway.proxy.site import Site

LONGEST = 8192
"""Bytes of header lines that are kept; more is parsed each time."""


class Repeats:
    __slots__ = ("_end", "_facts", "_head", "_lines", "_passed", "_request", "_site", "_start")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """No request follows that could repeat anything; a silent WebSocket need not keep it."""
        self._lines = b""
        self._start = self._end = b""
        """What the first line must begin and end with."""
        self._request: Request | None = None
        """The request with those lines."""
        self._head: Head | None = None
        self._site: Site | None = None
        self._facts: Facts | None = None
        """What was read of `_head`, at `_site`."""
        self._passed: tuple[Headers, tuple[bool, frozenset[bytes], str | None], bytes] | None = None

    def parse(self, head: bytes) -> Request:
        """As `parse_request`."""
        cut = head.find(b"\r\n") + 2
        before = self._request
        if before is not None and head[cut:] == self._lines:
            line = head[:cut]
            if line.startswith(self._start) and line.endswith(self._end) and is_plain(line):
                target = line[len(self._start) - 1 : -len(self._end)]
                same = Head(before.head.method, target, before.head.version, before.head.headers)
                return Request(same, before.keep_alive, Empty(), 0, before.expects)
        request = parse_request(head)
        self._remember(request, head[cut:])
        return request

    def _remember(self, request: Request, lines: bytes) -> None:
        self._request = None
        # A body's reader has a memory of its own, and where lengths differ, so do the lines.
        if isinstance(request.body, Empty) and len(lines) <= LONGEST:
            self._request, self._lines = request, lines
            self._start = request.head.method + b" /"
            self._end = b" HTTP/" + request.head.version + b"\r\n"

    def read(self, head: Head, peer: str, site: Site, secure: bool) -> Facts | Refuse:
        """As `facts.read`; `peer` and `secure` are those of the connection."""
        before, known = self._head, self._facts
        if before is not None and known is not None and site is self._site and _alike(before, head):
            if head.target == before.target:
                return known
            found = facts.elsewhere(known, head.target, site)
            if found is not None:
                return found
        read = facts.read(head, peer, site, secure)
        self._head, self._site, self._facts = head, site, read if isinstance(read, Facts) else None
        return read

    def passed_lines(
        self, found: Facts, headers: Headers, strip_token: bool, without: frozenset[bytes], client: str | None = ""
    ) -> bytes:
        """As `rewrite.passed_lines`."""
        kept, more = self._passed, (strip_token, without, client)
        if kept is not None and kept[0] is headers and kept[1] == more:
            return kept[2]
        lines = rewrite.passed_lines(found, headers, strip_token, without, client)
        self._passed = (headers, more, lines)
        return lines


def _alike(before: Head, head: Head) -> bool:
    """All but the target: the very same headers come from `Repeats.parse` alone."""
    return before.headers is head.headers and before.method == head.method and before.version == head.version
