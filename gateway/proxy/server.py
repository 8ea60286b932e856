"""How the worker's sockets become mitmproxy connections: a proxy mode and a server instance of our own."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
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
PAUSE = 1.0
"""Seconds without taking any, when the system has no room for one."""


class HubgateMode(ProxyMode):
    """The gateway's own mode."""

    description = "Hubgate"
    transport_protocol = "tcp"

    def __post_init__(self) -> None:
        if self.data:
            raise ValueError("mode takes no arguments")


MODE = HubgateMode.parse("hubgate")


class HubgateInstance(AsyncioServerInstance[HubgateMode]):
    """Accepts connections on sockets that are bound already."""

    def __init__(self, sockets: Sequence[socket.socket], welcome: Callable[[Context], Handler]) -> None:
        super().__init__(MODE, cast(ServerManager, None))  # it would list the handlers, which `welcome` does
        self._sockets = sockets
        self._welcome = welcome

    def make_top_layer(self, context: Context) -> Any:
        return self._welcome(context).layer

    async def listen(self, host: str, port: int) -> list[Any]:
        """`host` and `port` are mitmproxy's own settings, which do not apply."""
        for each in self._sockets:
            each.listen(BACKLOG)
        return [Door(each, self._welcome) for each in self._sockets]


class Door:
    """A listening socket, and who comes in by it.

    uvloop's own server empties the socket's queue in one go, so that of several workers the first
    to wake gets all. This one takes a few at a time.
    """

    def __init__(self, listener: socket.socket, welcome: Callable[[Context], Handler]) -> None:
        self.sockets = (listener,)
        self._listener = listener
        self._welcome = welcome
        self._loop = asyncio.get_running_loop()
        self._entering: set[asyncio.Task[None]] = set()
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
            self._entering.add(task)
            task.add_done_callback(self._entering.discard)

    async def _enter(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        try:
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(lambda: Arrival(self._welcome), sock)
        except OSError as error:
            log.debug("a connection was gone before it came: %s", error)
            sock.close()

    def close(self) -> None:
        """Nobody else comes in; who is in stays."""
        self._closed = True
        self._loop.remove_reader(self._listener)
        self._listener.close()


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
