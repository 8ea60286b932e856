"""HTTP/1.x heads: bytes to `Request` and `Response`, or `Malformed`.

llhttp (by httptools) checks the grammar; this module adds what llhttp lets pass,
cuts one message at a time out of a buffer, and decides how its body is framed
(`gateway.proxy.bodies`). A head is handed to the parser alone and whole, so
nothing is acted upon before the parser has seen all of it, and neither an upgrade
nor a HEAD can confuse it about where the body begins. What the parser has passed
has CRLF between its lines and a colon in each, so it is cut here, which is faster
than a call for each header. Sans-io, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import httptools

from gateway.proxy.bodies import Body, Chunked, Empty, Sized, UntilClose
from gateway.proxy.facts import Head

type Headers = list[tuple[bytes, bytes]]
"""Names as sent, values without white space around them."""

TARGET_LIMIT = 16384
"""Bytes of a request's target (else 414); the whole head's limit is a setting (else 431)."""
HEADER_LINES = 256
RESPONSE_HEAD_LIMIT = 262144
MAX_STATUS = 599
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection", b"expect"})
A, Z = b"AZ"

# One space each, a target without the characters that no browser sends raw (`"`, `#`, `<`, `>`, `\`), HTTP/1.0 or 1.1.
_request_line = re.compile(rb"[A-Z-]+ [!$-;=?-\[\]-~]+ HTTP/1\.[01]\r\n")
_reason = re.compile(rb"[\t -~\x80-\xff]*")
_mode = re.compile(rb"(?i)\nsec-fetch-mode:[ \t]*([a-z-]+)")
_accepts_pages = re.compile(rb"(?i)\naccept:[^\r\n]*text/html")


class Malformed(Exception):
    """A message that is not taken. `status` is what the client of a bad request is told."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.head = b""
        """What was read of the request; empty where it still waits to be read."""


@dataclass(slots=True)
class Request:
    """A request's head, and how its body will come."""

    head: Head
    keep_alive: bool
    body: Body
    length: int | None
    """The body's length; None when it is chunked."""
    expects: bool
    """The client waits for `100 Continue` before it sends the body."""

    @property
    def http10(self) -> bool:
        return self.head.version == b"1.0"


class Response:
    """A response's head, and how its body will come."""

    __slots__ = ("_headers", "body", "keep_alive", "length", "plain", "reason", "status")

    def __init__(  # noqa: PLR0917  # one for each response: keywords take longer
        self,
        status: int,
        reason: bytes,
        headers: Headers | None,
        keep_alive: bool,
        body: Body,
        length: int | None,
        plain: bytes = b"",
    ) -> None:
        self.status = status
        self.reason = reason
        self._headers = headers
        self.keep_alive = keep_alive
        self.body = body
        self.length = length
        """The body's length; None when it is chunked or ends with the connection."""
        self.plain = plain
        """The whole head, where it may pass as it is; see `gateway.proxy.plainheads`."""

    @property
    def headers(self) -> Headers:
        if self._headers is None:
            self._headers = _cut(self.plain)[1]
        return self._headers


class _Witness:
    """Is told by httptools that a head was complete."""

    __slots__ = ("complete",)

    def __init__(self) -> None:
        self.complete = False

    def on_headers_complete(self) -> None:
        self.complete = True


class _Framing:
    """What a head says of its body and its connection."""

    __slots__ = ("chunked", "closes", "expects", "length", "stays")

    def __init__(self, headers: Headers, version: bytes) -> None:
        self.length: int | None = None
        self.chunked = False
        self.expects = False
        self.stays = version == b"1.1"
        self.closes = False
        for sent, value in headers:
            if (name := sent.lower()) in _FRAMING:
                self._read(name, value.lower(), version)

    def _read(self, name: bytes, value: bytes, version: bytes) -> None:
        if name == b"content-length":
            if not (value.isdigit() and len(value) <= 18):
                raise Malformed(400, "Content-Length is not a number.")
            self.length = int(value)
        elif name == b"transfer-encoding":
            if self.chunked or version == b"1.0" or value != b"chunked":
                raise Malformed(400, "Only 'Transfer-Encoding: chunked' is taken, once, in HTTP/1.1.")
            self.chunked = True
        elif name == b"expect":
            self.expects = True
        else:
            tokens = {token.strip() for token in value.split(b",")}
            self.stays = self.stays or b"keep-alive" in tokens
            self.closes = self.closes or b"close" in tokens

    @property
    def keeps_alive(self) -> bool:
        """Does the sender want the connection to stay?"""
        return self.stays and not self.closes


def cut_head(buffer: bytearray, limit: int, scanned: int) -> bytes | None:
    """Take a whole head off the front of `buffer`; None while it is incomplete.

    `scanned` is how much of the buffer was searched before.
    """
    end = buffer.find(b"\r\n\r\n", max(0, scanned - 3))
    size = len(buffer) if end < 0 else end + 4
    if size > limit:
        raise Malformed(431, "The request's header is too large.")
    if end < 0:
        return None
    head = bytes(buffer[:size])
    del buffer[:size]
    return head


def skip_blank_lines(buffer: bytearray) -> None:
    """Drop the empty lines that old clients send between two requests."""
    while buffer.startswith(b"\r\n"):
        del buffer[:2]


def next_request(
    buffer: bytearray, limit: int, scanned: int = 0, parse: Callable[[bytes], Request] | None = None
) -> Request | None:
    """Take the next request's head off `buffer`, and parse it; None while it is incomplete."""
    if scanned <= 1:  # half of a blank line may have come before
        skip_blank_lines(buffer)
    if buffer and not A <= buffer[0] <= Z and buffer != b"\r":
        raise Malformed(400, "This is not HTTP/1.")
    line_limit = min(TARGET_LIMIT + 32, limit)
    if len(buffer) > line_limit and buffer.find(b"\r\n", 0, line_limit) < 0:
        raise Malformed(414, "The request's target is too long.")
    head = cut_head(buffer, limit, scanned)
    if head is None:
        return None
    try:
        return (parse or parse_request)(head)
    except Malformed as bad:
        bad.head = head
        raise


def awaits_page(head: bytes) -> bool:
    """Does a person wait for the answer to this head, which is none? By what browsers say before their cookies."""
    if not head.startswith(b"GET "):
        return False
    if mode := _mode.search(head):
        return mode[1].lower() == b"navigate"
    return _accepts_pages.search(head) is not None


def is_plain(line: bytes) -> bool:
    """Is this a first line as parsers agree on it, with a target of a length that is taken?"""
    return len(line) <= TARGET_LIMIT and _request_line.fullmatch(line) is not None


def parse_request(head: bytes) -> Request:
    """One request's head, from the method to the empty line."""
    if not _request_line.match(head):
        raise Malformed(400, "The request line is malformed.")
    upgrade = _checked(httptools.HttpRequestParser, head)
    line, headers = _cut(head)
    method, target, protocol = line.split(b" ")
    if len(target) > TARGET_LIMIT:
        raise Malformed(414, "The request's target is too long.")
    if len(headers) > HEADER_LINES:
        raise Malformed(431, "The request has too many header lines.")
    if method == b"CONNECT":
        raise Malformed(405, "CONNECT is not offered here.")
    framing = _Framing(headers, protocol[5:])
    if upgrade and (framing.chunked or framing.length):
        raise Malformed(400, "A request for an upgrade must not have a body.")
    length = None if framing.chunked else framing.length or 0
    return Request(
        head=Head(method, target, protocol[5:], tuple(headers)),
        keep_alive=framing.keeps_alive,
        body=Chunked() if length is None else Sized(length) if length else Empty(),
        length=length,
        expects=framing.expects,
    )


def next_response(buffer: bytearray, method: str, scanned: int = 0) -> Response | None:
    """Take the head of the response to `method` off `buffer`; None while it is incomplete."""
    head = cut_head(buffer, RESPONSE_HEAD_LIMIT, scanned)
    return None if head is None else parse_response(head, method)


def parse_response(head: bytes, method: str) -> Response:
    """One response's head, from the version to the empty line."""
    if not head.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")):
        raise Malformed(400, "The response's first line is malformed.")
    _checked(httptools.HttpResponseParser, head)
    line, headers = _cut(head)
    if line[12:13] not in (b"", b" ") or not 100 <= (status := int(line[9:12])) <= MAX_STATUS:
        raise Malformed(400, "The response's status is out of range.")
    reason = line[13:]
    framing = _Framing(headers, line[5:8])
    body, length = _response_body(framing, method, status)
    return Response(
        status=status,
        reason=reason if _reason.fullmatch(reason) else b"",
        headers=headers,
        keep_alive=framing.keeps_alive and not isinstance(body, UntilClose),
        body=body,
        length=length,
    )


def _response_body(framing: _Framing, method: str, status: int) -> tuple[Body, int | None]:
    if method == "HEAD" or status < 200 or status in (204, 304):
        return Empty(), 0
    if framing.chunked:
        return Chunked(), None
    if framing.length is None:
        return UntilClose(), None
    return (Sized(framing.length) if framing.length else Empty()), framing.length


def _checked(parser: type[httptools.HttpRequestParser | httptools.HttpResponseParser], head: bytes) -> bool:
    """Have llhttp look at a whole head; does it see an upgrade?"""
    witness = _Witness()
    made = parser(witness)
    try:
        made.feed_data(head)
    except httptools.HttpParserUpgrade as upgrade:
        if upgrade.args[0] != len(head):
            raise Malformed(400, "The head is malformed.") from None
        return True
    except httptools.HttpParserError as error:
        raise Malformed(400, f"The head is malformed: {error}.") from None
    if not witness.complete:
        raise Malformed(400, "The head is malformed.")
    return False


def _cut(head: bytes) -> tuple[bytes, Headers]:
    """A checked head as its first line and its headers."""
    line, *rest = head[:-4].split(b"\r\n")
    headers: Headers = []
    for field in rest:
        name, _, value = field.partition(b":")
        headers.append((name, value.strip(b" \t")))
    return line, headers
