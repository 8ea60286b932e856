"""Accepting connections: mitmproxy's server instance with our sockets and our handler."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import pytest
from mitmproxy.proxy.mode_specs import ProxyMode

from gateway import listen
from gateway.proxy import server
from gateway.proxy.entrance import Plain
from gateway.proxy.server import ACCEPTED, MODE, Arrival, Door, HubgateInstance, HubgateMode, plain
from tests.gateway.proxy.plant import head_of, plant
from tests.gateway.proxy.playbook import get, response, status


def test_the_mode() -> None:
    assert isinstance(ProxyMode.parse("hubgate"), HubgateMode)
    assert MODE.type_name == "hubgate"
    with pytest.raises(ValueError, match="no arguments"):
        ProxyMode.parse("hubgate:x")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("::1", "::1")],
)
def test_addresses_are_plain(address: str, expected: str) -> None:
    assert plain(address) == expected


class Gone:
    aborted = False

    def get_extra_info(self, name: str) -> None:
        return None

    def abort(self) -> None:
        self.aborted = True


def test_a_client_that_is_gone_before_it_came() -> None:
    transport = Gone()
    Arrival(lambda context: pytest.fail("no handler is needed")).connection_made(transport)  # type: ignore[arg-type]
    assert transport.aborted


@pytest.mark.sockets
async def test_connections_are_taken_until_it_stops(tmp_path: Path) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = await head_of(reader)
        assert b"X-Forwarded-For: 127.0.0.1" in got
        writer.write(response(body=b"hello"))
        await reader.read()

    async with plant(tmp_path, hello) as p:
        (listener,) = listen.open_all(["127.0.0.1:0"])
        place = listener.getsockname()
        instance = HubgateInstance([(listener, Plain(lambda: Arrival(p.edge.welcome)))], p.edge.welcome)
        await instance.start()
        assert instance.is_running
        reader, writer = await asyncio.open_connection(*place)
        writer.write(get())
        assert status(await head_of(reader)) == 200
        (handler,) = p.edge.connections.values()
        assert handler.client.peername == writer.get_extra_info("sockname")
        await instance.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*place)
        assert await reader.readexactly(5) == b"hello"  # who is in stays in
        writer.close()
        await writer.wait_closed()


@pytest.mark.sockets
async def test_a_few_are_taken_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers on one socket: none of them empties the queue while the other sleeps."""
    (listener,) = listen.open_all(["127.0.0.1:0"])
    clients = [socket.create_connection(listener.getsockname()) for _ in range(3 * ACCEPTED)]
    taken: list[int] = []
    doors = [Door(each, Plain(asyncio.Protocol)) for each in (listener, listener.dup())]
    for door in doors:
        monkeypatch.setattr(door, "_enter", _noted(taken, doors.index(door)))
    while len(taken) < len(clients):
        await asyncio.sleep(0)
    assert max(taken.count(0), taken.count(1)) <= 2 * ACCEPTED
    for each in (*doors, *clients):
        each.close()


def _noted(taken: list[int], number: int) -> Callable[[socket.socket], Coroutine[None, None, None]]:
    async def enter(sock: socket.socket) -> None:
        taken.append(number)
        sock.close()

    return enter


class Full:
    """A listener of a process that may open nothing more."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.full = True

    def accept(self) -> tuple[socket.socket, object]:
        if self.full:
            raise OSError(errno.EMFILE, "Too many open files")
        return self.listener.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.listener, name)


@pytest.mark.sockets
async def test_without_room_it_waits_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "PAUSE", 0.05)
    arrived = asyncio.Event()

    class Here(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            transport.close()
            arrived.set()

    (listener,) = listen.open_all(["127.0.0.1:0"])
    full = Full(listener)
    door = Door(cast(socket.socket, full), Plain(Here))
    with socket.create_connection(listener.getsockname()):
        await asyncio.sleep(0.02)
        assert "no connections are taken for 0.05 s" in caplog.text
        assert not arrived.is_set()
        full.full = False
        await asyncio.wait_for(arrived.wait(), 5)
    door.close()
