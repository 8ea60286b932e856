"""`local`: servers are processes of this machine, of the gateway's own user.

Each start has a session of its own and a mark in its environment that every
descendant inherits. A server is known by pid *and* start time; its end is told by
the kernel at once; stopping leaves nothing that carries the mark.

ordering, placeholders, environment, account   what is run, with what, and as whom
launching, ports, limits, cgroups              the fork, and what holds the process in bounds
around, commands                               what happens before a start and after the end
record, procfs, family                         which processes are whose
signals, herd                                  their end
checking, probe                                who answers on the port
jupyter                                        what is known of Jupyter
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel

from gateway.errors import StartFailed
from gateway.hookspecs import Report, Spawner, Storage, hookimpl
from gateway.model import Launch, Profile, Target
from plugins.spawners import (
    account,
    checking,
    environment,
    family,
    herd,
    limits,
    ordering,
    placeholders,
    procfs,
    record,
    signals,
)
from plugins.spawners.around import Around
from plugins.spawners.cgroups import Groups
from plugins.spawners.herd import Herd
from plugins.spawners.launching import Child, Order, fork
from plugins.spawners.options import LocalOptions
from plugins.spawners.ports import LOOPBACK, Ports
from plugins.spawners.procfs import Process
from plugins.spawners.record import Record

logger = logging.getLogger(__name__)

CHILDREN = 256
"""How many ended children's exit codes are kept for a hub that did not ask yet."""


class LocalSpawner(Spawner):
    Options = LocalOptions
    name = "local"

    grace: ClassVar[float] = 20.0
    """Seconds that a server has to end by itself after SIGTERM. Less than `stop_timeout`, or the hub kills first."""

    def __init__(self, options: BaseModel, storage: Storage) -> None:
        super().__init__(options, storage)
        self._ports = Ports()
        self._children: dict[Process, Child] = {}
        self._herds: dict[str, Herd] = {}
        self._clearing: set[asyncio.Task[None]] = set()
        self._chosen = options if isinstance(options, LocalOptions) else LocalOptions()
        self._groups = Groups(self._chosen.cgroup)
        self._around = Around(self._chosen, self._groups)

    def warnings(self) -> Sequence[str]:
        who = account.own(os.environ)
        if self._chosen.user == "system":
            return () if who.uid == 0 else ('user = "system" needs a gateway that runs as root: no server will start',)
        text = (
            f"Servers run as the gateway's own user ({who.name}). Whoever runs code in a server can read and change "
            "all that the gateway can: its database and secrets, and everybody's servers and files. "
            "This is for one person, or for people who trust each other fully."
        )
        root = "The gateway runs as root, and so does every server: code in any of them owns this machine."
        return (text, root) if who.uid == 0 else (text,)

    def mistakes(self, profile: Profile) -> Sequence[str]:
        found = placeholders.mistakes(profile) + environment.mistakes(profile)
        if not profile.command or not profile.command[0]:
            found.append("command: must name a program")
        if any("\0" in text for text in (*profile.command, profile.cwd)):
            found.append("command, cwd: must not contain NUL")
        return found

    # ── its life ─────────────────────────────────────────────────────────────

    async def start(self, launch: Launch, report: Report) -> Target:
        if not launch.server.start_id:
            raise StartFailed("A start needs an id, by which its processes can be found again", key="start-no-id")
        await self._around.prepared(launch, report)
        port = self._ports.take(time.monotonic())
        order = await asyncio.to_thread(self._order, launch, port)
        report(10, "Starting the server's process")
        leader, child = await self._forked(order, launch.server.start_id)
        self._remember(leader, child)
        logger.info("server %s runs as process %d on port %d", launch.server.full_name, leader.pid, port)
        kept = Record(leader.pid, leader.start_time, port, launch.server.start_id, procfs.boot_id())
        return _target(kept, launch.server.secret if launch.profile.auth == "token" else "")

    async def poll(self, launch: Launch) -> int | None:
        kept = self._record(launch)
        if kept is None:
            return 0
        if child := self._children.get(kept.process):
            return child.poll()
        return None if procfs.alive(kept.process) else 0

    async def died(self, launch: Launch) -> int:
        """The kernel tells; where it cannot, by polling."""
        if kept := self._record(launch):
            try:
                await signals.ended(kept.process)
            except OSError as error:
                logger.warning("server %s is watched by polling: %s", launch.server.full_name, error)
        return await super().died(launch)

    async def stop(self, launch: Launch, now: bool) -> None:
        start_id = launch.server.start_id
        leader = await self._leader(launch)
        # Kept over a cancelled call: what cut its ties is known to the herd alone.
        flock = self._herds.setdefault(start_id, self._herd(leader, start_id))
        if not now:
            await flock.ask(self.grace)
        await flock.kill()
        self._herds.pop(start_id, None)
        if leader and (child := self._children.get(leader)):
            child.poll()
        await self._around.ended(launch)

    async def adopt(self, launch: Launch) -> Target | None:
        start_id = launch.server.start_id
        leader = await self._leader(launch)
        if leader is not None and procfs.alive(leader):
            found = procfs.environ(leader.pid)
            kept = self._record(launch) or _from_marks(leader, start_id, found)
            if kept is not None:
                secret = launch.server.secret or found.get(environment.TOKEN, "")
                return _target(kept, secret if launch.profile.auth == "token" else "")
        # Whatever is left of it answers to nobody.
        await self._herd(leader, start_id).kill()
        if launch.server.target is None:
            # The start came to nothing, and `stop` will not be called.
            await self._around.ended(launch)
        return None

    async def check(self, launch: Launch) -> None:
        kept = self._record(launch)
        if kept is None:
            raise StartFailed("The server is not running", key="server-not-running")
        members = await self._herd(kept.process, kept.start_id).members()
        await asyncio.to_thread(checking.port, kept.port, [status.process.pid for status in members], launch)
        if launch.profile.auth == "token":
            await checking.secret(kept.port, launch)

    # ── inside ───────────────────────────────────────────────────────────────

    def _order(self, launch: Launch, port: int) -> Order:
        """What is to be run, as whom, and within which bounds. Blocks: users may come from a directory."""
        chosen, profile = self._chosen, launch.profile
        system = chosen.user == "system"
        who = account.of_system(launch.server.user, chosen.min_uid) if system else account.own(os.environ)
        order = ordering.order(launch, port, who, os.environ)
        return replace(
            order,
            umask=int(chosen.umask, 8) if chosen.umask else -1,
            limits=limits.of(profile, grouped=bool(self._groups)),
            group=self._groups.make(launch.server.start_id, profile.memory),
        )

    def _herd(self, leader: Process | None, start_id: str) -> Herd:
        return Herd(leader, start_id, self._groups.members if self._groups else None)

    async def _forked(self, order: Order, start_id: str) -> tuple[Process, Child]:
        """Fork in a thread. Cancelling cannot hold the thread up, so what it starts is cleared then."""
        forking = asyncio.create_task(asyncio.to_thread(fork, order))
        try:
            return await asyncio.shield(forking)
        except asyncio.CancelledError:
            clearing = asyncio.create_task(self._clear(forking, start_id))
            self._clearing.add(clearing)
            clearing.add_done_callback(self._clearing.discard)
            await asyncio.shield(clearing)
            raise

    async def _clear(self, forking: asyncio.Task[tuple[Process, Child]], start_id: str) -> None:
        try:
            leader, child = await forking
        except StartFailed:
            return
        await self._herd(leader, start_id).kill()
        child.poll()

    def _remember(self, leader: Process, child: Child) -> None:
        ended = [process for process, other in self._children.items() if other.returncode is not None]
        for process in ended[: max(0, len(ended) - CHILDREN)]:
            del self._children[process]
        self._children[leader] = child

    def _record(self, launch: Launch) -> Record | None:
        target = launch.server.target
        return record.from_json(target.state, procfs.boot_id(), launch.server.start_id) if target else None

    async def _leader(self, launch: Launch) -> Process | None:
        """By the record, or, where the hub died before keeping one, by the mark alone."""
        if kept := self._record(launch):
            return kept.process
        if launch.server.target is not None:
            return None
        return family.leader_among(*await asyncio.to_thread(herd.seen, launch.server.start_id))


def _target(kept: Record, secret: str) -> Target:
    return Target(url=f"http://{LOOPBACK}:{kept.port}", secret=secret, state=kept.to_json())


def _from_marks(leader: Process, start_id: str, found: Mapping[str, str]) -> Record | None:
    port = found.get(environment.PORT, "")
    if not port.isdecimal():
        return None
    return Record(leader.pid, leader.start_time, int(port), start_id, procfs.boot_id())


@hookimpl
def gateway_spawners() -> Mapping[str, type[Spawner]]:
    return {"local": LocalSpawner}
