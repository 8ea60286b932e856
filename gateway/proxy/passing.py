"""What both lanes do alike with what passes: bodies framed anew, heads put together, and how it can go wrong."""

from __future__ import annotations

import math
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from gateway.proxy.bodies import LAST_CHUNK, BadBody, Chunked, UntilClose, chunk
from gateway.proxy.concealment import WRITABLE, Concealment, hidden
from gateway.proxy.cookies import clearing
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.http1 import Request, Response
from gateway.proxy.rewrite import Pairs, caller, response_headers
from gateway.routes import Route

if TYPE_CHECKING:
    from gateway.proxy.exchange import Exchange
    from gateway.proxy.gate import Forward
    from gateway.proxy.lanes import Lane

BODY_TIMEOUT = 60.0
"""Seconds between two parts of a request's body."""
HALF_CLOSED = 15.0
"""Seconds without a byte for which a peer that sends no more is believed to be still there."""

REFUSED = Refuse(503, "The server does not answer. It may have just stopped.", "upstream-refused", retry_after=5)
SILENT = Refuse(504, "The server took the request, but did not answer in time.", "upstream-timeout", retry_after=10)
NO_ANSWER = Refuse(504, "The server could not be reached in time.", "upstream-timeout", retry_after=10)
BAD_ANSWER = Refuse(502, "The server's answer could not be understood.", "upstream-answer")
CUT_SHORT = Refuse(502, "The server closed the connection without an answer.", "upstream-closed")
BAD_BODY = Refuse(400, "The request's body is malformed.", "body")
SLOW_BODY = Refuse(408, "The request's body stopped coming.", "slow-body")

TIMED_OUT = "timed out"
"""What a connect that took too long is reported with."""


class Ended(Exception):
    """An exchange is over before its time; `refuse` is what to say if nothing was said yet."""

    def __init__(self, refuse: Refuse) -> None:
        super().__init__(refuse.reason)
        self.refuse = refuse


def unreachable(problem: str | None) -> Ended:
    """The upstream could not be connected to."""
    return Ended(NO_ANSWER if problem == TIMED_OUT else REFUSED)


def request_body(lane: Lane, request: Request, data: bytes) -> bytes:
    """The part of `data` that belongs to the request's body, framed for the upstream; the rest waits in the inbox."""
    body, exchange = request.body, lane.exchange
    if body.done:
        lane.inbox += data
        return b""
    try:
        payload, rest = body.take(data)
    except BadBody:
        raise Ended(BAD_BODY) from None
    lane.inbox += rest
    if exchange is not None:
        exchange.received += len(payload)
        if request.length is None and (refuse := too_large(lane, exchange, exchange.received)):
            raise Ended(refuse)
    if not isinstance(body, Chunked):
        return payload
    return (chunk(payload) if payload else b"") + (LAST_CHUNK if body.done else b"")


def too_large(lane: Lane, exchange: Exchange, size: int) -> Refuse | None:
    """Why a body of `size` bytes is not taken, naming the limit and whose it is."""
    whose = "the gateway's"
    limit = lane.desk.site.max_body
    if exchange.forward is not None and 0 < exchange.forward.route.max_body < (limit or math.inf):
        whose, limit = "this server's", exchange.forward.route.max_body
    if not limit or size <= limit:
        return None
    return Refuse(413, f"The body is larger than {limit} bytes, {whose} limit.", "body-size")


def patience(request: Request, exchange: Exchange, now: float) -> float:
    """Until when an exchange without an answer must have got on: by its client, then by its upstream."""
    if _client_is_next(request, exchange):
        return now + BODY_TIMEOUT
    limit = exchange.forward.route.response_timeout if exchange.forward is not None else 0
    return now + limit if limit else math.inf


def overdue(request: Request, exchange: Exchange, held: bool) -> Refuse | None:
    """Who was not in time before there was an answer; None: nobody, because the client was not read."""
    if not _client_is_next(request, exchange):
        return SILENT
    return None if held else SLOW_BODY


def _client_is_next(request: Request, exchange: Exchange) -> bool:
    """Is more of the body to come? Who waits for `100 Continue` waits for the upstream."""
    return not request.body.done and not (request.expects and exchange.received == 0)


def note_caller(exchange: Exchange, response: Response) -> None:
    """The hub judges its own requests, so it is the hub that knows whose they are."""
    if exchange.forward is not None and exchange.forward.route.kind == "hub":
        exchange.user = caller(response.headers) or exchange.user


class Answered:
    """An upstream's response on its way to the client, with what its head decides."""

    __slots__ = ("_concealed", "chunked", "head", "keep", "response", "surplus")

    def __init__(self, lane: Lane, request: Request, facts: Facts, forward: Forward, response: Response) -> None:
        self.response = response
        self.chunked = False
        """The client gets the body in chunks."""
        self.keep = lane.may_keep(request)
        """The client's connection may carry another request."""
        self.surplus = False
        """More came than the response."""
        self._concealed = _concealed(forward, response)
        if response.plain and self.keep and self._concealed is None and not (request.http10 or facts.clear_cookies):
            self.head = response.plain
            return
        headers = response_headers(response.status, response.headers, forward.route, facts.host, forward.right)
        if facts.clear_cookies:
            headers[:0] = clearing(lane.desk.site, facts.path)
        if response.status != 101:
            self._frame(request, headers)
        self.head = assembled(response, headers)
        if self._concealed is not None:
            self.head = self._concealed.feed(self.head, last=True)

    def _frame(self, request: Request, headers: Pairs) -> None:
        if self.response.length is None:
            if request.http10:
                self.keep = False
            else:
                self.chunked = True
                headers.append((b"Transfer-Encoding", b"chunked"))
        if not self.keep:
            headers.append((b"Connection", b"close"))
        elif request.http10:
            headers.append((b"Connection", b"keep-alive"))

    @property
    def done(self) -> bool:
        return self.response.body.done

    @property
    def reusable(self) -> bool:
        """May the upstream's connection carry another request, as far as the response goes?"""
        return self.response.keep_alive and not self.surplus

    def body(self, data: bytes) -> tuple[bytes, int]:
        """The response's body in `data` as the client gets it, and how many bytes that are without framing."""
        try:
            payload, rest = self.response.body.take(data)
        except BadBody:
            raise Ended(BAD_ANSWER) from None
        self.surplus = bool(rest)
        if self._concealed is not None:
            payload = self._concealed.feed(payload, last=self.done)
        if not self.chunked:
            return payload, len(payload)
        return (chunk(payload) if payload else b"") + (LAST_CHUNK if self.done else b""), len(payload)

    def closed(self) -> bytes:
        """The response has no length, and its upstream has closed: what is left of the body for the client."""
        if isinstance(body := self.response.body, UntilClose):
            body.finish()
        left = b"" if self._concealed is None else self._concealed.feed(b"", last=True)
        if not self.chunked:
            return left
        return (chunk(left) if left else b"") + LAST_CHUNK


def _concealed(forward: Forward, response: Response) -> Concealment | None:
    """What hides the server's secret from this guest; None where there is nothing to hide."""
    if forward.right == "full" or response.status == 101:
        return None
    swaps = [hidden(forward.route.secret)] if forward.route.secret else []
    if forward.right == "view":
        swaps.append(WRITABLE)
    if not swaps:
        return None
    if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in response.headers):
        raise Ended(BAD_ANSWER)  # nobody asked for that, and nobody can look into it
    return Concealment(swaps)


def interim(response: Response, route: Route) -> bytes:
    """A 1xx for the client."""
    return assembled(response, response_headers(response.status, response.headers, route))


def assembled(response: Response, headers: Pairs) -> bytes:
    parts = [b"HTTP/1.1 %d %b" % (response.status, response.reason or _phrase(response.status))]
    without_length = response.status < 200 or response.status == 204
    for name, value in headers:
        if not (without_length and name.lower() == b"content-length"):
            parts += (b"\r\n", name, b": ", value)
    parts.append(b"\r\n\r\n")
    return b"".join(parts)


@cache
def _phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b"Unknown"
