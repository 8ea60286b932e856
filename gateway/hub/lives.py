"""All servers that are not stopped: their tasks, their turns, their adoption, their end."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from gateway.errors import NotFound
from gateway.hookspecs import Spawner
from gateway.hub import logs, profiles, starts
from gateway.hub.hubaware import HubAware
from gateway.hub.life import KILL_SECONDS, Life, Limits
from gateway.hub.lifecycle import STARTING, Event, State
from gateway.hub.queue import Key, StartQueue
from gateway.hub.shelf import Shelf
from gateway.hub.startmeter import StartMeter
from gateway.model import Launch, Profile, Said, Server, Target
from gateway.pluginmanager import Hooks
from gateway.settings import Settings
from gateway.store.store import Store

log = logging.getLogger(__name__)

ENDED = 200
"""Ended servers whose steps are still shown to whoever asks."""
SLACK = 10.0
"""Seconds beyond its deadlines that a server may take to end when the gateway does."""
AT_ONCE = 16
"""Adoptions at a time."""


class Lives:
    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        hooks: Hooks,
        spawners: Mapping[str, Spawner],
        shelf: Shelf,
        meter: StartMeter,
        hub_aware: HubAware,
        clock: Callable[[], float],
    ) -> None:
        self._base_path = settings.gateway.base_path
        self._logs = logs.folder(settings.gateway.data_dir)
        self._profiles: Sequence[Profile] = [each.value() for each in settings.profiles]
        self._store = store
        self._hooks = hooks
        self._spawners = spawners
        self._shelf = shelf
        self._hub_aware = hub_aware
        self._clock = clock
        self.meter = meter
        self.queue = StartQueue(settings.spawner.concurrent_starts, settings.spawner.queue)
        self._limits = _limits(settings)
        self._lives: dict[Key, Life] = {}
        self._ended: OrderedDict[Key, Life] = OrderedDict()
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    def get(self, key: Key) -> Life | None:
        return self._lives.get(key)

    def all(self) -> list[Life]:
        return list(self._lives.values())

    def count(self, state: State) -> int:
        return sum(life.server.state == state for life in self._lives.values())

    def of_user(self, user: str) -> list[Life]:
        return [life for (owner, _), life in self._lives.items() if owner == user]

    def ended(self, key: Key) -> Life | None:
        """The last life of a server that is stopped, if it is remembered."""
        return self._ended.get(key)

    def forget(self, key: Key) -> None:
        self._ended.pop(key, None)

    def launch(self, server: Server) -> Launch:
        """What a spawner gets of this record."""
        profile = profiles.of_record(self._profiles, server)
        return profiles.launch(server, profile, self._base_path, logs.of(self._logs, server))

    # ── beginning ────────────────────────────────────────────────────────────

    def begin(self, server: Server) -> Life:
        """A record that was just kept as QUEUED, and has its place in the queue."""
        life = self._life(server)
        self.meter.begun((server.user, server.name))
        self._shelf.put(server)
        self._run(life)
        self.give_turns()
        return life

    async def adopt(self, records: Iterable[Server]) -> None:
        """Take over what an earlier hub has left; returns when each is found or known to be lost."""
        room = asyncio.Semaphore(AT_ONCE)
        new = [self._life(record) for record in records if (record.user, record.name) not in self._lives]
        for life in new:
            self.meter.adopted((life.server.user, life.server.name), State(life.server.state))
        for user in sorted({life.server.user for life in new}):
            owner = await self._store(starts.look, user)
            groups = owner.user.groups if owner.user else ()
            known = {life.server.name: life.server for life in self.of_user(user)}
            self._shelf.fill(user, groups, {**owner.servers, **known}.values())

        async def resumed(life: Life) -> None:
            async with room:
                await life.resume()

        await asyncio.gather(*map(resumed, new))
        for life in new:
            key = (life.server.user, life.server.name)
            if life.server.state == State.QUEUED:
                self.queue.add(key, beyond_limit=True)
            elif life.server.state in STARTING:
                self.queue.take(key)
            self._run(life)
        self.give_turns()

    def give_turns(self) -> None:
        for key in self.queue.turns():
            self._lives[key].turn.set()

    def _spawner(self, server: Server) -> Spawner:
        return self._spawners[profiles.of_record(self._profiles, server).spawner]

    def _life(self, server: Server) -> Life:
        life = Life(
            server,
            self._spawner(server),
            launch=self.launch,
            limits=self._limits,
            keeper=self,
            clock=self._clock,
        )
        self._lives[server.user, server.name] = life
        return life

    def _run(self, life: Life) -> None:
        key = (life.server.user, life.server.name)
        task = asyncio.create_task(life.run(), name=f"server {life.server.full_name}")
        self._tasks[key] = task
        task.add_done_callback(partial(self._done, key))

    def _done(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (error := task.exception()):
            log.error("the life of %s/%s broke off", *key, exc_info=error)

    # ── what a life tells (`life.Keeper`) ────────────────────────────────────

    async def keep(self, server: Server, by: str) -> None:
        action = starts.STOPPED if server.state == State.STOPPED else ""
        try:
            forget = server.state == State.STOPPED and not self._spawner(server).will_resume
            await self._store(starts.keep, server, action, by, self._clock(), forget=forget)
        except NotFound:
            log.info("%s: its user is gone, there is nothing to keep", server.full_name)

    async def equipped(self, launch: Launch) -> Launch:
        return await self._hub_aware.equipped(launch)

    async def spawned(self, launch: Launch, target: Target) -> None:
        await self._hub_aware.spawned(launch, target)

    def moved(self, life: Life, event: Event) -> None:
        server = life.server
        key = (server.user, server.name)
        self.meter.moved(key, event, State(server.state))
        if server.state == State.STOPPED:
            del self._lives[key]
            self._ended[key] = life
            self._ended.move_to_end(key)
            if len(self._ended) > ENDED:
                self._ended.popitem(last=False)
        self._shelf.put(server)
        if server.state not in STARTING:
            self.queue.leave(key)
            self.give_turns()
        if event is Event.ANSWERED:
            self._hooks.server_started(server)
        elif server.state == State.STOPPED:
            self._hooks.server_stopped(server, server.message)

    # ── ending ───────────────────────────────────────────────────────────────

    async def end(self, reason: str, said: Said) -> None:
        """Stop everything, and return when nothing is left."""
        for life in self.all():
            life.stop(reason, said=said)
        if tasks := list(self._tasks.values()):
            _, pending = await asyncio.wait(tasks, timeout=self._limits.stop + KILL_SECONDS + SLACK)
            for task in pending:
                log.error("%s does not come to its end", task.get_name())

    def hurry(self) -> None:
        """What is being stopped gets no more time."""
        for life in self.all():
            life.stop(now=True)

    async def leave(self) -> None:
        """End the tasks and let the servers be: another hub will adopt them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _limits(settings: Settings) -> Limits:
    """The longest queue is over after so many rounds, even if every start in it hangs."""
    spawner = settings.spawner
    rounds = spawner.queue // spawner.concurrent_starts + 2
    longest = spawner.start_timeout + spawner.stop_timeout + KILL_SECONDS
    return Limits(queue=rounds * longest, start=spawner.start_timeout, stop=spawner.stop_timeout)
