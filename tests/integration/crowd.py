"""Many clients at once, cheaply: keep-alive connections on one event loop, and what became of each request."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import psutil

from tests.integration.harness import Gateway

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


@dataclass
class Tally:
    """Statuses, and how long each answer took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    cut: int = 0
    """Connections that ended before their answer."""

    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


class Link:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, request: bytes, tally: Tally, answers: int = 1) -> bytes:
        """Send `request`, which has `answers` requests in it, and read them all; gives the last one's body."""
        began = time.monotonic()
        self.writer.write(request)
        body = b""
        for _ in range(answers):
            head = await self.reader.readuntil(b"\r\n\r\n")
            found = _LENGTH.search(head)
            body = await self.reader.readexactly(int(found[1])) if found else b""
            tally.statuses[int(head[9:12])] += 1
        tally.seconds.append(time.monotonic() - began)
        return body


@contextlib.asynccontextmanager
async def links(gateway: Gateway, count: int) -> AsyncIterator[list[Link]]:
    made = [Link(*await asyncio.open_connection("127.0.0.1", gateway.port)) for _ in range(count)]
    try:
        yield made
    finally:
        for link in made:
            link.writer.transport.abort()


class Cost:
    """Processor seconds and memory of a process since this was made."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._cpu, self._rss, self._began = self._used(), process.memory_info().rss, time.monotonic()

    def _used(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def share(self) -> float:
        """Of one core."""
        return (self._used() - self._cpu) / (time.monotonic() - self._began)

    def growth(self) -> int:
        return self._process.memory_info().rss - self._rss


async def every(seconds: float, until: float, work: object) -> None:
    """Call `work()` in this rhythm; what is late is not made up for."""
    assert callable(work)
    while time.monotonic() < until:
        began = time.monotonic()
        await work()
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))


def request(gateway: Gateway, target: str, *lines: str, method: str = "GET", body: bytes = b"") -> bytes:
    fields: Iterable[str] = [f"Host: {gateway.authority}", *lines, *([f"Content-Length: {len(body)}"] if body else [])]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *fields]).encode() + b"\r\n\r\n" + body
