"""The worker as a process, with a hub that is just a channel."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, unix_serve

from gateway.channel.messages import (
    SECRET_HEADER,
    Activity,
    Answer,
    Ask,
    Beat,
    Hello,
    Invalidate,
    Snapshot,
    Welcome,
    decode_from_worker,
    encode,
)
from gateway.inheritance import Inherited, to_pipe
from gateway.listen import open_all
from gateway.model import Identity
from gateway.settings import Settings
from tests.gateway.proxy.plant import head_of
from tests.gateway.proxy.playbook import HUB_ROUTES, get, response, status
from tests.gateway.proxy.test_hubside import KEY
from tests.gateway.proxy.values import ME, server

pytestmark = pytest.mark.sockets

SECRET = "s" * 43


class Hub:
    """Knows alice, until told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "run" / "hub.sock"
        self.path.parent.mkdir(parents=True)
        self.upstream = folder / "upstream.sock"
        self.identity: Identity | None = ME
        self.heard: list[object] = []
        self.links: list[ServerConnection] = []

    async def serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        assert socket.request.headers[SECRET_HEADER] == SECRET
        self.links.append(socket)
        with contextlib.suppress(Exception):
            async for frame in socket:
                await self._heard(socket, decode_from_worker(frame))

    async def _heard(self, socket: ServerConnection, message: object) -> None:
        self.heard.append(message)
        if isinstance(message, Hello):
            routes = (*HUB_ROUTES, server("alice", url=f"unix:{self.upstream}"))
            await socket.send(encode(Welcome("boot", 0, False, KEY, "k")))
            await socket.send(encode(Snapshot(routes, last=True)))
        elif isinstance(message, Ask):
            await socket.send(encode(Answer(message.id, self.identity, 100)))
        elif isinstance(message, Beat):
            await socket.send(encode(Beat()))


async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = await head_of(reader)
            if b"/slow" in head:
                await asyncio.sleep(0.5)
            if b"/endless" in head:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await reader.read()
            writer.write(response(body=b"hello"))
    writer.close()


class Worker:
    def __init__(self, process: asyncio.subprocess.Process, place: tuple[str, int], ready: int, hub: Hub) -> None:
        self.process = process
        self.place = place
        self.ready = ready
        self.hub = hub
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self.place)
        self.writers.append(writer)
        return reader, writer

    async def ask(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await self.connect()
        writer.write(get(path))
        return reader, writer


@contextlib.asynccontextmanager
async def worker(folder: Path, *, hub_there: bool = True) -> AsyncIterator[Worker]:
    settings = Settings.model_validate(
        {"gateway": {"data_dir": folder, "allowed_hosts": ["hub.example.org"], "drain_seconds": 3}}
    )
    hub = Hub(folder)
    (listener,) = open_all(["127.0.0.1:0"])
    reading, writing = os.pipe()
    fd = to_pipe(Inherited(SECRET, (listener.fileno(),), 3, writing, "http://127.0.0.1/", settings))
    upstream = await asyncio.start_unix_server(hello, hub.upstream)
    channel = await unix_serve(hub.serve, str(hub.path)) if hub_there else None
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "gateway.cli", "proxy", "--data-dir", str(folder), "--inherit", str(fd),
            pass_fds=(fd, listener.fileno(), writing), stderr=log, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
    for each in (fd, writing):
        os.close(each)
    made = Worker(process, listener.getsockname(), reading, hub)
    listener.close()
    try:
        yield made
    finally:
        for writer in made.writers:
            writer.transport.abort()
        if process.returncode is None:
            process.kill()
        await process.wait()
        os.close(reading)
        upstream.close()
        if channel is not None:
            channel.close()
            await channel.wait_closed()
        await upstream.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def said_ready(made: Worker) -> bool:
    said = await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(None, os.read, made.ready, 64), 20)
    return said == b"ready\n"


async def test_a_workers_life(tmp_path: Path) -> None:
    async with worker(tmp_path) as w:
        assert await said_ready(w)
        pid_file = tmp_path / "run" / "worker-3.pid"
        assert pid_file.read_text() == f"{w.process.pid}\n"
        assert w.hub.heard[0] == Hello("3", w.process.pid)
        reader, _ = await w.ask("/user/alice/x?token=hidden")
        assert status(await head_of(reader)) == 200
        await until(lambda: any(isinstance(message, Activity) for message in w.hub.heard))
        idle, _ = await w.connect()
        slow, _ = await w.ask("/user/alice/slow")
        await asyncio.sleep(0.1)
        w.process.send_signal(signal.SIGTERM)
        assert await idle.read() == b""  # what is idle is closed
        answer = await slow.read()  # what was begun is finished
        assert status(answer) == 200
        assert b"Connection: close" in answer
        assert await asyncio.wait_for(w.process.wait(), 5) == 0
        assert not pid_file.exists()
        lines = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]
        assert [json.loads(line)["path"] for line in lines] == ["/user/alice/x?token=-", "/user/alice/slow"]


async def test_a_revoked_user_is_cut_off(tmp_path: Path) -> None:
    async with worker(tmp_path) as w:
        assert await said_ready(w)
        reader, _ = await w.ask("/user/alice/endless")
        await head_of(reader)
        w.hub.identity = None
        await w.hub.links[0].send(encode(Invalidate(1, 100, owners=("user:alice",))))
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 2)


async def test_without_a_hub_it_says_so_and_a_second_signal_hurries(tmp_path: Path) -> None:
    async with worker(tmp_path, hub_there=False) as w:
        reader, _ = await w.ask("/user/alice/x")
        assert status(await asyncio.wait_for(head_of(reader), 20)) == 503
        channel = await unix_serve(w.hub.serve, str(w.hub.path))
        assert await said_ready(w)
        reader, _ = await w.ask("/user/alice/endless")
        assert status(await head_of(reader)) == 200
        w.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert w.process.returncode is None
        w.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(w.process.wait(), 2) == 0
        channel.close()
        await channel.wait_closed()


async def test_settings_are_read_again(tmp_path: Path) -> None:
    async with worker(tmp_path) as w:
        assert await said_ready(w)
        w.process.send_signal(signal.SIGHUP)
        await until(lambda: "settings read again" in (tmp_path / "log").read_text())
        assert w.process.returncode is None
