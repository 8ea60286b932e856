"""Routes that change by the thousand while requests pass: each is in force at once, and nobody else notices.

A worker as a process, with a hub that is just a channel. `HUBGATE_LONG=1` takes a whole minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.channel.messages import RoutesChanged, encode
from gateway.model import Identity
from gateway.routes import Route
from tests.gateway.proxy.playbook import get, response, status
from tests.gateway.proxy.test_worker import Worker, said_ready, worker
from tests.gateway.proxy.values import server, user

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]

SECONDS = 60 if os.environ.get("HUBGATE_LONG") == "1" else 6
PER_SECOND = 170
"""More than 10 000 a minute."""
EVERYWHERE: Identity = user("alice", "a" * 43, "self", "access:servers")


class Line:
    """A client's connection that asks for one thing after the other."""

    def __init__(self, made: Worker) -> None:
        self._worker = made
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> tuple[int, bytes]:
        if self._open is None:
            self._open = await self._worker.connect()
        reader, writer = self._open
        # As a page, because one credential gets ten refusals a second only.
        writer.write(get(path, "Sec-Fetch-Mode: navigate"))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return status(head), await reader.readexactly(length)


@contextlib.asynccontextmanager
async def named(folder: Path, names: str) -> AsyncIterator[dict[str, str]]:
    """Servers that answer with their name, each on a socket of its own; gives their URLs by name."""
    servers: list[asyncio.Server] = []
    writers: list[asyncio.StreamWriter] = []
    urls: dict[str, str] = {}
    for name in names:

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str = name) -> None:
            writers.append(writer)
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(response(body=name.encode()))

        servers.append(await asyncio.start_unix_server(serve, folder / f"{name}.sock"))
        urls[name] = f"unix:{folder}/{name}.sock"
    try:
        yield urls
    finally:
        for writer in writers:
            writer.transport.abort()
        for each in servers:
            each.close()
        await asyncio.sleep(0.05)


async def test_ten_thousand_changes_a_minute_without_one_wrong_answer(tmp_path: Path) -> None:
    async with worker(tmp_path) as w, named(tmp_path, "ABC") as urls:
        w.hub.identity = EVERYWHERE
        assert await said_ready(w)
        changes = Changes(w, urls)
        await changes.push(put=[server("alice", url=urls["A"])])
        over = asyncio.Event()
        loads = [asyncio.create_task(steady(Line(w), over)) for _ in range(4)]
        until, began = time.monotonic() + SECONDS, time.monotonic()
        while time.monotonic() < until:
            await changes.one_more()
            await asyncio.sleep(max(0.0, began + changes.count / PER_SECOND - time.monotonic()))
        over.set()
        answered = sum(await asyncio.gather(*loads))
        assert changes.count >= SECONDS * PER_SECOND * 0.9
        assert answered > SECONDS * 100
        assert changes.checked > SECONDS * PER_SECOND / 10
        delays = sorted(changes.delays)
        assert statistics.median(delays) < 0.05, delays[len(delays) // 2]
        assert delays[-1] < 1, delays[-1]


async def steady(line: Line, over: asyncio.Event) -> int:
    """Nothing changes for this one."""
    count = 0
    while not over.is_set():
        assert await line.ask("/user/alice/x") == (200, b"A")
        count += 1
        await asyncio.sleep(0.002)
    return count


class Changes:
    """Makes, moves and drops the servers of others, and looks now and then whether that is in force."""

    def __init__(self, made: Worker, urls: dict[str, str]) -> None:
        self._worker = made
        self._urls = urls
        self._seq = 0
        self._line = Line(made)
        self.count = self.checked = 0
        self.delays: list[float] = []

    async def push(self, put: list[Route] | None = None, drop: list[str] | None = None) -> None:
        self._seq += 1
        self.count += 1
        message = RoutesChanged(self._seq, tuple(put or ()), tuple(drop or ()))
        await self._worker.hub.links[0].send(encode(message))

    async def one_more(self) -> None:
        """Each of fifty servers is made at B, moved to C, stopped, dropped, and made again."""
        number, phase = self.count % 50, self.count // 50 % 4
        name, route = f"u{number}", f"server:u{number}/"
        match phase:
            case 0 | 1:
                where = "BC"[phase]
                await self.push(put=[server(name, url=self._urls[where], generation=self.count)])
                expected: tuple[int, bytes | None] = (200, where.encode())
            case 2:
                await self.push(put=[server(name, url="", state="stopped", generation=self.count)])
                expected = (424, None)
            case _:
                await self.push(drop=[route])
                expected = (424, None)
        if number % 7 == 0:
            await self._in_force(f"/user/{name}/x", expected)

    async def _in_force(self, path: str, expected: tuple[int, bytes | None]) -> None:
        """Ask until the answer is the new one; the old one is the only other that may come before."""
        began = time.monotonic()
        while True:
            try:
                code, body = await self._line.ask(path)
            except (ConnectionResetError, asyncio.IncompleteReadError):
                self._line = Line(self._worker)  # it was under way to the old place, and is cut
                continue
            if code == expected[0] and expected[1] in (None, body):
                break
            assert code in (200, 424), (code, body)
            assert time.monotonic() - began < 1
        self.delays.append(time.monotonic() - began)
        self.checked += 1


async def test_a_table_of_thousands_is_changed_as_fast(tmp_path: Path) -> None:
    """5 000 servers: one that is started is there within 50 ms."""
    async with worker(tmp_path) as w, named(tmp_path, "B") as urls:
        w.hub.identity = EVERYWHERE
        assert await said_ready(w)
        changes = Changes(w, urls)
        for start in range(0, 5000, 1000):
            many = [server(f"m{number}", url=urls["B"]) for number in range(start, start + 1000)]
            await changes.push(put=many)
        line, delays = Line(w), []
        assert (await line.ask("/user/m4999/x"))[0] == 200
        for number in range(50):
            began = time.monotonic()
            await changes.push(put=[server(f"n{number}", url=urls["B"])])
            while (await line.ask(f"/user/n{number}/x"))[0] != 200:
                assert time.monotonic() - began < 1
            delays.append(time.monotonic() - began)
        assert statistics.median(delays) < 0.05, delays
