"""What administrators say to everybody, and whether servers may be started. Kept in the store, known in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from gateway.errors import Unavailable
from gateway.store import audit, notices
from gateway.store.store import Store
from gateway.store.work import Transaction

ANNOUNCEMENT, STARTS = "announcement", "starts"
RETRY = 60
"""Seconds after which whoever may start nothing is told to try again."""
PAUSED = "No servers are started at the moment"


@dataclass(frozen=True, slots=True)
class Announcement:
    text: str = ""
    """"" = there is none."""
    until: float | None = None
    """When it ends by itself; None = never."""


@dataclass(frozen=True, slots=True)
class Starts:
    enabled: bool = True
    message: str = ""
    """Why not, for whoever tries."""
    drain: bool = False
    """Do servers that run end as soon as nobody uses them?"""

    @property
    def draining(self) -> bool:
        return self.drain and not self.enabled


class Notices:
    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._announcement = Announcement()
        self.starts = Starts()

    @property
    def announcement(self) -> Announcement:
        """What is said at this moment."""
        until = self._announcement.until
        return self._announcement if until is None or self._clock() < until else Announcement()

    def paused(self) -> Unavailable | None:
        """Why nothing may be started."""
        if self.starts.enabled:
            return None
        if why := self.starts.message:
            return Unavailable(f"{PAUSED}: {why}", retry_after=RETRY, key="paused-why", about={"why": why})
        return Unavailable(f"{PAUSED}.", retry_after=RETRY, key="paused")

    async def load(self) -> None:
        kept: dict[str, Any] = await self._store(notices.everything)
        self._announcement = Announcement(**kept.get(ANNOUNCEMENT, {}))
        self.starts = Starts(**kept.get(STARTS, {}))

    async def announce(self, announcement: Announcement, by: str) -> None:
        await self._store(_put, ANNOUNCEMENT, asdict(announcement), by, self._clock())
        self._announcement = announcement

    async def set_starts(self, starts: Starts, by: str) -> None:
        await self._store(_put, STARTS, asdict(starts), by, self._clock())
        self.starts = starts


def _put(db: Transaction, name: str, value: dict[str, Any], by: str, now: float) -> None:
    notices.put(db, name, value)
    # Words last and quoted: whatever they are, what was switched stands there.
    fields = sorted(value.items(), key=lambda field: isinstance(field[1], str))
    said = ", ".join(f"{field}: {json.dumps(given)}" for field, given in fields if given not in ("", None))
    audit.add(db, now, by, f"hub.{name}", "", said[:500])
