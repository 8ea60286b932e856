"""The life of a client connection: one request after the other, each judged, then answered or given to a lane.

A mitmproxy layer, sans-io. The life is written as one generator that yields
commands, and `MORE` when it has nothing to do before the next event. A request is
parsed once, here, for both lanes (`express` and `flows`), so they cannot read it
differently; the gate judges each one, whatever came before on its connection.
"""

from __future__ import annotations

import math
from typing import Any

from mitmproxy.connection import Connection, ConnectionState, Server
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context

from gateway.model import Identity
from gateway.proxy import http1
from gateway.proxy.bodies import BadBody
from gateway.proxy.credentials import Credential
from gateway.proxy.desk import Desk
from gateway.proxy.exchange import Exchange, HubgateAskHook, Question
from gateway.proxy.express import Express
from gateway.proxy.facts import Facts, Head, Refuse
from gateway.proxy.flows import Flows
from gateway.proxy.gate import AWAY, HUB_AWAY, Ask, Forward, Health, Verdict, decide, judged_by
from gateway.proxy.passing import HALF_CLOSED, SLOW_BODY, too_large
from gateway.proxy.pipe import Pipe
from gateway.proxy.repeats import Repeats
from gateway.proxy.replies import reply
from gateway.proxy.steps import MORE, Breath, Late, Leave, Steps
from gateway.proxy.upstreams import Upstreams

BACKLOG = 65536
"""Bytes of later requests that a client may send ahead before it is no longer read."""
IDLE_TIMEOUT = 120.0
"""Seconds between two requests."""
HEAD_TIMEOUT = 20.0
"""Seconds from the first byte of a head to its end; else 408."""
LINGER = 5.0
"""Seconds for which a client is heard out that still sends after the last answer."""
SKIPPED = 1048576
"""Bytes of a refused body that are read and dropped to keep the connection."""
TURN = 4
"""Requests that came at once and are served before others of the worker have their turn."""
ASKS = 3
"""The table may change while the hub is asked, so that another credential counts; not for ever."""

LIMITED = Refuse(429, "Too many unknown credentials came from your address.", "asks", retry_after=10)
SLOW = Refuse(408, "The request's header took too long.", "slow")
UNREADABLE = Head(b"-", b"-", b"1.1", ())
"""Stands in the log for what could not be parsed."""


class Lane(layer.Layer):
    def __init__(self, context: Context, desk: Desk) -> None:
        super().__init__(context)
        self.desk = desk
        self.client = context.client
        self.peer: str = context.client.peername[0]
        self.inbox = bytearray()
        """What the client sent beyond the message in hand."""
        self.repeats = Repeats()
        self.upstreams = Upstreams()
        self.active: Server | None = None
        """The express lane's upstream for the request in hand."""
        self.flows = Flows(self)
        self.request: http1.Request | None = None
        """The last one."""
        self.exchange: Exchange | None = None
        """What becomes of it, while it is in hand."""
        self.pipe: Pipe | None = None
        """Set once the connection is upgraded in the express lane."""
        self.deadline = math.inf
        """By the desk's clock; the handler sends `Late` once it has passed."""
        self.closing = desk.draining
        """No further request is taken."""
        self.ended = False
        """The client sends no more, but waits for what it asked for."""
        self.over = False
        self._life = self._live()
        self._waiting: commands.Command | None = None
        """The blocking command that the life waits for."""

    # ── what the handler asks ────────────────────────────────────────────────

    @property
    def full(self) -> bool:
        """Should the client not be read?"""
        return len(self.inbox) >= BACKLOG or self.flows.choked

    @property
    def choked(self) -> bool:
        """Should no upstream be read?"""
        return self.flows.choked

    def farewell(self, code: int) -> bytes:
        """A WebSocket's close frame, if the client stands where it understands one; else nothing."""
        if self.pipe is not None:
            return self.pipe.farewell(code)
        return self.flows.farewell(code)

    # ── events ───────────────────────────────────────────────────────────────

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        """mitmproxy's way in. (Its own `handle_event` queues without bound while it waits.)"""
        waiting = self._waiting
        if waiting is not None:
            if not isinstance(event, events.CommandCompleted) or event.command is not waiting:
                yield from self._meanwhile(event)
                return
            self._waiting = None
            step: Any = event.reply
        elif isinstance(event, events.DataReceived) and (
            event.connection is self.client or event.connection is self.active
        ):
            step = event
        elif self._is_for_life(event):
            step = event if not isinstance(event, events.Start) else None
        else:
            yield from self._handle_event(event)
            return
        try:
            while (command := self._life.send(step)) is not MORE:
                if command.blocking is True:
                    command.blocking, self._waiting = self, command
                    yield command
                    return
                yield command
                step = None
        except StopIteration:
            self.over = True

    def _is_for_life(self, event: events.Event) -> bool:
        """Does the generator wait for this?"""
        if self.over:
            return False
        if isinstance(event, events.ConnectionEvent) and event.connection is self.active:
            return True
        if isinstance(event, Late) and self.ended and self.pipe is None:
            return False
        if self.pipe is not None and isinstance(event, events.ConnectionClosed):
            return bool(event.connection is self.client and event.connection.state)
        if self.flows.busy and self.flows.concerned(event):
            return True
        if isinstance(event, Leave):
            self.closing = True
            return self.exchange is None
        return isinstance(event, events.Start | Late)

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        """What does not belong to the request in hand."""
        if isinstance(event, Late):
            if self.ended:
                yield from self._client_gone()
        elif self.flows.concerned(event):
            yield from self.flows.idle(event)
        elif isinstance(event, events.ConnectionEvent):
            yield from self._connection_event(event)

    def _meanwhile(self, event: events.Event) -> Steps[None]:
        """What happens while the life waits for an answer or a connect."""
        if isinstance(event, events.DataReceived) and event.connection is self.client:
            self.inbox += event.data
        elif isinstance(event, Leave):
            self.closing = True
        else:
            yield from self._handle_event(event)

    def _connection_event(self, event: events.ConnectionEvent) -> Steps[None]:
        """A socket was closed, or one spoke that should be silent."""
        if event.connection is self.client:
            if self._still_waits():
                self.ended = True
                self.wait(math.inf)
            else:
                yield from self._client_gone()
        elif self.upstreams.remove(event.connection) or isinstance(event, events.DataReceived):
            yield commands.CloseConnection(event.connection)

    def _still_waits(self) -> bool:
        """May a client that has ended its stream want the answer to what it sent before?

        One that is gone altogether looks the same until something is sent to it.
        """
        if not self.client.state & ConnectionState.CAN_WRITE or self.exchange is None or self.request is None:
            return False
        if self.over or self.pipe is not None or self.flows.piped:
            return False
        return self.request.body.done or self._waiting is not None

    def wait(self, until: float) -> None:
        """Set the deadline. A client that sends no more may be gone: it has less time."""
        self.deadline = min(until, self.desk.clock() + HALF_CLOSED) if self.ended else until

    def _client_gone(self) -> Steps[None]:
        """Nobody waits for an answer any more, whatever was being done."""
        if self.over:
            return
        self.over = True
        self._waiting = None
        if self.flows.busy:
            yield from self.flows.client_gone(self.client)
        yield from self.flows.close()
        yield from self._close_upstreams()
        self._life.close()
        yield commands.CloseConnection(self.client)

    def _close_upstreams(self) -> Steps[None]:
        gone: list[Connection] = [*self.upstreams]
        if self.active is not None:
            gone.append(self.active)
        for server in gone:
            self.upstreams.remove(server)
            yield commands.CloseConnection(server)

    # ── the life ─────────────────────────────────────────────────────────────

    def _live(self) -> Steps[None]:
        served = 0
        while not self.closing:
            request = yield from self._next_request()
            if request is None:
                break
            if not (yield from self._serve(request)):
                self.closing = True
            served += 1
            if self.inbox and served % TURN == 0:
                yield Breath()
        yield from self._leave()

    def _next_request(self) -> Steps[http1.Request | None]:
        """Wait for a whole head; None when the connection is to be closed instead."""
        begun = bool(self.inbox)
        limit = self.desk.site.max_header
        self.deadline = self.desk.clock() + (HEAD_TIMEOUT if begun else IDLE_TIMEOUT)
        scanned = 0
        while True:
            try:
                request = http1.next_request(self.inbox, limit, scanned, self.repeats.parse)
            except http1.Malformed as bad:
                page = http1.awaits_page(bad.head or bytes(self.inbox))
                yield from self._answer_unread(Refuse(bad.status, bad.message, "http"), page)
                return None
            if request is not None:
                self.wait(math.inf)
                return request
            if self.ended:
                return None
            scanned = len(self.inbox)
            event = yield MORE
            if not isinstance(event, events.DataReceived):
                if isinstance(event, Late) and self.inbox:
                    yield from self._answer_unread(SLOW)
                return None
            if not begun:
                begun = True
                self.deadline = self.desk.clock() + HEAD_TIMEOUT
            self.inbox += event.data

    def _answer_unread(self, refuse: Refuse, page: bool = False) -> Steps[None]:
        """Refuse what did not even become a request."""
        exchange = self.desk.exchange(self.client, self.peer, UNREADABLE)
        answer = reply(refuse, exchange, self.desk, close=True, page=page)
        yield commands.SendData(self.client, answer)
        self.desk.finished(exchange)

    def _serve(self, request: http1.Request) -> Steps[bool]:
        """Judge and answer one request; may the connection carry another one?"""
        self.request = request
        exchange = self.exchange = self.desk.exchange(self.client, self.peer, request.head)
        try:
            facts = self.repeats.read(request.head, self.peer, self.desk.site, self.client.tls)
            if isinstance(facts, Refuse):
                return (yield from self.answer(facts, request, exchange))
            exchange.facts, exchange.peer = facts, facts.client
            verdict = yield from self._judge(facts, exchange)
            if not isinstance(verdict, Forward):
                verdict = self.desk.shield.tempered(verdict, facts, self.desk.clock())
                return (yield from self.answer(verdict, request, exchange))
            if verdict.route.kind == "hub" and not self.desk.replica.connected:
                return (yield from self.answer(HUB_AWAY, request, exchange))
            judges = self.desk.quota is not None or self.desk.policies
            if judges and (refuse := (yield from self._objection(verdict, facts))):
                return (yield from self.answer(refuse, request, exchange))
            exchange.forward = verdict
            if (length := request.length) and (refuse := too_large(self, exchange, length)):
                return (yield from self.answer(refuse, request, exchange))
            self.desk.begun(exchange)
            names = self.desk.addons(exchange, facts, verdict)
            if names or verdict.right == "view":
                return (yield from self.flows.run(request, exchange, facts, verdict, names=names))
            express = Express(self, request, exchange, facts, verdict)
            if (recorder := self.desk.recorder) and (
                orders := self.desk.captures.covering(exchange, self.desk.clock())
            ):
                return (yield from recorder.along(express, orders))
            return (yield from express.run())
        finally:
            self.exchange = None
            self.active = None
            self.desk.finished(exchange)

    def _judge(self, facts: Facts, exchange: Exchange) -> Steps[Verdict | Refuse]:
        """The gate's verdict; the hub is asked who it is where the worker does not know."""
        desk = self.desk
        known = None
        route = desk.replica.table.find(facts.segments)
        if isinstance(credential := judged_by(facts, route), Credential):
            known = desk.replica.find(credential, desk.clock())
        for _ in range(ASKS):
            verdict = decide(facts, known, route, desk.clock(), desk.site)
            if not isinstance(verdict, Ask):
                exchange.user = known.name if isinstance(known, Identity) else ""
                return verdict if desk.replica.complete or isinstance(verdict, Health) else HUB_AWAY
            question = Question(verdict.credential, facts.client)
            yield HubgateAskHook(question)
            if question.limited:
                return LIMITED
            # Looked up again: a change may have come between the answer and now.
            route = desk.replica.table.find(facts.segments)
            known = desk.replica.find(verdict.credential, desk.clock())
            if known is None and not question.answered:
                known = AWAY
        return HUB_AWAY

    def _objection(self, verdict: Forward, facts: Facts) -> Steps[Refuse | None]:
        """The quota's or a policy's. What the hub would judge by itself is asked for here, once."""
        desk, credential, who = self.desk, verdict.credential, verdict.identity
        if who is None and credential is not None:
            known = desk.replica.find(credential, desk.clock())
            if known is None:
                question = Question(credential, facts.client)
                yield HubgateAskHook(question)
                if question.limited:
                    return LIMITED
                known = desk.replica.find(credential, desk.clock())
            who = known if isinstance(known, Identity) and desk.clock() < (known.expires_at or math.inf) else None
        if who is not None and desk.quota and (refuse := desk.quota.refusal(who, desk.clock())):
            return refuse
        return desk.policies.refusal(facts, who, verdict.route, desk.clock()) if desk.policies else None

    # ── for both lanes ───────────────────────────────────────────────────────

    def answer(self, verdict: Verdict | Refuse, request: http1.Request, exchange: Exchange) -> Steps[bool]:
        """Answer from here; may the connection carry another request?"""
        self.closing = self.closing or verdict is SLOW_BODY
        keep = self.may_keep(request) and request.head.version != b"1.0"
        yield commands.SendData(self.client, reply(verdict, exchange, self.desk, close=not keep))
        return keep and (yield from self.skip(request))

    def may_keep(self, request: http1.Request) -> bool:
        """May the connection stay, however much of the body has come?"""
        if self.closing or not request.keep_alive:
            return False
        if request.body.done:
            return True
        return not request.expects and request.length is not None and request.length <= SKIPPED

    def skip(self, request: http1.Request) -> Steps[bool]:
        """Read and drop what is left of the request's body; False if that is too much."""
        body, dropped = request.body, 0
        self.deadline = self.desk.clock() + HEAD_TIMEOUT
        while not body.done:
            if not self.inbox:
                if self.ended:
                    return False
                event = yield MORE
                if isinstance(event, Late):
                    return False
                if isinstance(event, events.DataReceived) and event.connection is self.client:
                    self.inbox += event.data
            data = bytes(self.inbox)
            try:
                _, rest = body.take(data)
            except BadBody:
                return False
            self.inbox[:] = rest
            dropped += len(data) - len(rest)
            if dropped > SKIPPED:
                return False
        return True

    def _leave(self) -> Steps[None]:
        """Close. A client that still sends is heard out a while, else a reset could eat our last answer."""
        yield from self._close_upstreams()
        yield from self.flows.close()
        if not self.ended and (self.inbox or (self.request is not None and not self.request.body.done)):
            self.inbox.clear()
            self.deadline = self.desk.clock() + LINGER
            yield commands.CloseTcpConnection(self.client, half_close=True)
            heard = 0
            while heard < SKIPPED and isinstance((event := (yield MORE)), events.DataReceived):
                heard += len(event.data)
        yield commands.CloseConnection(self.client)
