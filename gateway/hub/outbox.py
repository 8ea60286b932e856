"""What goes to one worker: frames in order, and no more than it takes in time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from gateway.channel.messages import MAX_FRAME, SILENCE, Snapshot, encode
from gateway.errors import ChannelError
from gateway.routes import Route

LIMIT = 32 * 1024 * 1024
"""Characters that may wait; a worker further behind is better off with a new snapshot."""
PART = MAX_FRAME // 4
"""Characters of a snapshot's frame; a character may be four bytes."""


class Outbox:
    def __init__(self) -> None:
        self._frames: deque[tuple[str, int]] = deque()
        self._waiting = 0
        self._more = asyncio.Event()

    def put(self, frame: str, *, counts: bool = True) -> None:
        """Line `frame` up. Snapshots do not count: their size is not the worker's fault."""
        size = len(frame) if counts else 0
        self._waiting += size
        self._frames.append((frame, size))
        self._more.set()

    async def drain(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send for ever; `ChannelError` when the worker does not take what it gets."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._frames:
                if self._waiting > LIMIT:
                    raise ChannelError(f"the worker is {self._waiting} characters behind")
                frame, size = self._frames.popleft()
                self._waiting -= size
                try:
                    async with asyncio.timeout(SILENCE):
                        await send(frame)
                except TimeoutError:
                    raise ChannelError("the worker does not read") from None


def snapshot_frames(routes: tuple[Route, ...]) -> list[str]:
    """The whole table as frames, each well below the limit of a frame."""
    parts = _cut(routes)
    return [encode(Snapshot(part, last=part is parts[-1])) for part in parts]


def _cut(routes: tuple[Route, ...]) -> list[tuple[Route, ...]]:
    if len(routes) <= 1 or len(encode(Snapshot(routes, last=False))) <= PART:
        return [routes]
    half = len(routes) // 2
    return _cut(routes[:half]) + _cut(routes[half:])
