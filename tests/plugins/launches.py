"""Launches for tests of spawners, small servers to launch, and a sweep that leaves none."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gateway.model import Launch, Profile, Server, Target
from plugins.spawners import procfs
from plugins.spawners.herd import Herd, seen

PATIENCE = 15.0
"""Seconds; a good test never comes near it."""

WEB = (sys.executable, "-m", "http.server", "--bind", "{ip}", "{port}")
"""Answers anybody, and on SIGTERM it just ends."""

IDLE = ("sleep", "300")

GUARDED = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        public = self.path in sys.argv[2:]
        known = self.headers["Authorization"] == "token " + os.environ["JUPYTER_TOKEN"]
        self.send_response(200 if public or known else 403)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
"""A server that asks for its token, but for the paths on its command line."""


def shell(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)


def python(script: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script, *arguments)


class Launches:
    """Makes launches, each with a start id of its own, and remembers them for the sweep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Launch] = []

    def __call__(self, command: Sequence[str], *, base_url: str = "/user/alice/", **profile: Any) -> Launch:
        profile.setdefault("auth", "none")
        profile.setdefault("cwd", str(self._folder))
        server = Server("alice", "", generation=1, start_id=uuid.uuid4().hex, secret="a-secret-of-the-server")
        launch = Launch(
            server=server,
            profile=Profile("test", "Test", tuple(command), **profile),
            base_url=base_url,
            log_file=str(self._folder / "logs" / "server.log"),
        )
        self._made.append(launch)
        return launch

    async def sweep(self) -> None:
        for launch in self._made:
            await Herd(None, launch.server.start_id).kill()


def started(launch: Launch, target: Target | None) -> Launch:
    """The launch as the hub hands it back once the target is kept."""
    return dataclasses.replace(launch, server=dataclasses.replace(launch.server, target=target))


def ignore(percent: int, message: str) -> None:
    """A report that nobody reads."""


def pids(launch: Launch) -> set[int]:
    """Every living process that carries the launch's mark."""
    everything, marked = seen(launch.server.start_id)
    return {status.process.pid for status in everything if status.process.pid in marked and not status.dead}


def unique_seconds() -> str:
    """An argument for `sleep` by which a process that carries no mark can be found."""
    return f"300.{uuid.uuid4().int % 10**12}"


def sleepers(seconds: str) -> set[int]:
    """Every living process that does nothing but `sleep` so long."""
    found = set()
    for status in procfs.everything():
        with contextlib.suppress(OSError):
            command = (procfs.PROC / str(status.process.pid) / "cmdline").read_bytes()
            if not status.dead and command == f"sleep\0{seconds}\0".encode():
                found.add(status.process.pid)
    return found


async def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def listens(target: Target) -> None:
    port = int(target.url.rpartition(":")[2])
    await until(lambda: bool(procfs.listeners(port)))
