"""How the worker's sockets become mitmproxy connections: a proxy mode and a server instance of our own."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from mitmproxy import ctx
from mitmproxy.connection import Client, ConnectionState
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.mode_servers import AsyncioServerInstance, ServerManager
from mitmproxy.proxy.mode_specs import ProxyMode

from gateway.listen import BACKLOG
from gateway.proxy.handler import Handler

log = logging.getLogger(__name__)

ACCEPTED = 8
"""Connections taken at a time, so that several workers get their share of many."""
ENTERING = 512
"""Handshakes under way at a time; whoever comes then takes the place of the slowest."""
PAUSE = 1.0
"""Seconds without taking any, when the system has no room for one."""


class HubgateMode(ProxyMode):
    """The gateway's own mode."""

    description = "Hubgate"
    transport_protocol = "tcp"

    def __post_init__(self) -> None:
        if self.data:
            raise ValueError("mode takes no arguments")


type Entrance = Callable[[socket.socket], Awaitable[None]]
"""Gives an accepted socket its protocol; `OSError` when it is gone."""

MODE = HubgateMode.parse("hubgate")


class HubgateInstance(AsyncioServerInstance[HubgateMode]):
    """Accepts connections on sockets that are bound already, each by its entrance."""

    def __init__(self, doors: Sequence[tuple[socket.socket, Entrance]], welcome: Callable[[Context], Handler]) -> None:
        super().__init__(MODE, cast(ServerManager, None))  # it would list the handlers, which `welcome` does
        self._doors = doors
        self._welcome = welcome

    def make_top_layer(self, context: Context) -> Any:
        return self._welcome(context).layer

    async def listen(self, host: str, port: int) -> list[Any]:
        """`host` and `port` are mitmproxy's own settings, which do not apply."""
        for listener, _ in self._doors:
            listener.listen(BACKLOG)
        return [Door(listener, entrance) for listener, entrance in self._doors]


class Door:
    """A listening socket, and who comes in by it.

    uvloop's own server empties the socket's queue in one go, so that of several workers the first
    to wake gets all. This one takes a few at a time.
    """

    def __init__(self, listener: socket.socket, entrance: Entrance) -> None:
        self.sockets = (listener,)
        self._listener = listener
        self._entrance = entrance
        self._loop = asyncio.get_running_loop()
        self._entering: dict[asyncio.Task[None], None] = {}
        """Who is on the way in, the longest first."""
        self._closed = False
        listener.setblocking(False)
        self._open()

    def _open(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTED):
            try:
                sock, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("no connections are taken for %g s: %s", PAUSE, error)  # no file descriptors, mostly
                self._loop.remove_reader(self._listener)
                self._loop.call_later(PAUSE, self._open)
                return
            task = self._loop.create_task(self._enter(sock))
            self._entering[task] = None
            task.add_done_callback(self._entered)
            if len(self._entering) > ENTERING:
                next(iter(self._entering)).cancel()

    async def _enter(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        try:
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._entrance(sock)
        except OSError as error:  # a handshake that failed or took too long, too
            log.debug("a connection was gone before it came: %s", error)
            sock.close()
        except asyncio.CancelledError:
            sock.close()
            raise

    def _entered(self, task: asyncio.Task[None]) -> None:
        self._entering.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection could not be taken", exc_info=error)

    def close(self) -> None:
        """Nobody else comes in; who is in stays."""
        self._closed = True
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for task in self._entering:
            task.cancel()


class Arrival(asyncio.Protocol):
    """A new connection, before it has a handler."""

    def __init__(self, welcome: Callable[[Context], Handler]) -> None:
        self._welcome = welcome

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)
        peer, name = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        if not peer or not name:
            transport.abort()  # the client is gone already
            return
        client = Client(
            peername=(plain(peer[0]), peer[1]),
            sockname=(plain(name[0]), name[1]),
            timestamp_start=time.time(),
            proxy_mode=MODE,
            state=ConnectionState.OPEN,
        )
        client.tls = transport.get_extra_info("sslcontext") is not None
        wire = self._welcome(Context(client, ctx.options)).client_wire
        transport.set_protocol(wire)
        wire.connection_made(transport)


def plain(address: str) -> str:
    """IPv4 in IPv6 unwrapped, the zone dropped."""
    address = address.partition("%")[0]
    return address.removeprefix("::ffff:") if "." in address else address
