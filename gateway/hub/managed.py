"""One service that the gateway runs itself: found again or started, watched, started again, stopped.

Its process is a server that belongs to nobody, so a spawner runs it, with all that a
spawner knows of ends: no process of it is left, and two copies never run. The record is
kept *before* the fork; from it the next hub finds the process, however this one went.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from gateway.children import STABLE, described, pause
from gateway.errors import HubgateError
from gateway.hookspecs import Spawner
from gateway.hub import launches
from gateway.model import Launch, Server, ServiceProcess

log = logging.getLogger(__name__)

GRACE = 5.0
"""Seconds that it gets to end by itself; then it is killed."""
KILL_SECONDS = 10.0
SOONEST = 0.25
"""Shortest pause before it is started again: a service is not awaited by anybody."""


class Keeper(Protocol):
    """What a managed service needs of the registry."""

    async def started(self, name: str, process: ServiceProcess) -> str:
        """Keep the record of a start that is about to be, and give the token for it."""

    async def kept(self, name: str, process: ServiceProcess | None) -> None:
        """It runs as this record says; None = not any more."""


class Managed:
    def __init__(
        self,
        name: str,
        order: str,
        *,
        spawner: Spawner,
        launch: Callable[[ServiceProcess, str], Launch],
        keeper: Keeper,
        reachable: Callable[[], Awaitable[None]],
    ) -> None:
        """`order` tells starts apart that differ in anything but their token; `reachable` waits for the API."""
        self.name = name
        self.process: ServiceProcess | None = None
        """Set while it runs."""
        self._order = order
        self._spawner = spawner
        self._launch = launch
        self._keeper = keeper
        self._reachable = reachable
        self._task: asyncio.Task[None] | None = None
        self._last: ServiceProcess | None = None
        """The newest start, whatever has become of it."""

    @property
    def pid(self) -> int:
        """0 = it does not run, or its spawner has no such number."""
        state = self.process.target.state if self.process and self.process.target else None
        pid = state.get("pid") if isinstance(state, dict) else None
        return pid if isinstance(pid, int) else 0

    def begin(self, before: ServiceProcess | None) -> None:
        """Adopt what runs (`before` is its record), or start it; from now on it is kept running."""
        self._last = before
        self._task = asyncio.create_task(self._run())

    async def leave(self) -> None:
        """Let it run and watch it no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def end(self, grace: float = GRACE) -> None:
        """Stop it, and return when nothing is left of it."""
        await self.leave()
        await self._clear(grace, KILL_SECONDS)

    # ── its life ─────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        await self._resume()
        while True:
            began = loop.time()
            try:
                why = await self._one_life()
            except HubgateError as error:
                why = error.message
            except Exception:
                log.exception("service %s: what runs it has failed", self.name)
                why = "could not be run"
            failures = 1 if loop.time() - began >= STABLE else failures + 1
            await self._clear(0)
            wait = max(SOONEST, pause(failures))
            log.warning("service %s: %s; it starts again in %g s", self.name, why, wait)
            await asyncio.sleep(wait)

    async def _resume(self) -> None:
        """What an earlier hub left running, if it is what would be started now."""
        if (last := self._last) is None:
            return
        if last.order == self._order:
            with suppress(HubgateError):
                target = await launches.adopted(self._spawner, self._launch(last, ""))
                if target is not None:
                    self._last = replace(last, target=target)
                    await self._now(self._last)
                    log.info("service %s runs on as process %d", self.name, self.pid)
                    return
        await self._clear(GRACE)

    async def _one_life(self) -> str:
        """Start it unless it runs, and wait for its end; what that was, in words."""
        if self.process is None:
            await self._reachable()
            await self._start()
        assert self.process is not None  # noqa: S101  # by the lines above
        return described(await launches.died(self._spawner, self._launch(self.process, "")))

    async def _start(self) -> None:
        generation = self._last.generation + 1 if self._last else 1
        process = self._last = ServiceProcess(secrets.token_hex(16), self._order, generation)
        token = await self._keeper.started(self.name, process)
        target = await launches.spawned(self._spawner, self._launch(process, token), lambda *_: None)
        self._last = replace(process, target=target)
        await self._now(self._last)
        log.info("service %s runs as process %d", self.name, self.pid)

    async def _now(self, process: ServiceProcess | None) -> None:
        self.process = process
        await self._keeper.kept(self.name, process)

    async def _clear(self, grace: float, patience: float | None = None) -> None:
        """Leave no process of the newest start, and no record of one. While it cannot be killed, none is started."""
        if self._last is None or await cleared(self._spawner, self._launch(self._last, ""), grace, patience):
            await self._now(None)


async def cleared(spawner: Spawner, launch: Launch, grace: float, patience: float | None) -> bool:
    """End what was started so: asked if there is `grace`, then killed. False = not within `patience` seconds."""
    if grace:
        try:
            async with asyncio.timeout(grace):
                await launches.ended(spawner, launch)
        except TimeoutError:
            log.warning("%s does not end within %g s and is killed", launch.server.full_name, grace)
        except Exception:
            log.exception("%s cannot be asked to end", launch.server.full_name)
    try:
        async with asyncio.timeout(patience):
            await launches.killed(spawner, launch)
    except TimeoutError:
        log.error("%s could not be killed; an administrator should look for what is left", launch.server.full_name)
        return False
    return True


def as_server(name: str, process: ServiceProcess) -> Server:
    """A service as a spawner sees it: a server among those of no user, whose names hold no slash."""
    return Server("services", name, generation=process.generation, start_id=process.start_id, target=process.target)
