"""Where lanes touch the world: connects, questions to the hub, addon hooks; and the list of all connections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass, field

from mitmproxy.connection import Server
from mitmproxy.proxy import commands
from mitmproxy.proxy.context import Context

from gateway import targets
from gateway.limiter import Limiter
from gateway.proxy.asks import Asks
from gateway.proxy.desk import Desk
from gateway.proxy.exchange import Exchange, HubgateAskHook, Question
from gateway.proxy.gate import UNKNOWN
from gateway.proxy.handler import Handler
from gateway.proxy.lanes import Lane
from gateway.proxy.mitm import Master
from gateway.proxy.upstreams import UNIX
from gateway.proxy.wire import Wire
from gateway.routes import Route

log = logging.getLogger(__name__)

POLICY, GOING_AWAY, AGAIN = 1008, 1001, 1012
"""WebSocket close codes: the right has ended; the worker stops; come again at once."""


@dataclass(eq=False)
class Edge:
    """`gateway.proxy.handler.Outside`, for all connections of a worker."""

    desk: Desk
    asks: Asks
    master: Master
    own_ports: Collection[int]
    """Ports where the gateway itself listens, the hub's among them."""
    limiter: Limiter = field(default_factory=Limiter)
    connections: dict[str, Handler] = field(default_factory=dict)
    """By the id of their client."""

    def welcome(self, context: Context) -> Handler:
        """A new client connection."""
        handler = Handler(context, self)
        handler.layer = Lane(context, self.desk)
        self.connections[context.client.id] = handler
        return handler

    def gone(self, handler: Handler) -> None:
        self.connections.pop(handler.client.id, None)

    def cut(self, exchange: Exchange, code: int = POLICY) -> None:
        """The exchange is no longer allowed: end its connection, both sides."""
        if (handler := self.connections.get(exchange.client.id)) is not None:
            handler.cut(handler.layer.farewell(code))

    # ── what lanes ask for ───────────────────────────────────────────────────

    async def hook(self, hook: commands.StartHook) -> None:
        if isinstance(hook, HubgateAskHook):
            await self._answer(hook.question)
        else:
            await self.master.addons.handle_lifecycle(hook)

    def hooked(self, hook: commands.StartHook) -> bool:
        return not isinstance(hook, HubgateAskHook) and self.master.tell_ours(hook)

    async def _answer(self, question: Question) -> None:
        clock = self.desk.clock
        if not self.limiter.take(question.client, clock()):
            question.limited = True
            return
        question.answered = await self.asks.ask(question.credential)
        if self.desk.replica.find(question.credential, clock()) is not UNKNOWN:
            self.limiter.give_back(question.client, clock())

    async def dial(self, handler: Handler, connection: Server) -> None:
        exchange = handler.layer.exchange
        if exchange is None or exchange.forward is None or connection.address is None:
            raise OSError("nothing to connect to")
        route = exchange.forward.route
        host, port = connection.address
        loop = asyncio.get_running_loop()
        wire = Wire(handler, connection)
        if host.startswith(UNIX):
            if route.kind in ("service", "custom"):
                raise OSError("a unix socket is no target for this route")
            await loop.create_unix_connection(lambda: wire, host.removeprefix(UNIX))
            return
        await loop.create_connection(lambda: wire, host, port)
        if route.kind in ("service", "custom"):
            self._check(route, wire)

    def _check(self, route: Route, wire: Wire) -> None:
        """Nothing has been sent yet, so this is early enough, and nobody can change the address any more."""
        peer, local = wire.transport.get_extra_info("peername"), wire.transport.get_extra_info("sockname")
        why = "it is gone"
        if peer and local:
            why = targets.refusal(peer[0], local[0], peer[1], self.own_ports, self.desk.replica.table.by_id.values())
        if why:
            log.warning("the target of route %s is refused: %s", route.id, why)
            wire.abort()
            raise OSError("this target is not allowed")
