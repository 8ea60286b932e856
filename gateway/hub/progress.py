"""The steps of one start, each with its time: kept for whoever comes late, handed on to whoever listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from gateway.model import Progress

KEPT = 100
"""A spawner that says more than that has its oldest steps forgotten."""
LONGEST = 1000
"""Characters of one message."""


class Steps:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None
        self._kept: list[Progress] = []
        self._forgotten = 0
        self._more = asyncio.Event()

    def add(self, step: Progress) -> None:
        """After the last one (ready or failed) nothing is added any more."""
        if self.ended:
            return
        now = self._clock()
        if self._began is None:
            self._began = now
        self._kept.append(replace(step, elapsed=now - self._began))
        if len(self._kept) > KEPT:
            del self._kept[0]
            self._forgotten += 1
        self._more.set()
        self._more = asyncio.Event()

    def report(self, percent: int, message: str) -> None:
        """What a spawner says of its work: checked, for it is a plugin."""
        self.add(Progress(max(0, min(99, int(percent))), str(message)[:LONGEST]))

    @property
    def ended(self) -> bool:
        return bool(self._kept) and self._kept[-1].last

    @property
    def failed(self) -> bool:
        return bool(self._kept) and self._kept[-1].failed

    async def follow(self) -> AsyncIterator[Progress]:
        """All kept steps, then each new one, until the last."""
        seen = 0
        while True:
            more = self._more
            while seen < self._forgotten + len(self._kept):
                seen = max(seen, self._forgotten)
                step = self._kept[seen - self._forgotten]
                seen += 1
                yield step
                if step.last:
                    return
            await more.wait()
