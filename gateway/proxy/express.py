"""The express lane: one request to its upstream and the response back, streamed both ways, nothing held.

    connect -> head rewritten -> body, framed anew -> response head rewritten -> body -> next request
                                                   -> 101 -> `gateway.proxy.pipe`

An upstream that sends one byte too many is not used again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mitmproxy.connection import Server
from mitmproxy.proxy import commands, events

from gateway.proxy import http1
from gateway.proxy.bodies import UntilClose
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.handshake import accepted
from gateway.proxy.passing import (
    BAD_ANSWER,
    BAD_BODY,
    CUT_SHORT,
    Answered,
    Ended,
    interim,
    note_caller,
    overdue,
    patience,
    request_body,
    unreachable,
)
from gateway.proxy.pipe import Pipe
from gateway.proxy.plainheads import plain_response
from gateway.proxy.steps import MORE, Late, Steps
from gateway.proxy.upstreams import address_of

if TYPE_CHECKING:
    from gateway.proxy.gate import Forward
    from gateway.proxy.lanes import Lane

RETRIED = ("GET", "HEAD", "OPTIONS")
"""Methods that may be sent again, once, when a kept connection turns out to be dead."""


class Express:
    def __init__(self, lane: Lane, request: http1.Request, exchange: Exchange, facts: Facts, forward: Forward) -> None:
        self.lane = lane
        self.request = request
        self.exchange = exchange
        self.facts = facts
        self.forward = forward
        self.upstream: Server | None = None
        self.answered: Answered | None = None
        """Set with the response's head."""
        self.problem = ""
        """What went wrong with it, in words."""
        self._arrived = bytearray()
        """Of that head, as far as it has come."""
        self._scanned = 0
        """How much of it was searched for its end."""
        exchange.lane = "express"

    def run(self) -> Steps[bool]:
        """Do it all; may the client connection carry another request?"""
        try:
            kept = yield from self._connect(keep=True)
            yield from self._send_head()
            while self.answered is None or not self.answered.done:
                event = yield MORE
                if isinstance(event, events.DataReceived):
                    if event.connection is self.upstream:
                        yield from self._response_data(event.data)
                    else:
                        yield from self._request_data(event.data)
                elif isinstance(event, Late):
                    self._late(event)
                elif kept and self._may_retry():
                    kept = yield from self._connect(keep=False)
                    yield from self._send_head()
                else:
                    yield from self._upstream_ended()
        except Ended as end:
            return (yield from self._end(end.refuse))
        return (yield from self._finish(self.answered))

    # ── to the upstream ──────────────────────────────────────────────────────

    def _connect(self, *, keep: bool) -> Steps[bool]:
        """Take a kept connection to the route (then True), or make one."""
        route, upstreams = self.forward.route, self.lane.upstreams
        if self.upstream is not None:
            yield commands.CloseConnection(self.upstream)
        if upstreams:
            for outdated in upstreams.outdated(route):
                yield commands.CloseConnection(outdated)
        if keep and (kept := upstreams.take(route)) is not None:
            self.upstream = self.lane.active = kept
            return True
        self.upstream = Server(address=address_of(route.url))
        problem = yield commands.OpenConnection(self.upstream)
        if problem is not None or not self.upstream.connected:
            raise unreachable(problem)
        self.lane.active = self.upstream
        return False

    def _send_head(self) -> Steps[None]:
        lane = self.lane
        head = lane.desk.upstream_head(self.exchange, lane.repeats.passed_lines)
        if lane.inbox and not self.request.body.done:
            data = bytes(lane.inbox)
            lane.inbox.clear()
            head += request_body(lane, self.request, data)
        if lane.ended and not self.request.body.done:
            raise Ended(BAD_BODY)
        lane.wait(patience(self.request, self.exchange, lane.desk.clock()))
        if self.upstream is not None:
            yield commands.SendData(self.upstream, head)

    def _request_data(self, data: bytes) -> Steps[None]:
        framed = request_body(self.lane, self.request, data)
        if framed:
            if self.answered is None:
                self.lane.wait(patience(self.request, self.exchange, self.lane.desk.clock()))
            if self.upstream is not None:
                yield commands.SendData(self.upstream, framed)

    def _may_retry(self) -> bool:
        """Nothing came back, and sending it twice does no harm."""
        return (
            self.answered is None
            and not self._arrived
            and self.request.length == 0
            and self.facts.method in RETRIED
            and not self.forward.upgrade
        )

    # ── to the client ────────────────────────────────────────────────────────

    def _response_data(self, data: bytes) -> Steps[None]:
        head = b""
        if self.lane.ended:
            self.lane.wait(math.inf)
        if self.answered is None:
            response = None if self._arrived else plain_response(data, self.facts.method)
            if response is not None:
                data = data[len(response.plain) :]
            else:
                self._arrived += data
                response = yield from self._final_head()
                if response is None:
                    return
                data = bytes(self._arrived)
                self._arrived.clear()
            if response.status == 101 and not (self.forward.upgrade and accepted(self.facts, response.headers)):
                raise Ended(BAD_ANSWER)
            self.answered = Answered(self.lane, self.request, self.facts, self.forward, response)
            note_caller(self.exchange, response)
            self.lane.wait(math.inf)
            head = self.answered.head
            if response.status == 101:
                self.exchange.status = 101
                yield commands.SendData(self.lane.client, head)
                yield from self._piped(data)
                return
        framed, size = self.answered.body(data)
        self.exchange.status = self.answered.response.status
        self.exchange.sent += size
        if head or framed:
            yield commands.SendData(self.lane.client, head + framed if head else framed)

    def _final_head(self) -> Steps[http1.Response | None]:
        """The response's head, once it is complete; interim ones are passed on."""
        while True:
            try:
                response = http1.next_response(self._arrived, self.facts.method, self._scanned)
            except http1.Malformed:
                raise Ended(BAD_ANSWER) from None
            self._scanned = len(self._arrived) if response is None else 0
            if response is None or response.status >= 200 or response.status == 101:
                return response
            if not self.request.http10:
                yield commands.SendData(self.lane.client, interim(response, self.forward.route))

    def _piped(self, data: bytes) -> Steps[None]:
        """From here on both sides speak the protocol that was asked for."""
        if self.upstream is None:
            return
        self.exchange.upgraded = True
        self.lane.repeats.forget()
        early = bytes(self.lane.inbox)
        self.lane.inbox.clear()
        self.lane.pipe = Pipe(self.lane, self.exchange, self.upstream, websocket=self.facts.upgrade == "websocket")
        yield from self.lane.pipe.run(early, data)

    # ── ends ─────────────────────────────────────────────────────────────────

    def _late(self, late: Late) -> None:
        """The client or the upstream has been silent for too long. Once there is an answer, it may take its time."""
        if self.answered is not None:
            return
        if (refuse := overdue(self.request, self.exchange, late.held)) is not None:
            raise Ended(refuse)
        self.lane.wait(patience(self.request, self.exchange, self.lane.desk.clock()))

    def _upstream_ended(self) -> Steps[None]:
        """Its connection is closed: a response without a length ends so, any other is cut short."""
        if self.answered is None or not isinstance(self.answered.response.body, UntilClose):
            raise Ended(CUT_SHORT)
        if left := self.answered.closed():
            yield commands.SendData(self.lane.client, left)

    def _finish(self, answered: Answered) -> Steps[bool]:
        """The response is complete."""
        lane, upstream = self.lane, self.upstream
        lane.active = None
        if self.exchange.upgraded or upstream is None:
            return False
        dropped: Server | None = upstream
        if answered.reusable and self.request.body.done and upstream.connected:
            dropped = lane.upstreams.keep(self.forward.route, upstream)
        if dropped is not None:
            yield commands.CloseConnection(dropped)
        return answered.keep and (self.request.body.done or (yield from lane.skip(self.request)))

    def _end(self, refuse: Refuse) -> Steps[bool]:
        """It went wrong: say so, or, if the response has begun, cut it off."""
        self.problem = refuse.message
        self.lane.active = None
        if self.upstream is not None:
            yield commands.CloseConnection(self.upstream)
        if self.exchange.status:
            return False
        return (yield from self.lane.answer(refuse, self.request, self.exchange))
