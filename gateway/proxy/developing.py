"""The darkroom as a process beside its worker, there while a capture runs. The worker only passes on what it saw.

What waits for it is bounded and counted where it does not fit; if it dies, another one is started.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import struct
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import BinaryIO

from gateway.captures import Order
from gateway.proxy.darkroom import Darkroom, Shot

log = logging.getLogger(__name__)

SIZE = 16 * 1024 * 1024
"""Bytes of what waits to be developed."""
LONGEST = 8 * 1024 * 1024
"""Bytes of a record, which are far fewer."""
CHUNK = 65536
"""Bytes of records that are taken between two steps of others."""
NICE = 10
"""People's requests go first."""
AGAIN = 1.0
"""Seconds until another one is started in place of one that died."""
PATIENCE = 1.0
"""Seconds to finish, at the end of the worker."""

_length = struct.Struct("!I")


class Developing:
    def __init__(self, made: Callable[[str, str], object], dropped: Callable[[str], None]) -> None:
        self._made = made
        """Gets each record: capture and JSON."""
        self._dropped = dropped
        """Told of each record that will not be, by its capture."""
        self._orders: tuple[Order, ...] = ()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def set(self, orders: Sequence[Order]) -> None:
        """These captures run from now on."""
        if tuple(orders) == self._orders:
            return
        self._orders = tuple(orders)
        self._put(pickle.dumps(self._orders))
        if self._orders and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())

    def take(self, shot: Shot) -> None:
        """Something was seen."""
        frame = pickle.dumps(shot)
        if self._size + len(frame) > SIZE:
            for capture in shot.captures:
                self._dropped(capture)
        else:
            self._put(frame)

    def _put(self, frame: bytes, first: bool = False) -> None:
        if first:
            self._waiting.appendleft(frame)
        else:
            self._waiting.append(frame)
        self._size += len(frame)
        self._more.set()

    async def close(self) -> None:
        """Finish what is there, within bounds."""
        self.set(())
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, PATIENCE)

    async def _run(self) -> None:
        """While there are captures."""
        while self._orders or self._waiting:
            try:
                await self._child()
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                log.error("what a capture has seen cannot be developed: %s", error)
                await asyncio.sleep(AGAIN)
                self._put(pickle.dumps(self._orders), first=True)

    async def _child(self) -> None:
        """One process, from its start until there is nothing left to do."""
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", "gateway.proxy.developing",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={},
        )  # fmt: skip
        assert child.stdin is not None  # noqa: S101  # both are pipes, as asked for
        assert child.stdout is not None  # noqa: S101
        feeding = asyncio.create_task(self._feed(child.stdin))
        try:
            await self._collect(child.stdout)
            if await child.wait() != 0:
                raise OSError(f"its process has ended with {child.returncode}")
        finally:
            feeding.cancel()
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _collect(self, stdout: asyncio.StreamReader) -> None:
        """What has come at a time, whole records or a part of one."""
        rest = b""
        while data := await stdout.read(CHUNK):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LONGEST:
                raise ValueError(f"a record of more than {LONGEST} bytes")
            for line in lines:
                capture, _, record = line.decode().partition(" ")
                self._made(capture, record)

    async def _feed(self, stdin: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while self._orders or self._waiting:
                while self._waiting:
                    frame = self._waiting.popleft()
                    self._size -= len(frame)
                    stdin.write(_length.pack(len(frame)) + frame)
                    await stdin.drain()
                self._more.clear()
                if self._orders:
                    await self._more.wait()
            stdin.close()


def main() -> None:
    """The process itself. What it reads comes from its own worker."""
    os.nice(NICE)
    develop(sys.stdin.buffer, sys.stdout.buffer)


def develop(shots: BinaryIO, records: BinaryIO) -> None:
    darkroom = Darkroom()
    while len(head := shots.read(_length.size)) == _length.size:
        found = pickle.loads(shots.read(_length.unpack(head)[0]))  # noqa: S301  # the worker wrote it
        if isinstance(found, tuple):
            darkroom.set(found)
            continue
        for capture, record in darkroom.develop(found):
            records.write(f"{capture} {record}\n".encode())
        records.flush()


if __name__ == "__main__":
    main()
