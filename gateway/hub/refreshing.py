"""Asks authenticators again whether those who have logged in are still let in.

Each session has its hour (`refresh_at`). Who is refused then loses the session, and
with it every open connection. A provider that does not answer ends nothing at once:
the session has as long again as it was good for, and is then over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence

from gateway.errors import Forbidden, HubgateError, Unavailable
from gateway.hookspecs import Authenticator
from gateway.hub import proving
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.sessions import bring_up_to_date
from gateway.model import Login
from gateway.store import audit, sessions, users
from gateway.store.sessions import Known
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

EVERY = 15.0
PATIENCE = 10.0
"""Seconds that an authenticator may take."""
AT_ONCE = 8
PART = 5000
"""Sessions of one round."""
ENOUGH = 3
"""Failures in one round after which a provider is not asked about the others."""
AGAIN = 60.0
"""Seconds until a provider that did not answer is asked about the same session again."""


class Refreshing:
    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        *,
        store: Store,
        changes: ChangeLog,
        entry: Entry,
        clock: Callable[[], float],
    ) -> None:
        self._authenticators = {each.name: each for each in authenticators}
        self._store = store
        self._changes = changes
        self._entry = entry
        self._clock = clock
        self._tried: dict[str, float] = {}
        """When a session's provider did not answer; only of those that are due."""
        self._failures: Counter[str] = Counter()
        """Of this round, by authenticator."""
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("sessions are not refreshed")
            await asyncio.sleep(EVERY)

    async def round(self) -> None:
        """Every session that is due, once."""
        now = self._clock()
        due = await self._store(sessions.due, now, PART)
        self._tried = {each.digest: self._tried[each.digest] for each in due if each.digest in self._tried}
        self._failures.clear()
        async with asyncio.TaskGroup() as group:
            for each in due:
                if now - self._tried.get(each.digest, 0.0) >= AGAIN or self._is_over(each, now):
                    group.create_task(self._one(each))

    async def _one(self, known: Known) -> None:
        async with self._room:
            authenticator = self._authenticators.get(known.authenticator)
            if authenticator is None:
                return await self._end(known, "its authenticator is not in use any more")
            try:
                login = await self._asked(authenticator, known)
            except Forbidden as error:
                return await self._end(known, error.message)
            except HubgateError:
                self._failures[authenticator.name] += 1
                self._tried[known.digest] = now = self._clock()
                if self._is_over(known, now):
                    await self._end(known, "it could not be asked for too long")
                return None
            if login is None or login.name != known.user:
                return await self._end(known, "the authenticator does not know this person any more")
            self._tried.pop(known.digest, None)
            next_at = self._clock() + max(EVERY, authenticator.refresh_seconds)
            return await self._changes.write(self._keep, known, login, next_at)

    async def _asked(self, authenticator: Authenticator, known: Known) -> Login | None:
        if self._failures[authenticator.name] >= ENOUGH:
            raise Unavailable(proving.AWAY)
        return await proving.asked(
            authenticator,
            "refresh",
            lambda: authenticator.refresh(known.user, known.memory),
            proving.login,
            seconds=PATIENCE,
            secrets=proving.texts(known.memory),
        )

    def _is_over(self, known: Known, now: float) -> bool:
        authenticator = self._authenticators.get(known.authenticator)
        grace = authenticator.refresh_seconds if authenticator else 0.0
        return known.refresh_at is not None and now >= known.refresh_at + grace

    def _keep(self, db: Transaction, known: Known, login: Login, next_at: float) -> None:
        user = users.get(db, known.user)
        if user is None or not self._entry.may_log_in(user, user.name):
            sessions.remove(db, known.digest)
            return
        bring_up_to_date(db, user, login)
        sessions.refreshed(db, known.digest, login.memory, next_at)

    async def _end(self, known: Known, why: str) -> None:
        log.warning("a session of %s by %s ends: %s", known.user, known.authenticator, why)
        await self._changes.write(_end, known, self._clock())


def _end(db: Transaction, known: Known, now: float) -> None:
    sessions.remove(db, known.digest)
    audit.add(db, now, "", "login.ended", known.user, known.authenticator)
