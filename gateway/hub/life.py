"""One server from its start to its end: the acts behind the table of `lifecycle`.

Each state has one act and one deadline. The act, a wish to stop and the deadline
race; what wins is an event, and the table says what is next. The record is kept
*before* the next act begins, so that a hub killed at any point leaves a record
from which the next hub finds the server, or knows that there is none.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gateway.errors import HubgateError
from gateway.hookspecs import Spawner
from gateway.hub import launches
from gateway.hub.lifecycle import ENDING, STARTING, Event, State, next_state
from gateway.hub.profiles import HUB_AWARE
from gateway.hub.progress import Steps
from gateway.model import Launch, Progress, Said, Server, Target
from gateway.routes import SECRET_MARK

log = logging.getLogger(__name__)

KILL_SECONDS = 10.0
"""What a spawner has to kill a server and its children."""
MESSAGE = 2000
"""Characters of a message to the owner, and of what varies in it."""
KEY, LARGEST = 64, 2**53
"""Characters of its key, and a number in it."""
NOT_KILLED = "It could not be killed; an administrator should look for what is left of it."

WAITED = "It waited too long for its turn."
INTERNAL = "An internal error of the gateway; its log tells more."
UNWRITTEN = "The gateway's database cannot be written."

type Outcome = tuple[Event, dict[str, Any]]
"""What happened, and what changes in the record with it."""


class Keeper(Protocol):
    """What a life needs of the registry."""

    async def keep(self, server: Server, by: str) -> None:
        """Write the record; `by` is who asked that it stops, if somebody did."""

    def moved(self, life: Life, event: Event) -> None:
        """The record is written and `life.server` is new: tell the others."""

    async def equipped(self, launch: Launch) -> Launch:
        """What the spawner gets to start it: with a token, if it is hub-aware."""

    async def spawned(self, launch: Launch, target: Target) -> None:
        """It has begun to run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that each state may last; `start` covers SPAWNING and BOOTING together."""

    queue: float
    start: float
    stop: float


class Life:
    def __init__(
        self,
        server: Server,
        spawner: Spawner,
        *,
        launch: Callable[[Server], Launch],
        limits: Limits,
        keeper: Keeper,
        clock: Callable[[], float],
    ) -> None:
        self.server = server
        self.steps = Steps()
        self.turn = asyncio.Event()
        """Set by the registry: it may start now."""
        self._spawner = spawner
        self._launch = launch
        self._limits = limits
        self._keeper = keeper
        self._clock = clock
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._why = self._by = ""
        self._said: Said | None = None
        self._start_by = 0.0
        self._changed = asyncio.Condition()

    # ── for the registry ─────────────────────────────────────────────────────

    def stop(self, reason: str = "", *, said: Said | None = None, by: str = "", now: bool = False) -> None:
        """Wish that it ends; `now` leaves it no time. The first reason is the one that counts; `said` goes with it."""
        if not self._stop.is_set():
            self._why, self._said, self._by = reason, said, by
            self._stop.set()
        if now:
            self._hurry.set()

    async def until(self, *states: State) -> None:
        """Wait until the record is in one of `states`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.server.state in states)

    async def resume(self) -> None:
        """After a restart of the hub: find the server that the record speaks of."""
        self.steps.add(Progress(5, "The gateway was restarted and looks for the server"))
        self._begin_deadline()
        if self.server.state == State.QUEUED:
            await self._move(Event.RESUMED, {})
        else:
            await self._move(*await self._find())

    async def run(self) -> None:
        """From whatever state the record is in to STOPPED."""
        while self.server.state != State.STOPPED:
            await self._move(*await self._step())

    # ── one state ────────────────────────────────────────────────────────────

    async def _step(self) -> Outcome:
        match State(self.server.state):
            case State.QUEUED:
                return await self._race(self._queue, self._limits.queue, WAITED, Said(key="start-waited"))
            case State.SPAWNING:
                said = Said(key="start-slow", about={"seconds": self._limits.start})
                return await self._race(self._spawn, self._left(), self._too_slow("was not started"), said)
            case State.BOOTING:
                said = Said(key="start-mute", about={"seconds": self._limits.start})
                return await self._race(self._boot, self._left(), self._too_slow("did not answer"), said)
            case State.READY:
                return await self._race(self._watch, None)
            case State.STOPPING:
                return await self._race(self._end, self._limits.stop)
            case _:
                return await self._race(self._kill, KILL_SECONDS, NOT_KILLED, Said(key="start-not-killed"))

    async def _race(
        self,
        act: Callable[[], Coroutine[Any, Any, Outcome]],
        seconds: float | None,
        overdue: str = "",
        said: Said | None = None,
    ) -> Outcome:
        """The act, the wish (to stop; while STOPPING: to hurry) and the deadline: the first wins."""
        wish, wished = self._wish()
        if wish.is_set():
            return wished
        working = asyncio.create_task(act())
        wishing = asyncio.create_task(wish.wait())
        try:
            await asyncio.wait({working, wishing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return self._result(working)
            if wishing.done():
                return self._wish()[1]
            log.warning("%s: overdue while %s", self.server.full_name, self.server.state)
            return Event.OVERDUE, self._says(overdue, said)
        finally:
            await launches.let_go(working, wishing)

    def _wish(self) -> tuple[asyncio.Event, Outcome]:
        """What may interrupt the act of this state, and what it is then."""
        if self.server.state == State.KILLING:
            return asyncio.Event(), (Event.STOP, {})
        if self.server.state == State.STOPPING:
            return self._hurry, (Event.OVERDUE, {})
        return self._stop, (Event.STOP, self._says(self._why, self._said))

    def _result(self, working: asyncio.Task[Outcome]) -> Outcome:
        error = asyncio.CancelledError() if working.cancelled() else working.exception()
        if error is None:
            return working.result()
        if isinstance(error, HubgateError):
            log.warning("%s: failed while %s: %s", self.server.full_name, self.server.state, error.message)
            return Event.FAILED, self._says(error.message, said_of(error))
        log.error("%s: error while %s", self.server.full_name, self.server.state, exc_info=error)
        return Event.FAILED, self._says(INTERNAL, Said(key="start-internal"))

    async def _queue(self) -> Outcome:
        """What finds the server again, and what opens it, is kept before there is a server."""
        self.steps.add(Progress(0, "Server requested"))
        await self.turn.wait()
        self._begin_deadline()
        match self._launch(self.server).profile.auth:
            case "token":
                secret = SECRET_MARK + secrets.token_urlsafe(32)
            case "jupyterhub":
                secret = HUB_AWARE
            case _:
                secret = ""
        return Event.TURN, {"start_id": secrets.token_hex(16), "secret": secret}

    async def _spawn(self) -> Outcome:
        self.steps.add(Progress(10, "Starting the server"))
        launch = await self._keeper.equipped(self._launch(self.server))
        target = await launches.spawned(self._spawner, launch, self.steps.report)
        await self._keeper.spawned(launch, target)
        return Event.SPAWNED, {"target": target}

    async def _boot(self) -> Outcome:
        self.steps.add(Progress(50, "Waiting until the server answers"))
        code = await launches.booted(self._spawner, self._launch(self.server))
        if code is not None:
            said = Said(key="start-ended", about={"code": code})
            return Event.DIED, self._says(f"The server ended before it answered (exit code {code}).", said)
        now = self._clock()
        return Event.ANSWERED, {"started": now, "last_activity": now}

    async def _watch(self) -> Outcome:
        code = await launches.died(self._spawner, self._launch(self.server))
        said = Said(key="server-ended", about={"code": code})
        return Event.DIED, self._says(f"The server ended by itself (exit code {code}).", said)

    async def _end(self) -> Outcome:
        await launches.ended(self._spawner, self._launch(self.server))
        return Event.GONE, {}

    async def _kill(self) -> Outcome:
        await launches.killed(self._spawner, self._launch(self.server))
        return Event.GONE, {}

    async def _find(self) -> Outcome:
        state, old = State(self.server.state), self.server.target
        try:
            found = await launches.adopted(self._spawner, self._launch(self.server))
        except HubgateError as error:
            return Event.FAILED, self._says(error.message, said_of(error))
        if found is None:
            if state in ENDING:
                return Event.LOST, {}
            if state in STARTING:
                return Event.LOST, self._says("The server ended while it was being started.", Said(key="start-lost"))
            return Event.LOST, self._says("The server ended while the gateway was away.", Said(key="server-lost"))
        elsewhere = old is not None and old.url != found.url
        return Event.RESUMED, {"target": found, "generation": self.server.generation + elsewhere}

    # ── from state to state ──────────────────────────────────────────────────

    async def _move(self, event: Event, changes: dict[str, Any]) -> None:
        """Keep the new record, then live by it.

        On the way up nothing is done that could not be kept; on the way down a
        store that is away holds nothing up, only the end itself must be kept.
        """
        record = replace(self.server, state=next_state(self.server.state, event).value, **changes)
        while record != self.server:
            try:
                await self._keeper.keep(record, self._by)
                break
            except Exception:
                log.exception("%s: the record (%s) cannot be kept", self.server.full_name, record.state)
            if record.state in STARTING | {State.READY}:
                # Known in memory only, so that it is not left behind.
                self.server = replace(self.server, target=record.target)
                return await self._move(Event.FAILED, self._says(UNWRITTEN, Said(key="start-unwritten")))
            if record.state in ENDING:
                break
            await asyncio.sleep(launches.AGAIN)
        return await self._moved(event, record)

    async def _moved(self, event: Event, record: Server) -> None:
        log.info("%s: %s -> %s (%s)", record.full_name, self.server.state, record.state, event)
        self.server = record
        self._keeper.moved(self, event)
        self._tell(record)
        async with self._changed:
            self._changed.notify_all()

    def _tell(self, record: Server) -> None:
        """The steps that follow from the state alone."""
        if record.state == State.READY:
            url = self._launch(record).base_url
            self.steps.add(Progress(100, f"Server ready at {url}", ready=True, url=url))
        elif record.state == State.STOPPED:
            self.steps.add(Progress(100, record.message or "The start was cancelled.", failed=True))
        elif record.state in ENDING:
            self.steps.add(Progress(95, "Cleaning up"))

    # ── words and times ──────────────────────────────────────────────────────

    def _says(self, message: str, said: Said | None = None) -> dict[str, Any]:
        """The first reason stands, for what follows from it explains less; only leftovers are added."""
        before = self.server.message
        if message == NOT_KILLED:
            # The two together are English in every language.
            return {"message": f"{before} {message}".strip(), "said": None if before else said}
        return {"message": message[:MESSAGE], "said": said} if message and not before else {}

    def _too_slow(self, what: str) -> str:
        return f"The server {what} within {self._limits.start:g} seconds."

    def _begin_deadline(self) -> None:
        self._start_by = asyncio.get_running_loop().time() + self._limits.start

    def _left(self) -> float:
        return max(0.0, self._start_by - asyncio.get_running_loop().time())


def said_of(error: HubgateError) -> Said | None:
    """What it brings for other languages. A plugin may have raised it: only what can be kept, and not much of it."""
    key, about = error.key, error.about
    if not isinstance(key, str) or not 0 < len(key) <= KEY or not all(map(_fits, about, about.values())):
        return None
    return Said(key, about) if sum(len(name) + len(str(value)) for name, value in about.items()) <= MESSAGE else None


def _fits(name: object, value: object) -> bool:
    number = isinstance(value, int | float) and -LARGEST <= value <= LARGEST
    return isinstance(name, str) and (number or isinstance(value, str))
