"""Stops servers that nobody uses, or that have run too long; the rules are in `gateway.hub.idle`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence, Sized

from gateway.hub.activity import ActivityLog
from gateway.hub.idle import BY, Ending, drained, ending
from gateway.hub.life import Life
from gateway.hub.lifecycle import State
from gateway.hub.lives import Lives
from gateway.hub.queue import Key
from gateway.hub.working import last_work
from gateway.model import Idle, Launch, Server
from gateway.settings import Settings
from gateway.store import servers
from gateway.store.store import Store

log = logging.getLogger(__name__)

SOONEST, LATEST = 0.5, 15.0
"""Seconds between two looks."""
ASLEEP = 60.0
"""Seconds beyond that, after which the machine has slept."""
AT_ONCE = 16
"""Servers that are asked at a time what they do."""

type Ask = Callable[[Launch, float], Awaitable[float | None]]


class Culling:
    def __init__(
        self,
        settings: Settings,
        *,
        lives: Lives,
        store: Store,
        activity: ActivityLog,
        workers: Sized,
        draining: Callable[[], bool],
        clock: Callable[[], float],
        ask: Ask = last_work,
    ) -> None:
        """`workers`: those who tell what is used. `draining`: does what nobody uses end soon, by all rules?"""
        self._default = settings.idle.value()
        self._rules = {each.name: each.idle.value().over(self._default) for each in settings.profiles}
        self._lives = lives
        self._store = store
        self._activity = activity
        self._workers = workers
        self._draining = draining
        self._clock = clock
        self._ask = ask
        self._watched = self._looked = clock()
        """Since when warnings can be seen; the last look."""
        self._endings: dict[Key, Ending] = {}
        self._every = _every([*self._rules.values(), self._default])

    def ending(self, user: str, name: str = "") -> Ending | None:
        """The stop of which its owner is to be warned now, if there is one."""
        return self._endings.get((user, name))

    def expected(self, server: Server) -> Ending | None:
        """The stop of a running server that nobody uses any more, by its record alone; None when there is none."""
        return self._ending(server, {})

    async def keep_alive(self, user: str, name: str = "") -> None:
        """Its owner wants it to go on: that is use. Against its age it is of no avail."""
        self._activity.note({}, {f"{user}/{name}": self._clock()})
        await self._activity.flush()
        if (ending := self.ending(user, name)) is not None and ending.why == "idle":
            del self._endings[user, name]

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(self._every or LATEST)
            try:
                if self._every or self._draining():
                    await self.look()
                else:
                    self._endings = {}
            except Exception:
                log.exception("idle servers could not be looked for")

    async def look(self) -> None:
        """Once through all that runs: warn, ask, stop."""
        now = self._clock()
        if not self._workers or now - self._looked > self._every + ASLEEP:
            self._watched = now
        self._looked = now
        await self._activity.flush()
        used = await self._store(servers.last_used)
        room = asyncio.Semaphore(AT_ONCE)

        async def judge(life: Life) -> tuple[Key, Ending] | None:
            found = self._ending(life.server, used)
            if found is None or not found.warns(now):
                return None
            if found.why == "idle":
                async with room:
                    at = await self._ask(self._lives.launch(life.server), now)
                if at is not None:
                    self._note(life.server, at, used)
                    found = self._ending(life.server, used)
            if found is None or not found.warns(now):
                return None
            if found.due(now):
                self._stop(life, found)
            return (life.server.user, life.server.name), found

        judged = await asyncio.gather(*(judge(life) for life in self._lives.all() if life.server.state == State.READY))
        self._endings = dict(each for each in judged if each is not None)

    def _note(self, server: Server, at: float, used: dict[Key, float]) -> None:
        """Its work is use of it."""
        key = (server.user, server.name)
        if at > used.get(key, 0.0):
            used[key] = at
            self._activity.note({}, {f"{server.user}/{server.name}": at})

    def _ending(self, server: Server, used: Mapping[Key, float]) -> Ending | None:
        started = server.started or server.created
        last = max(started, server.last_activity or 0.0, used.get((server.user, server.name), 0.0))
        rules = self._rules.get(server.profile, self._default)
        if self._draining():
            rules = drained(rules)
        return ending(rules, started=started, used=last, watched=self._watched)

    def _stop(self, life: Life, found: Ending) -> None:
        log.info("%s is stopped: %s", life.server.full_name, found.reason)
        life.stop(found.reason, said=found.said, by=BY)


def _every(rules: Sequence[Idle]) -> float:
    """Often enough for the shortest of them; 0 = there are none."""
    limits = [limit for each in rules for limit in (each.timeout, each.max_age) if limit]
    if not limits:
        return 0
    return min(LATEST, max(SOONEST, min(limits) / 10))
