"""A capture's download, piece by piece: as an HTTP Archive, or as mitmproxy's own file.

mitmproxy's file is written by a child (`gateway.flowfile`), because the hub does not know
mitmproxy. Nothing is held whole but the messages of which one is being written.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

from gateway.errors import TooMany, Unavailable
from gateway.hub import har
from gateway.hub.recording import Recording
from gateway.hub.tape import Entry

CHILDREN = 2
PART = 200
"""Messages read at a time."""
CHUNK = 65536

_children = 0


async def archive(recording: Recording) -> AsyncIterator[bytes]:
    """HAR 1.2."""
    yield har.head().encode()
    for number, entry in enumerate(await recording.look()):
        if number:
            yield b",\n"
        for first in range(0, max(len(entry.messages), 1), PART):
            yield await asyncio.to_thread(_entry, recording, entry, first)
    yield har.tail().encode()


def _entry(recording: Recording, entry: Entry, first: int) -> bytes:
    """A flow with its first messages, or some of those that follow."""
    messages = recording.parsed(entry, first, PART)
    last = first + PART >= len(entry.messages)
    record = recording.record(entry)
    return har.entry(record, messages, first=first == 0, last=last).encode()


async def mitmproxy(recording: Recording) -> AsyncIterator[bytes]:
    """What `mitmproxy -r` opens."""
    global _children  # noqa: PLW0603  # how many there are is a matter of the whole process
    if _children >= CHILDREN:
        raise TooMany(f"{CHILDREN} downloads are under way; try again soon", retry_after=5)
    _children += 1
    try:
        async for piece in _converted(recording, await recording.look()):
            yield piece
    finally:
        _children -= 1


async def _converted(recording: Recording, entries: list[Entry]) -> AsyncIterator[bytes]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "gateway.flowfile",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={},
    )  # fmt: skip
    assert child.stdin is not None  # noqa: S101  # both are pipes, as asked for
    assert child.stdout is not None  # noqa: S101
    feeding = asyncio.create_task(_feed(recording, entries, child.stdin))
    try:
        while piece := await child.stdout.read(CHUNK):
            yield piece
        await feeding
        if await child.wait() != 0:
            raise Unavailable("The file could not be made")
    finally:
        feeding.cancel()
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _feed(recording: Recording, entries: list[Entry], stdin: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        for entry in entries:
            for line in await asyncio.to_thread(recording.raw, entry):
                stdin.write(line)
            stdin.write(b"\n")
            await stdin.drain()
        stdin.close()
