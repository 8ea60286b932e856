"""The requests of all workers as they end: the last ones in memory, and each new one to whoever watches.

Workers send the lines of their access logs. They are kept as they came, within a bound
of count and size, and parsed only for somebody who asks. A watcher who is slow loses
its place, never holds anything up, and goes on from its last number.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

LINES = 20_000
SIZE = 16 * 1024 * 1024
"""Characters of all lines together."""
WATCHERS = 32
BEHIND = 2_000
"""Lines that may wait for one watcher; one that is further behind is let go."""

type Request = dict[str, Any]
"""A line of the access log, parsed, with its `number`."""


@dataclass(frozen=True, slots=True)
class Seen:
    number: int
    """From 1, without gaps, until the hub is started again."""
    worker: str
    line: str

    def request(self) -> Request:
        return {"number": self.number, "worker": self.worker, **json.loads(self.line)}


class Behind(Exception):
    """A watcher did not keep up: it must begin again."""


class RequestLog:
    def __init__(self, lines: int = LINES, size: int = SIZE) -> None:
        self._most = lines
        self._room = size
        self._kept: deque[Seen] = deque()
        self._size = 0
        self._watchers: set[asyncio.Queue[Seen | None]] = set()
        self.number = 0
        """Of the newest."""
        self.lost = 0
        """What workers could not keep while the hub was away."""

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def watched(self) -> int:
        """How many watch now."""
        return len(self._watchers)

    def add(self, worker: str, lines: Iterable[str], lost: int = 0) -> None:
        self.lost += max(0, lost)
        for line in lines:
            self.number += 1
            seen = Seen(self.number, worker, line)
            self._keep(seen)
            for watcher in tuple(self._watchers):
                self._tell(watcher, seen)

    def kept(self) -> tuple[Seen, ...]:
        """All that are in memory now, the oldest first."""
        return tuple(self._kept)

    async def watch(self, after: int | None = None) -> AsyncIterator[Seen]:
        """Each one from now on, or from number `after` on as far as it is kept. `Behind` ends it.

        `TooMany` is the caller's to say: `watched` tells how many there are.
        """
        queue: asyncio.Queue[Seen | None] = asyncio.Queue(BEHIND)
        missed = [seen for seen in self._kept if after is not None and seen.number > after]
        self._watchers.add(queue)
        try:
            for seen in missed:
                yield seen
            while (told := await queue.get()) is not None:
                yield told
        finally:
            self._watchers.discard(queue)
        raise Behind

    def _keep(self, seen: Seen) -> None:
        self._kept.append(seen)
        self._size += len(seen.line)
        while len(self._kept) > self._most or self._size > self._room:
            self._size -= len(self._kept.popleft().line)

    def _tell(self, watcher: asyncio.Queue[Seen | None], seen: Seen) -> None:
        try:
            watcher.put_nowait(seen)
        except asyncio.QueueFull:
            self._watchers.discard(watcher)
            with suppress(asyncio.QueueEmpty):
                watcher.get_nowait()
            watcher.put_nowait(None)


def newest(kept: tuple[Seen, ...], wanted: Callable[[Request], bool], limit: int) -> list[Request]:
    """The last `limit` that are wanted, the newest first. Parses what it looks at: for a thread."""
    requests = (seen.request() for seen in reversed(kept))
    return list(islice(filter(wanted, requests), limit))
