"""A worker's edge with real (unix) sockets around it, for tests of what a conversation cannot show."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from mitmproxy.connection import Client, ConnectionState
from mitmproxy.proxy.context import Context

from gateway.channel.messages import Ask
from gateway.proxy.asks import Asks
from gateway.proxy.edge import Edge
from gateway.proxy.handler import Handler
from gateway.proxy.mitm import Master
from gateway.routes import Route
from tests.gateway.proxy.playbook import Talk
from tests.gateway.proxy.values import PEER, server

type Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Plant:
    """One worker with one upstream, which does what `behaviour` says."""

    def __init__(self, folder: Path) -> None:
        self.route = server("alice", url=f"unix:{folder}/upstream.sock")
        self.talk = Talk(self.route)
        self.master = Master()
        self.asked: list[Ask] = []
        self.edge = Edge(self.talk.desk, Asks(self.talk.replica, self._take, self.talk.desk.clock), self.master, {8000})
        self.upstreams: list[asyncio.StreamWriter] = []
        self.clients: list[asyncio.StreamWriter] = []

    def _take(self, ask: Ask) -> bool:
        self.asked.append(ask)
        return False

    async def connect(self) -> tuple[Handler, asyncio.StreamReader, asyncio.StreamWriter]:
        """A new client."""
        ours, theirs = socket.socketpair()
        made = Client(peername=(PEER, 50000), sockname=("127.0.0.1", 8000), state=ConnectionState.OPEN)
        handler = self.edge.welcome(Context(made, self.master.options))
        await asyncio.get_running_loop().connect_accepted_socket(lambda: handler.client_wire, theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        self.clients.append(writer)
        return handler, reader, writer

    async def quiet(self) -> None:
        """Wait until every connection is gone."""
        async with asyncio.timeout(5):
            while self.edge.connections:
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def plant(folder: Path, behaviour: Behaviour) -> AsyncIterator[Plant]:
    made = Plant(folder)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.upstreams.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await behaviour(reader, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    listening = await asyncio.start_unix_server(serve, made.route.url.removeprefix("unix:"))
    try:
        yield made
    finally:
        for handler in list(made.edge.connections.values()):
            handler.abort()
        await made.quiet()
        for writer in (*made.clients, *made.upstreams):
            writer.transport.abort()
        await asyncio.sleep(0.01)
        listening.close()
        await listening.wait_closed()


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def moved(route: Route, url: str) -> Route:
    return server("alice", url=url, generation=route.generation)
