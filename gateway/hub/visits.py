"""For the audit: who entered servers that are not theirs, and tokens at addresses where they were never used before.

Workers tell of each now and then; what is new is written. A visit ends when nothing has
come for `PAUSE`; the next request begins another one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

from gateway.channel.messages import Visit
from gateway.hub.words import plain
from gateway.model import AuditEntry
from gateway.store import audit, tokens
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

ENTER, USED = "server.enter", "token.used"
PAUSE = 3600.0
EVERY = 1.0
WAITING = 10_000
"""Of each kind, until the next write; workers tell again."""
KNOWN = 50_000
"""Tokens at their addresses that need not be looked up."""
ADDRESSES = 50
"""New addresses of one token within `DAY` that are written; a token that has more has been seen often enough."""
DAY = 86400.0
SHOWN = 10
REMEMBERED = 30 * DAY
"""How long a visit stands on the owner's page."""


class Visits:
    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._visits: dict[tuple[str, str], Visit] = {}
        self._uses: dict[tuple[str, str], None] = {}
        self._last: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def note(self, visits: Iterable[Visit], uses: Mapping[str, Iterable[str]]) -> None:
        """`uses`: digests of tokens, and where they came from."""
        now = self._clock()
        for visit in visits:
            key = (visit.who, visit.server)
            last = self._last.pop(key, None)
            _keep(self._last, key, now)
            if (last is None or now - last > PAUSE) and len(self._visits) < WAITING:
                self._visits.setdefault(key, visit)
        for digest, addresses in uses.items():
            for address in addresses:
                if (digest, address) in self._known:
                    self._known.move_to_end((digest, address))
                elif len(self._uses) < WAITING:
                    self._uses[digest, address] = None

    async def of(self, owner: str, limit: int = SHOWN) -> list[AuditEntry]:
        """Others' visits to that user's servers of late, the last one first."""
        found = await self._store(audit.on_servers, owner, ENTER, limit)
        oldest = self._clock() - REMEMBERED
        return [entry for entry in found if entry.time >= oldest]

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.flush()
            except Exception:
                log.exception("visits cannot be written")

    async def flush(self) -> None:
        """Write what is new. It is kept when that fails."""
        visits, uses = list(self._visits.values()), list(self._uses)
        if not visits and not uses:
            return
        await self._store(_write, visits, uses, self._clock())
        for visit in visits:
            self._visits.pop((visit.who, visit.server), None)
        for use in uses:
            self._uses.pop(use, None)
            _keep(self._known, use, None)


def _keep[V](known: OrderedDict[tuple[str, str], V], key: tuple[str, str], value: V) -> None:
    known[key] = value
    if len(known) > KNOWN:
        known.popitem(last=False)


def _write(db: Transaction, visits: list[Visit], uses: list[tuple[str, str]], now: float) -> None:
    for visit in visits:
        # The hub before this one may have written it.
        if now - audit.last(db, visit.who, ENTER, visit.server) > PAUSE:
            role = "administrator" if visit.admin else "service" if visit.who.startswith("service:") else "guest"
            audit.add(db, now, visit.who, ENTER, visit.server, f"as {role}, by {visit.credential}")
    for digest, address in uses:
        found = tokens.find(db, digest, now)
        if found is None:
            continue
        token, place = found[0], plain(address, 64)
        seen = audit.about(db, token.id, USED, limit=1000)
        lately = sum(entry.time > now - DAY for entry in seen)
        if lately < ADDRESSES and not any(entry.detail == place for entry in seen):
            audit.add(db, now, f"{token.owner_kind}:{token.owner}", USED, token.id, place)
