"""WebSockets by the hundred that talk, and by the thousand that say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator
from typing import cast

import uvloop

from tests.benchmarks.backend import frame_head
from tests.benchmarks.measure import Invalid, Sample, memory, window
from tests.benchmarks.peers import LOOPBACK, Peer, Target

OPENING = 64
"""Sockets opened at the same time."""
TIMEOUT = 60.0
HANDSHAKE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT = 0x81
NO_MASK = bytes(4)
"""Masking with zeros: proxies do not care, and the backend need not unmask."""


class Socket(asyncio.Protocol):
    """A client's WebSocket, in as few steps as possible."""

    def __init__(self, head: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._head = head
        self._arrived = b""
        self._message = b""
        self._echo = 0
        """Bytes of a whole echo; of the one that is awaited, `_left` have not come."""
        self._left = 0
        self._sent = 0.0
        self.transport = cast(asyncio.Transport, None)
        self.open: asyncio.Future[None] = loop.create_future()
        self.times: list[float] = []
        """Seconds that each message took to come back."""
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        if not self.open.done():
            self._arrived += data
            if b"\r\n\r\n" in self._arrived:
                if self._arrived.startswith(b"HTTP/1.1 101 "):
                    self.open.set_result(None)
                else:
                    self.open.set_exception(Invalid(f"no WebSocket: {self._arrived[:300]!r}"))
            return
        self._left -= len(data)
        if not self._left:
            self.times.append(time.perf_counter() - self._sent)
            self.send()
        elif self._left < 0:
            self.lost = True  # more came back than was sent

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if not self.open.done():
            self.open.set_exception(Invalid(f"the WebSocket was closed: {error}"))

    def ping_pong(self, size: int) -> None:
        """From now on: a message, its echo, the next message."""
        self._message = frame_head(TEXT, size, 0x80) + NO_MASK + bytes(size)
        self._echo = len(frame_head(TEXT, size)) + size
        self.send()

    def send(self) -> None:
        self._left = self._echo
        self._sent = time.perf_counter()
        self.transport.write(self._message)


@contextlib.asynccontextmanager
async def opened(target: Target, count: int) -> AsyncIterator[list[Socket]]:
    head = target.head(more=HANDSHAKE.format(KEY))
    gate = asyncio.Semaphore(OPENING)
    loop = asyncio.get_running_loop()
    sockets: list[Socket] = []

    async def one() -> None:
        async with gate:
            _, made = await loop.create_connection(lambda: Socket(head), LOOPBACK, target.port)
            sockets.append(made)
            await made.open

    try:
        async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(one())
        yield sockets
    finally:
        for each in sockets:
            each.transport.abort()
            if each.open.done() and not each.open.cancelled():
                each.open.exception()
        await asyncio.sleep(0)


def echo(peer: Peer, sockets: int, size: int, seconds: float) -> Sample:
    """`sockets` send messages of `size` bytes and wait for each to come back."""
    return uvloop.run(_echo(peer, sockets, size, seconds))


async def _echo(peer: Peer, count: int, size: int, seconds: float) -> Sample:
    async with opened(peer.target("ws"), count) as sockets:
        with window(peer.processes()) as used:
            for each in sockets:
                each.ping_pong(size)
            await asyncio.sleep(seconds)
            times = sorted(took for each in sockets for took in each.times)
        if any(each.lost for each in sockets) or not times:
            raise Invalid("a WebSocket was closed, or none answered")
    return {
        "rate": len(times) / used.seconds,
        "p50": times[len(times) // 2] * 1e3,
        "p99": times[len(times) * 99 // 100] * 1e3,
        "cpu": used.cpu / len(times) * 1e6,
        "mb": 2 * size * len(times) / used.seconds / 1e6,
    }


def idle(peer: Peer, count: int) -> Sample:
    """`count` are open and silent: what each costs the process that holds it, and what all processes have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        return uvloop.run(_idle(peer, count))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _idle(peer: Peer, count: int) -> Sample:
    before = memory(peer.workers())
    async with opened(peer.target("ws"), count) as sockets:
        await asyncio.sleep(2)
        if any(each.lost for each in sockets):
            raise Invalid("a WebSocket was closed")
        held = memory(peer.workers()) - before
        return {"socket": held / count / 1024, "memory": memory(peer.processes()) / (1 << 20)}
