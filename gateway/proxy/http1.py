"""HTTP/1.x heads: bytes to `Request` and `Response`, or `Malformed`.

llhttp (by httptools) checks the grammar; this module adds what llhttp lets pass,
cuts one message at a time out of a buffer, and decides how its body is framed
(`gateway.proxy.bodies`). A head is handed to the parser alone and whole, so
nothing is acted upon before the parser has seen all of it, and neither an upgrade
nor a HEAD can confuse it about where the body begins. Sans-io, no clock.
"""

from __future__ import annotations

import re
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
A, Z = b"AZ"

# One space each, a target without the characters that no browser sends raw (`"`, `#`, `<`, `>`, `\`), HTTP/1.0 or 1.1.
_request_line = re.compile(rb"[A-Z-]+ [!$-;=?-\[\]-~]+ HTTP/1\.[01]\r\n")
_reason = re.compile(rb"[\t -~\x80-\xff]*")


class Malformed(Exception):
    """A message that is not taken. `status` is what the client of a bad request is told."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


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


@dataclass(slots=True)
class Response:
    """A response's head, and how its body will come."""

    status: int
    reason: bytes
    headers: Headers
    keep_alive: bool
    body: Body
    length: int | None
    """The body's length; None when it is chunked or ends with the connection."""


class _Collector:
    """What httptools reports of one head."""

    __slots__ = ("complete", "headers", "reason", "url")

    def __init__(self) -> None:
        self.url = b""
        self.reason = b""
        self.headers: Headers = []
        self.complete = False

    def on_url(self, part: bytes) -> None:
        self.url += part

    def on_status(self, part: bytes) -> None:
        self.reason += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        self.complete = True


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


def next_request(buffer: bytearray, limit: int, scanned: int = 0) -> Request | None:
    """Take the next request's head off `buffer`; None while it is incomplete."""
    if not scanned:
        skip_blank_lines(buffer)
    if buffer and not A <= buffer[0] <= Z and buffer != b"\r":
        raise Malformed(400, "This is not HTTP/1.")
    line_limit = min(TARGET_LIMIT + 32, limit)
    if len(buffer) > line_limit and buffer.find(b"\r\n", 0, line_limit) < 0:
        raise Malformed(414, "The request's target is too long.")
    head = cut_head(buffer, limit, scanned)
    return None if head is None else parse_request(head)


def parse_request(head: bytes) -> Request:
    """One request's head, from the method to the empty line."""
    if not _request_line.match(head):
        raise Malformed(400, "The request line is malformed.")
    seen = _Collector()
    parser = httptools.HttpRequestParser(seen)
    _feed(parser, seen, head)
    if len(seen.url) > TARGET_LIMIT:
        raise Malformed(414, "The request's target is too long.")
    if len(seen.headers) > HEADER_LINES:
        raise Malformed(431, "The request has too many header lines.")
    version = parser.get_http_version().encode()
    length, expects = _request_body(seen.headers, version)
    if parser.should_upgrade() and length != 0:
        raise Malformed(400, "A request for an upgrade must not have a body.")
    return Request(
        head=Head(parser.get_method(), seen.url, version, tuple(seen.headers)),
        keep_alive=parser.should_keep_alive(),
        body=Chunked() if length is None else Sized(length) if length else Empty(),
        length=length,
        expects=expects,
    )


def _request_body(headers: Headers, version: bytes) -> tuple[int | None, bool]:
    """The body's length (None: chunked), and whether the client waits to be told to send it."""
    length: int | None = 0
    expects = False
    for sent, value in headers:
        name = sent.lower()
        if name == b"content-length":
            length = _length(value)
        elif name == b"transfer-encoding":
            if length is None or version == b"1.0" or value.lower() != b"chunked":
                raise Malformed(400, "Only 'Transfer-Encoding: chunked' is taken, once, in HTTP/1.1.")
            length = None
        elif name == b"expect":
            expects = True
    return length, expects


def next_response(buffer: bytearray, method: str, scanned: int = 0) -> Response | None:
    """Take the head of the response to `method` off `buffer`; None while it is incomplete."""
    head = cut_head(buffer, RESPONSE_HEAD_LIMIT, scanned)
    return None if head is None else parse_response(head, method)


def parse_response(head: bytes, method: str) -> Response:
    """One response's head, from the version to the empty line."""
    if not head.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")):
        raise Malformed(400, "The response's first line is malformed.")
    seen = _Collector()
    parser = httptools.HttpResponseParser(seen)
    _feed(parser, seen, head)
    status: int = parser.get_status_code()
    if status > MAX_STATUS:
        raise Malformed(400, "The response's status is out of range.")
    body, length = _response_body(seen.headers, method, status, http10=head[7:8] == b"0")
    return Response(
        status=status,
        reason=seen.reason if _reason.fullmatch(seen.reason) else b"",
        headers=seen.headers,
        keep_alive=parser.should_keep_alive() and not isinstance(body, UntilClose),
        body=body,
        length=length,
    )


def _response_body(headers: Headers, method: str, status: int, http10: bool) -> tuple[Body, int | None]:
    length: int | None = None
    chunked = False
    for sent, value in headers:
        name = sent.lower()
        if name == b"content-length":
            length = _length(value)
        elif name == b"transfer-encoding":
            if chunked or http10 or value.lower() != b"chunked":
                raise Malformed(400, "The response's Transfer-Encoding is not understood.")
            chunked = True
    if method == "HEAD" or status < 200 or status in (204, 304):
        return Empty(), 0
    if chunked:
        return Chunked(), None
    if length is None:
        return UntilClose(), None
    return (Sized(length) if length else Empty()), length


def _length(value: bytes) -> int:
    if not (value.isdigit() and len(value) <= 18):
        raise Malformed(400, "Content-Length is not a number.")
    return int(value)


def _feed(parser: httptools.HttpRequestParser | httptools.HttpResponseParser, seen: _Collector, head: bytes) -> None:
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade as upgrade:
        if upgrade.args[0] != len(head):
            raise Malformed(400, "The head is malformed.") from None
    except httptools.HttpParserError as error:
        raise Malformed(400, f"The head is malformed: {error}.") from None
    if not seen.complete:
        raise Malformed(400, "The head is malformed.")
