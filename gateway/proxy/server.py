"""How the worker's sockets become mitmproxy connections: a proxy mode and a server instance of our own."""

from __future__ import annotations

import asyncio
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

ACCEPTED = 16
"""Connections taken at a time, so that several workers get their share of many."""


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
        loop = asyncio.get_running_loop()
        servers = []
        for each in self._sockets:
            servers.append(await loop.create_server(lambda: Arrival(self._welcome), sock=each, backlog=ACCEPTED))
            each.listen(BACKLOG)  # asyncio has just made the queue as short as its appetite
        return servers


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
