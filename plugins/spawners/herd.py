"""Finds every process of one start and ends them: asked first, then killed, none left."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterable

from plugins.spawners import environment, family, procfs, signals
from plugins.spawners.procfs import Process, Status

logger = logging.getLogger(__name__)

LEFTOVER_SECONDS = 2.0
"""For what outlives the leader: it has been asked once already, or was never told."""

LONG = 100
"""Rounds of killing after which the log should know."""


def seen(start_id: str) -> tuple[list[Status], set[int]]:
    """All processes but this one, and the pids that carry the start's mark. Blocks."""
    everything = [status for status in procfs.everything() if status.process.pid != os.getpid()]
    pids = (status.process.pid for status in everything) if start_id else ()
    return everything, {pid for pid in pids if procfs.carries(pid, environment.START_ID, start_id)}


class Herd:
    """The processes of one start. Remembers those it has seen, for when they cut their ties."""

    def __init__(self, leader: Process | None, start_id: str, grouped: Callable[[str], set[int]] | None = None) -> None:
        """`grouped`: the pids in the start's control group, where there is one."""
        self.leader = leader
        self.start_id = start_id
        self._grouped = grouped
        self._known: set[Process] = set()
        self._untouchable: set[Process] = set()

    async def members(self) -> list[Status]:
        """Who is alive now."""
        found = await asyncio.to_thread(self._look, frozenset(self._known))
        self._known = {status.process for status in found}
        return [status for status in found if status.process not in self._untouchable]

    async def ask(self, grace: float) -> None:
        """SIGTERM to the leader's group; what is left when the leader is gone is asked as well."""
        members = await self.members()
        leader = self.leader
        if leader is not None and any(status.process == leader for status in members):
            self._send(signal.SIGTERM, [each.process for each in members if each.group == leader.pid])
            if not await _within(grace, lambda: procfs.alive(leader)):
                return
            members = await self.members()
        left = [status.process for status in members]
        self._send(signal.SIGTERM, left)
        await _within(LEFTOVER_SECONDS, lambda: any(map(procfs.alive, left)))

    async def kill(self) -> None:
        """SIGKILL until nobody is left. A process in the kernel's hands may take its time."""
        rounds = 0
        while members := await self.members():
            self._send(signal.SIGKILL, [status.process for status in members])
            rounds += 1
            if rounds == LONG:
                pids = sorted(status.process.pid for status in members)
                logger.warning("start %s still has processes after %d kills: %s", self.start_id, rounds, pids)
            await asyncio.sleep(min(0.01 * rounds, 0.2))

    def _look(self, known: frozenset[Process]) -> list[Status]:
        everything, marked = seen(self.start_id)
        if self._grouped is not None:
            marked |= self._grouped(self.start_id)
        return family.members(everything, self.leader, marked, known)

    def _send(self, number: signal.Signals, processes: Iterable[Process]) -> None:
        for process in processes:
            if not signals.send(process, number):
                self._untouchable.add(process)
            elif number is signal.SIGTERM:
                signals.send(process, signal.SIGCONT)  # one that was stopped could not end


async def _within(seconds: float, busy: Callable[[], bool]) -> bool:
    """Wait while `busy()`; False when it still is after so many seconds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while busy():
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(0.02)
    return True
