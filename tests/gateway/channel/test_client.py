"""The worker's end of the channel, against a real WebSocket server on a unix socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from websockets.asyncio.server import Server, ServerConnection, unix_serve

from gateway.channel import client as module
from gateway.channel.client import Client
from gateway.channel.messages import (
    SECRET_HEADER,
    Activity,
    Beat,
    FromHub,
    Hello,
    Invalidate,
    Welcome,
    decode_from_worker,
    encode,
)
from gateway.errors import ChannelError


class Listener:
    def __init__(self) -> None:
        self.got: list[FromHub] = []
        self.losses = 0
        self.seq = 0
        self.refuse: type | None = None

    def hello(self) -> Hello:
        return Hello("1", 42, "boot", self.seq)

    def receive(self, message: FromHub) -> None:
        if self.refuse and isinstance(message, self.refuse):
            raise ChannelError("this makes no sense")
        self.got.append(message)

    def lost(self) -> None:
        self.losses += 1


class Hub:
    """Says welcome, and remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.links: list[ServerConnection] = []
        self.secrets: list[str | None] = []

    async def serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.secrets.append(socket.request.headers.get(SECRET_HEADER))
        self.links.append(socket)
        async for frame in socket:
            message = decode_from_worker(frame)
            self.heard.append(message)
            if isinstance(message, Hello):
                await socket.send(encode(Welcome("boot", 0, False, "", "")))


@contextlib.asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[tuple[Hub, Client, Listener, Server]]:
    hub, listener = Hub(), Listener()
    path = folder / "hub.sock"
    server = await unix_serve(hub.serve, str(path))
    client = Client(path, "the secret")
    running = asyncio.create_task(client.run(listener))
    try:
        await until(lambda: bool(listener.got))
        yield hub, client, listener, server
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()
        await server.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_conversation(tmp_path: Path) -> None:
    async with connected(tmp_path) as (hub, client, listener, _):
        assert hub.secrets == ["the secret"]
        assert hub.heard == [Hello("1", 42, "boot", 0)]
        assert client.send(Activity({"x": 1.0}, {}))
        await hub.links[0].send(encode(Invalidate(1, 2)))
        await until(lambda: len(hub.heard) > 1 and len(listener.got) > 1)
        assert hub.heard[1] == Activity({"x": 1.0}, {})
        assert listener.got[1] == Invalidate(1, 2)


async def test_it_comes_back_with_what_it_has_seen(tmp_path: Path) -> None:
    async with connected(tmp_path) as (hub, _, listener, _server):
        listener.seq = 7
        hub.links[0].transport.abort()
        await until(lambda: len(hub.links) == 2 and len(listener.got) == 2)
        assert hub.heard[-1] == Hello("1", 42, "boot", 7)
        assert listener.losses >= 1


async def test_without_a_connection_nothing_is_taken(tmp_path: Path) -> None:
    client, listener = Client(tmp_path / "nobody.sock", "x"), Listener()
    assert not client.send(Beat())
    running = asyncio.create_task(client.run(listener))
    await until(lambda: listener.losses > 1)
    assert not client.send(Beat())
    running.cancel()


async def test_a_hub_that_refuses_the_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def refuse(connection: ServerConnection, request: object) -> object:
        return connection.respond(403, "no")

    async with await unix_serve(Hub().serve, str(tmp_path / "hub.sock"), process_request=refuse):  # type: ignore[arg-type]
        listener = Listener()
        running = asyncio.create_task(Client(tmp_path / "hub.sock", "x").run(listener))
        await until(lambda: listener.losses > 1)
        running.cancel()
    assert listener.got == []
    assert caplog.text.count("cannot be reached") == 1


async def test_silence_is_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.2)
    async with connected(tmp_path) as (hub, _, listener, _server):
        await until(lambda: len(hub.links) > 1)
        assert listener.losses >= 1


async def test_heartbeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.02)
    async with connected(tmp_path) as (hub, _, _listener, _server):
        await until(lambda: hub.heard.count(Beat()) > 3)


async def test_what_makes_no_sense_ends_the_connection(tmp_path: Path) -> None:
    async with connected(tmp_path) as (hub, _, listener, _server):
        listener.refuse = Invalidate
        await hub.links[0].send(encode(Invalidate(9, 9)))
        await until(lambda: len(hub.links) == 2)
        await hub.links[1].send("{}")
        await until(lambda: len(hub.links) == 3)


async def test_a_queue_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 2)
    async with connected(tmp_path) as (_hub, client, _listener, _server):
        assert [client.send(Beat()) for _ in range(3)] == [True, True, False]
