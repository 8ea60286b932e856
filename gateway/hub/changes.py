"""Follows the store's change log, whoever wrote it: this hub, or a command in another process.

Every unit of work that changes what an identity means adds a row in its own
transaction. The hub reads on from the last row that it knows: at once after its
own writes, and `EVERY` so many seconds for those of others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Concatenate

from gateway.channel.messages import Invalidate
from gateway.store import changes
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

EVERY = 0.25
PART = 5000
"""Names in one push; when more have changed, everything has."""


class ChangeLog:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._listeners: list[Callable[[Invalidate], None]] = []
        self.revision = 0
        """All changes up to here are in force."""

    def subscribe(self, listener: Callable[[Invalidate], None]) -> None:
        """`listener` is called with each batch, in the order of subscription. It must not wait."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """From now on; what was before is not in any cache yet."""
        self.revision = await self._store(changes.revision)

    async def write[**P, R](
        self, unit: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a unit of work that changes something, and return once the change is in force here."""
        result: R = await self._store(unit, *args, **kwargs)
        await self.catch_up()
        return result

    async def catch_up(self) -> None:
        async with self._lock:
            found = await self._store(changes.since, self.revision)
            if found.revision == self.revision and not found.everything:
                return
            self.revision = found.revision
            many = len(found.owners) + len(found.digests) > PART
            if found.everything or many:
                batch = Invalidate(0, found.revision, everything=True)
            else:
                batch = Invalidate(0, found.revision, tuple(found.owners), tuple(found.digests))
            for listener in self._listeners:
                listener(batch)

    async def run(self) -> None:
        """Look for what others wrote. A store that is away is asked again."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.catch_up()
            except Exception:
                log.exception("the change log cannot be read")
                await asyncio.sleep(10 * EVERY)
