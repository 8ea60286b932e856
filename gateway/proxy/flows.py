"""The flow lane: one request through mitmproxy's own HTTP layer, with all addon hooks, for those who need flows.

`Lane` has parsed and judged the request already; mitmproxy gets it as its upstream
will, and the response cleaned and framed anew. So both lanes read and refuse alike,
and nothing reaches mitmproxy that it has no answer to: trailers, interim responses,
endless heads, pipelined requests, a 101 that is no WebSocket.

Bodies are streamed unless an addon sets `stream = False` in a headers hook, and
WebSocket messages are forgotten once the hooks have seen them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mitmproxy.connection import Connection
from mitmproxy.flow import Error
from mitmproxy.net.http import http1 as mitm_http1
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook

from gateway.proxy import http1
from gateway.proxy.bodies import UntilClose
from gateway.proxy.engine import Engine
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.frames import Frames, close_frame
from gateway.proxy.gate import Forward
from gateway.proxy.handshake import accepted, is_websocket_13
from gateway.proxy.onlooker import LONGEST
from gateway.proxy.passing import (
    BAD_ANSWER,
    BAD_BODY,
    CUT_SHORT,
    Answered,
    Ended,
    note_caller,
    overdue,
    patience,
    request_body,
)
from gateway.proxy.presence import Listening
from gateway.proxy.steps import MORE, Breath, Late, Steps
from gateway.proxy.upstreams import address_of
from gateway.proxy.watched import Watched

if TYPE_CHECKING:
    from gateway.proxy.lanes import Lane

MESSAGE = 32 * 1024 * 1024
"""Bytes of one WebSocket message, which mitmproxy holds whole."""
PARTS = 4096
"""Frames of one, for the same reason."""
GOING_AWAY, POLICY, TOO_BIG = 1001, 1008, 1009
EXTENSION = b"sec-websocket-extensions"
EXTENSIONS = frozenset({EXTENSION})
"""Not offered on: mitmproxy would unpack compressed messages, however large they become."""


class Flows:
    """The flow lane of one client connection."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._engine: Engine | None = None
        self._run: Flow | None = None

    @property
    def busy(self) -> bool:
        """Is a request in hand?"""
        return self._run is not None

    @property
    def piped(self) -> bool:
        """Does a WebSocket pass?"""
        return self._run is not None and self._run.piped

    @property
    def choked(self) -> bool:
        return self._engine is not None and self._engine.choked

    def farewell(self, code: int) -> bytes:
        """A close frame, where one can stand: whole frames leave mitmproxy at a time."""
        return close_frame(code) if self._run is not None and self._run.open else b""

    def concerned(self, event: events.Event) -> bool:
        """Is this event for mitmproxy's layer or its upstream connections?"""
        if self._engine is None:
            return False
        if isinstance(event, events.ConnectionEvent):
            return event.connection in self._engine.servers
        return isinstance(event, events.CommandCompleted | events.MessageInjected)

    def run(
        self, request: http1.Request, exchange: Exchange, facts: Facts, forward: Forward, *, names: tuple[str, ...]
    ) -> Steps[bool]:
        """Do it all; may the client connection carry another request?"""
        yield Breath()  # it takes longer than what others ask for, and is done in steps between theirs
        key = (forward.route.id, forward.route.generation)
        if self._engine is not None and (self._engine.worn or self._engine.key != key):
            yield from self.close()
        if self._engine is None:
            self._engine = Engine(self._lane.context, key, address_of(forward.route.url))
        self._run = Flow(self._lane, self._engine, request, exchange=exchange, facts=facts, forward=forward)
        try:
            return (yield from self._run.run(names))
        except Ended as end:
            yield from self._failed(end.refuse)
            if exchange.status:
                return False
            return (yield from self._lane.answer(end.refuse, request, exchange))
        finally:
            self._run = None

    def idle(self, event: events.Event) -> Steps[None]:
        """Between two requests mitmproxy's upstreams must be silent."""
        if self._engine is None:
            return
        if isinstance(event, events.ConnectionEvent):
            yield from self._engine.shut(event.connection)
        elif isinstance(event, events.CommandCompleted):
            yield from self._engine.completed(event)

    def client_gone(self, client: Connection) -> Steps[None]:
        """Tell mitmproxy, whose addons wait for an end."""
        if self._engine is not None:
            yield from self._engine.closed(client)
        yield from self.close()

    def close(self) -> Steps[None]:
        """Forget the engine and close what it opened."""
        engine, self._engine = self._engine, None
        if engine is not None:
            for server in list(engine.servers):
                yield commands.CloseConnection(server)

    def _failed(self, refuse: Refuse) -> Steps[None]:
        """The upstream failed; mitmproxy is not asked for its own opinion, but its addons are told."""
        if self.piped:
            yield from self.client_gone(self._lane.client)
            return
        flow = self._engine.flow if self._engine is not None and self._engine.busy else None
        yield from self.close()
        if flow is not None:
            flow.error = Error(refuse.message)
            hook = HttpErrorHook(flow)
            hook.blocking = False
            yield hook


class Flow:
    """One request in the flow lane."""

    def __init__(
        self, lane: Lane, engine: Engine, request: http1.Request, *, exchange: Exchange, facts: Facts, forward: Forward
    ) -> None:
        self.lane = lane
        self.engine = engine
        self.request = request
        self.exchange = exchange
        self.facts = facts
        self.forward = forward
        self.answered: Answered | None = None
        self.piped = False
        """A WebSocket passes through."""
        self._heard = Listening(facts, forward.route.prefix)
        """The client's frames."""
        self._down = Frames()
        """The server's."""
        self._arrived = bytearray()
        self._asked: set[Connection] = set()
        """Upstream connections that have something of this request."""
        self._onlooker: Watched | None = None
        """Judges what a guest says who may only look on."""
        exchange.lane = "flow"

    @property
    def open(self) -> bool:
        """Does the client speak WebSocket by now?"""
        return self.piped and self.exchange.status == 101

    def run(self, names: tuple[str, ...]) -> Steps[bool]:
        yield from self._out(
            self.engine.begin(
                names, self.lane.desk.upstream_head(self.exchange, self.lane.repeats.passed_lines, EXTENSIONS)
            )
        )
        if self.lane.inbox and not self.request.body.done:
            data = bytes(self.lane.inbox)
            self.lane.inbox.clear()
            yield from self._from_client(data)
        if self.lane.ended and not self.request.body.done:
            raise Ended(BAD_BODY)
        self._wait()
        while self.engine.busy:
            over = yield from self._step((yield MORE))
            if over or self.engine.closed_client:
                return False
        keep = self.answered.keep if self.answered is not None else self.lane.may_keep(self.request)
        return keep and not self.request.http10 and (yield from self.lane.skip(self.request))

    def _step(self, event: events.Event) -> Steps[bool]:
        """One event; True when an addon has answered in place of the upstream."""
        match event:
            case events.DataReceived() if event.connection is self.lane.client:
                yield from self._from_client(event.data)
            case events.DataReceived():
                yield from self._from_upstream(event.connection, event.data)
            case events.ConnectionClosed():
                yield from self._upstream_ended(event.connection)
            case events.CommandCompleted():
                yield from self._out(self.engine.completed(event))
                if self._onlooker is not None:
                    yield from self._out(self._onlooker.answers(self.lane.client))
                    if why := self._onlooker.over:
                        yield from self._dismiss(POLICY, why)
                if (answer := self._answer_of_addon()) is not None:
                    self._sent(answer)
                    yield commands.SendData(self.lane.client, answer)
                    return True
            case events.MessageInjected():
                yield from self._out(self.engine.injected(event))
            case Late():
                yield from self._late(event.held)
        return False

    def _wait(self) -> None:
        """Until when the next step must have come."""
        now, idle = self.lane.desk.clock(), self.forward.route.idle_timeout
        if self.piped:
            self.lane.deadline = now + idle if idle else math.inf
        elif self.answered is None:
            self.lane.wait(patience(self.request, self.exchange, now))
        else:
            self.lane.wait(math.inf)

    def _late(self, held: bool) -> Steps[None]:
        """It has not. Hooks may take their time."""
        if self.piped:
            yield from self._dismiss(GOING_AWAY)
        late = self.answered is None and not self.engine.waits
        if late and (refuse := overdue(self.request, self.exchange, held)) is not None:
            raise Ended(refuse)
        self._wait()

    def _dismiss(self, code: int, why: str = "") -> Steps[None]:
        """End the WebSocket with a reason."""
        if self.open:
            yield commands.SendData(self.lane.client, close_frame(code, why))
        raise Ended(CUT_SHORT)

    def _weigh(self, frames: Frames) -> Steps[None]:
        """What mitmproxy would have to hold must not be too much."""
        from_client = frames is self._heard.frames
        longest = LONGEST if from_client and self.forward.right == "view" else MESSAGE
        if frames.message > longest or frames.parts > PARTS:
            yield from self._dismiss(TOO_BIG)

    # ── to the upstream ──────────────────────────────────────────────────────

    def _from_client(self, data: bytes) -> Steps[None]:
        if not self.piped:
            data = request_body(self.lane, self.request, data)
        else:
            if self._heard.heard(data, self.lane.desk.clock()):
                self.lane.desk.use(self.exchange)
            self.exchange.received += len(data)
            yield from self._weigh(self._heard.frames)
        self._wait()
        if data:
            yield from self._out(self.engine.data(self.lane.client, data))

    def _upstream_ended(self, connection: Connection) -> Steps[None]:
        if self.piped:
            yield from self._out(self.engine.closed(connection))
        elif connection not in self._asked or (self.answered is not None and self.answered.done):
            yield from self._out(self.engine.shut(connection))
        elif self.answered is not None and isinstance(self.answered.response.body, UntilClose):
            yield from self._ended_by_closing(connection, self.answered)
        else:
            raise Ended(CUT_SHORT)

    # ── to the client ────────────────────────────────────────────────────────

    def _from_upstream(self, connection: Connection, data: bytes) -> Steps[None]:
        """Clean and frame anew what mitmproxy is to see of the response."""
        self._wait()
        if self.piped:
            self._down.feed(data)
            yield from self._weigh(self._down)
            yield from self._out(self.engine.data(connection, data))
            return
        head = b""
        if self.answered is None:
            self._arrived += data
            if (response := self._final_head()) is None:
                return
            data = bytes(self._arrived)
            self._arrived.clear()
            self.answered = Answered(self.lane, self.request, self.facts, self.forward, response)
            note_caller(self.exchange, response)
            head = self.answered.head
            if response.status == 101:
                yield from self._upgraded(connection, response, head, data)
                return
        framed, _ = self.answered.body(data)
        if head or framed:
            yield from self._out(self.engine.data(connection, head + framed))
        if self.answered.done and self.answered.response.length is None and not self.answered.chunked:
            yield from self._ended_by_closing(connection, self.answered)
        elif self.answered.done and not self.answered.reusable and connection in self.engine.servers:
            yield from self._out(self.engine.shut(connection))

    def _final_head(self) -> http1.Response | None:
        """The response's head, once it is complete. mitmproxy knows no interim ones."""
        while True:
            try:
                response = http1.next_response(self._arrived, self.facts.method)
            except http1.Malformed:
                raise Ended(BAD_ANSWER) from None
            if response is None or response.status >= 200 or response.status == 101:
                return response

    def _upgraded(self, connection: Connection, response: http1.Response, head: bytes, data: bytes) -> Steps[None]:
        """Only a WebSocket that mitmproxy will see as one, and that was asked for. No extension was offered."""
        extended = any(name.lower() == EXTENSION for name, _ in response.headers)
        right = self.forward.upgrade and is_websocket_13(self.facts) and accepted(self.facts, response.headers)
        if extended or not right:
            raise Ended(BAD_ANSWER)
        if self.forward.right == "view":
            self._onlooker = Watched.of(self.facts, self.forward.route, response, self.lane.desk.clock)
            self.engine.last_word = self._onlooker.judge
        self.piped = self.exchange.upgraded = True
        self._wait()
        self._down.feed(data)
        yield from self._weigh(self._down)
        yield from self._out(self.engine.data(connection, head + data))
        if self.lane.inbox:
            early = bytes(self.lane.inbox)
            self.lane.inbox.clear()
            yield from self._from_client(early)

    def _ended_by_closing(self, connection: Connection, answered: Answered) -> Steps[None]:
        """The response's length cannot be told in advance; to the client it has an end all the same."""
        left = answered.closed()
        if left:
            yield from self._out(self.engine.data(connection, left))
        if answered.chunked:
            yield from self._out(self.engine.shut(connection))
        else:
            yield from self._out(self.engine.closed(connection))

    def _answer_of_addon(self) -> bytes | None:
        """An addon has answered in `requestheaders`, and the body is too long to be read for nothing."""
        flow = self.engine.flow
        if flow is None or flow.response is None or self.answered is not None or self.exchange.status:
            return None
        if self.request.body.done or self.lane.may_keep(self.request) or flow.response.raw_content is None:
            return None
        answer: bytes = mitm_http1.assemble_response(flow.response)
        return answer

    def _out(self, steps: Steps[None]) -> Steps[None]:
        """Pass mitmproxy's commands on, and note what the client gets."""
        for command in steps:
            if isinstance(command, commands.SendData):
                if command.connection is self.lane.client:
                    self._sent(command.data)
                else:
                    self._asked.add(command.connection)
            yield command

    def _sent(self, data: bytes) -> None:
        size = len(data)
        if self.exchange.status == 0 and data.startswith(b"HTTP/1."):
            status = int(data[9:12])
            if status >= 200 or status == 101:
                self.exchange.status = status
            size -= data.find(b"\r\n\r\n") + 4
        self.exchange.sent += size
