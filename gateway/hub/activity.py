"""When credentials and servers were last used: collected, then written in one go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two writes."""
KEPT = 100_000
"""Entries of each kind that may wait; more are dropped, the next use tells again."""

type Times = Mapping[str, float]


class ActivityLog:
    def __init__(self, write: Callable[[Times, Times], Awaitable[object]], clock: Callable[[], float]) -> None:
        self._write = write
        self._clock = clock
        self._credentials: dict[str, float] = {}
        self._servers: dict[str, float] = {}

    def note(self, credentials: Times, servers: Times) -> None:
        """The later time counts; none counts that has not come yet."""
        now = self._clock()
        _merge(self._credentials, credentials, now)
        _merge(self._servers, servers, now)

    async def flush(self) -> None:
        """Write what waits. What cannot be written is lost; the next use tells again."""
        credentials, servers = self._credentials, self._servers
        if not credentials and not servers:
            return
        self._credentials, self._servers = {}, {}
        try:
            await self._write(credentials, servers)
        except Exception:
            log.exception("the activity of %d credentials is lost", len(credentials))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.flush()


def _merge(into: dict[str, float], times: Times, now: float) -> None:
    for key, at in times.items():
        if key in into or len(into) < KEPT:
            into[key] = max(into.get(key, 0.0), min(at, now))
