"""The last requests of all workers, in memory.

Workers send the lines of their access logs as requests end. They are kept as they came,
within a bound of count and size, and parsed only for somebody who asks. Who watches asks
again and again for what is new, so a slow watcher misses lines and holds nothing up.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice, repeat
from typing import Any, NamedTuple

LINES = 20_000
SIZE = 16 * 1024 * 1024
"""Characters of all lines together."""

type Request = dict[str, Any]
"""A line of the access log, parsed, with its `number` and `worker`."""


class Seen(NamedTuple):
    number: int
    """From 1, without gaps, until the hub is started again."""
    worker: str
    line: str

    def request(self) -> Request:
        return {"number": self.number, "worker": self.worker, **json.loads(self.line)}


class RequestLog:
    def __init__(self, lines: int = LINES, size: int = SIZE) -> None:
        self._most = lines
        self._room = size
        self._kept: deque[tuple[str, str]] = deque()
        """Worker and line. They are numbered without gaps, so nobody need write their numbers down."""
        self._size = 0
        self.number = 0
        """Of the newest."""
        self.listeners: list[Callable[[str, Sequence[str]], None]] = []
        """Each gets every line, and must not block."""
        self.lost = 0
        """What workers could not keep while the hub was away."""

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Characters of all lines that are kept."""
        return self._size

    def add(self, worker: str, lines: Sequence[str], lost: int = 0) -> None:
        self.lost += max(0, lost)
        for listener in self.listeners:
            listener(worker, lines)
        self._kept.extend(zip(repeat(worker), lines, strict=False))
        self.number += len(lines)
        self._size += sum(map(len, lines))
        while len(self._kept) > self._most or self._size > self._room:
            self._size -= len(self._kept.popleft()[1])

    def after(self, number: int = 0, most: int = LINES) -> tuple[Seen, ...]:
        """The newest of those with a higher number, `most` at most, the oldest first, as far as they are kept."""
        count = min(self.number - number, most, len(self._kept))
        # From the end: whoever watches wants the last few of many.
        new = enumerate(islice(reversed(self._kept), max(0, count)))
        return tuple(Seen(self.number - back, worker, line) for back, (worker, line) in new)[::-1]


def newest(kept: Sequence[Seen], wanted: Callable[[Request], bool], limit: int) -> list[Request]:
    """The last `limit` that are wanted, the newest first. Parses what it looks at: for a thread."""
    requests = (seen.request() for seen in reversed(kept))
    return list(islice(filter(wanted, requests), limit))
