"""After a 101: two streams, passed on as they come, counted and followed but never changed.

The handler gives what it has read to `from_client` or `from_upstream` and writes it to the other side at once,
without events and commands: of a short message they were half the work. How it ends is `run`'s.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mitmproxy.connection import Connection, Server
from mitmproxy.proxy import commands, events

from gateway.proxy.exchange import Exchange
from gateway.proxy.frames import Frames, close_frame
from gateway.proxy.passing import HALF_CLOSED
from gateway.proxy.presence import Listening
from gateway.proxy.steps import MORE, Late, Steps

if TYPE_CHECKING:
    from gateway.proxy.lanes import Lane

GOING_AWAY = 1001


class Pipe:
    def __init__(self, lane: Lane, exchange: Exchange, upstream: Server, *, websocket: bool) -> None:
        self._lane = lane
        self._exchange = exchange
        self.upstream = upstream
        facts, forward = exchange.facts, exchange.forward
        self._up = Listening(facts, forward.route.prefix) if websocket and facts and forward else None
        self._down = Frames() if websocket else None
        self._idle = exchange.forward.route.idle_timeout if exchange.forward is not None else 0
        self._half = False
        """One side sends no more."""

    def farewell(self, code: int) -> bytes:
        """A close frame for the client, where one can stand."""
        if self._down is None or not self._down.between or self._down.closed:
            return b""
        return close_frame(code)

    def run(self, early: bytes, answered: bytes) -> Steps[None]:
        """Until both sides have ended, or one is gone.

        `early` came from the client before the 101, `answered` from the upstream behind it.
        """
        if answered:
            self.from_upstream(answered)
            yield commands.SendData(self._lane.client, answered)
        if early:
            self.from_client(early)
            yield commands.SendData(self.upstream, early)
        self._wait()
        while True:
            event = yield MORE
            if isinstance(event, events.ConnectionClosed) and event.connection.state and not self._half:
                yield from self._half_closed(event.connection)
            else:
                break
        if isinstance(event, Late) and not self._half and (farewell := self.farewell(GOING_AWAY)):
            yield commands.SendData(self._lane.client, farewell)
        yield commands.CloseConnection(self.upstream)

    def _half_closed(self, connection: Connection) -> Steps[None]:
        """The other side hears of it, and may say its last words."""
        self._half = True
        self._wait()
        client = self._lane.client
        yield commands.CloseTcpConnection(self.upstream if connection is client else client, half_close=True)

    def _wait(self) -> None:
        """Nobody is sent away for silence, unless the route says so or the other side has gone."""
        limits = (self._idle or math.inf, HALF_CLOSED if self._half else math.inf)
        self._lane.deadline = self._lane.desk.clock() + min(limits)

    def from_client(self, data: bytes) -> None:
        """Count it and follow its frames."""
        self._exchange.received += len(data)
        if self._idle or self._half:
            self._wait()
        desk = self._lane.desk
        if self._up is None or self._up.heard(data, desk.clock()):
            desk.use(self._exchange)

    def from_upstream(self, data: bytes) -> None:
        """The same for the other direction."""
        self._exchange.sent += len(data)
        if self._idle or self._half:
            self._wait()
        if self._down is not None:
            self._down.feed(data)
