"""Servers: what may be asked of them, by pages, API and the hub's own parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from gateway.errors import BadInput, Conflict, HubgateError, NotFound, TooMany, Unavailable
from gateway.hookspecs import Spawner
from gateway.hub import logfollow, logs, profiles, starts
from gateway.hub.lifecycle import ENDING, State
from gateway.hub.lives import Lives
from gateway.hub.queue import Key
from gateway.hub.shelf import Shelf
from gateway.hub.starts import Owner, Rules, Wish
from gateway.hub.words import called, plain
from gateway.model import AuditEntry, Profile, Progress, Server, User
from gateway.store import audit, servers
from gateway.store.store import Store


class Servers:
    """What is not stopped lives in memory (`Lives`), each with its task; the store knows all."""

    def __init__(
        self,
        *,
        store: Store,
        lives: Lives,
        shelf: Shelf,
        rules: Rules,
        spawners: Mapping[str, Spawner],
        log_folder: Path,
        paused: Callable[[], HubgateError | None],
        clock: Callable[[], float],
    ) -> None:
        """`paused`: why nothing may be started at the moment."""
        self._store = store
        self._lives = lives
        self._shelf = shelf
        self._rules = rules
        self._spawners = spawners
        self._logs = log_folder
        self._paused = paused
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._closing = False

    # ── what there is ────────────────────────────────────────────────────────

    def spawner(self, name: str = "") -> Spawner:
        """The spawner of that name; "" stands for `[spawner] plugin`."""
        return self._spawners[name]

    def profiles_for(self, user: User) -> list[Profile]:
        """What `user` may start, by the groups of each profile; the first is the default."""
        return profiles.offered(self._rules.profiles, user)

    def hub_aware(self, record: Server) -> bool:
        """Is it one that asks the hub who comes? Of a stopped one, as it was last, or was made."""
        return profiles.of_record(self._rules.profiles, record).auth == "jupyterhub"

    def live(self, user: str, name: str = "") -> Server | None:
        """The record of a server that is not stopped, from memory; None when it is."""
        life = self._lives.get((user, name))
        return life.server if life else None

    def active(self) -> list[Server]:
        """All that are not stopped."""
        return [life.server for life in self._lives.all()]

    async def get(self, user: str, name: str = "") -> Server | None:
        """The record, current to the moment. A default server ("") always has one."""
        kept = await self._store(servers.get, user, name)
        return self._current(kept, self.live(user, name)) or (None if name else Server(user, ""))

    async def of_user(self, user: str) -> list[Server]:
        """All of a user's records, the default server first, then by name."""
        found = {"": Server(user, "")}
        found |= {server.name: server for server in await self._store(servers.of_user, user)}
        for name, live in self._shelf.of_user(user).items():
            found[name] = self._current(found.get(name), live) or live
        return [found[name] for name in sorted(found)]

    @staticmethod
    def _current(kept: Server | None, live: Server | None) -> Server | None:
        """What lives is known best in memory, but for its use, which goes straight to the store."""
        if kept is None or live is None:
            return live or kept
        return replace(live, last_activity=max(kept.last_activity or 0.0, live.last_activity or 0.0) or None)

    def current(self, user: str, records: tuple[Server, ...], stopped: bool) -> tuple[Server, ...]:
        """These records as they are at this moment; without `stopped` only those that do not stand still."""
        live = self._shelf.of_user(user) if user in self._shelf else {}
        if not live:
            return records
        found = {record.name: record for record in records}
        for name, now in live.items():
            known = found.get(name)
            if known or stopped or now.state != State.STOPPED:
                found[name] = self._current(known, now) or now
        return tuple(found[name] for name in sorted(found))

    def position(self, user: str, name: str = "") -> int | None:
        """The place in the start queue, from 1; None when it does not wait."""
        return self._lives.queue.position((user, name))

    async def log_tail(self, user: str, name: str = "", lines: int = 50) -> list[str]:
        """The last lines of what the server wrote."""
        return await asyncio.to_thread(logs.tail, self._logs / logs.name(user, name), lines)

    async def log_size(self, user: str, name: str = "") -> int:
        """Bytes of what the server wrote, 0 when it never wrote anything."""
        return await asyncio.to_thread(logs.size, self._logs / logs.name(user, name))

    async def ended(self, server: Server) -> AuditEntry | None:
        """Its last end: when, and by whom if somebody asked for it. None for one that never ran."""
        found = await self._store(audit.about, server.full_name, starts.STOPPED, 1)
        return found[0] if found and found[0].time >= server.created else None

    def log_follow(self, user: str, name: str = "", lines: int = 50) -> AsyncIterator[list[str]]:
        """The last lines, then those that are added, until the server is stopped; [] when there are none yet."""
        path = self._logs / logs.name(user, name)
        return logfollow.follow(path, lines, lambda: self.live(user, name) is not None and not self._closing)

    # ── start and stop ───────────────────────────────────────────────────────

    async def start(
        self,
        user: str,
        name: str = "",
        profile: str = "",
        options: Mapping[str, Any] | None = None,
        *,
        by: str = "",
        display_name: str | None = None,
    ) -> Server:
        """Queue a start and return the record. `by` is who asked, for the audit.

        `profile` "" and `options` None mean: as the last time, else the default.
        Raises NotFound (no such user), Forbidden (may not log in), Conflict (not
        stopped), BadInput (profile, options, name, too many servers), TooMany (the
        queue is full).
        """
        if self._closing:
            raise Unavailable("the gateway is being stopped", retry_after=30, key="gateway-stopping")
        if paused := self._paused():
            raise paused
        async with self._lock(user):
            owner = await self._store(starts.look, user)
            owner = Owner(owner.user, {**owner.servers, **self._shelf.of_user(user)})
            record = self._rules.record(Wish(user, name, profile, options, display_name), owner, self._clock())
            self._line_up((user, name))
            try:
                await self._store(starts.keep, record, "server.start", by or f"user:{user}", self._clock())
            except BaseException:
                self._lives.queue.leave((user, name))
                raise
            self._shelf.fill(user, owner.user.groups if owner.user else (), owner.servers.values())
            return self._lives.begin(record).server

    def _line_up(self, key: Key) -> None:
        try:
            self._lives.queue.add(key)
        except TooMany:
            self._lives.meter.throttled()
            raise

    async def make(self, wish: Wish, by: str = "") -> Server:
        """A named server's record, not started. NotFound (no such user), Conflict (it exists), BadInput."""
        async with self._lock(wish.user):
            owner = await self._store(starts.look, wish.user)
            if owner.user and (not wish.name or wish.name in owner.servers):
                raise Conflict(
                    f"User {wish.user} already has {f'server {wish.name}' if wish.name else 'a default server'}"
                )
            record = self._rules.prepared(wish, owner, self._clock())
            await self._store(starts.keep, record, "server.add", by or f"user:{wish.user}", self._clock())
            return self._known(record)

    async def change(self, wish: Wish, new_name: str = "", by: str = "") -> Server:
        """Another name, display name or options for a server that is stopped. NotFound, BadInput, Conflict (name)."""
        user, name = wish.user, wish.name
        async with self._lock(user):
            owner = await self._store(starts.look, user)
            if owner.user is None or (name and name not in owner.servers):
                raise NotFound(f"User {plain(user)} has no such server {plain(name)!r}", key="no-server")
            if self.live(user, name):
                raise BadInput(
                    f"{called(user, name)} is active. Please stop it before modifying it.", key="server-active"
                )
            record = self._rules.prepared(wish, owner, self._clock())
            if new_name and new_name != name:
                record = self._rules.renamed(record, new_name, owner)
            await self._store(starts.keep_renamed, name, record, by or f"user:{user}", self._clock())
            if record.name != name:
                self._shelf.drop(user, name)
                self._lives.forget((user, name))
                await asyncio.to_thread(logs.forget, self._logs / logs.name(user, name))
            return self._known(record)

    def _known(self, record: Server) -> Server:
        """While anything of the user's runs, the route table has the stopped servers as well."""
        if record.user in self._shelf:
            self._shelf.put(record)
        return record

    async def stop(self, user: str, name: str = "", by: str = "", reason: str = "") -> None:
        """Ask it to stop, in whatever state it is; returns at once. Fine when stopped."""
        if life := self._lives.get((user, name)):
            life.stop(reason, by=by)

    async def stop_all(self, user: str, by: str = "", reason: str = "") -> None:
        for life in self._lives.of_user(user):
            life.stop(reason, by=by)

    async def end_all(self, user: str, by: str = "", reason: str = "") -> None:
        """Stop all of a user's servers and return when nothing of them is left."""
        async with self._lock(user):
            owner = await self._store(starts.look, user)
            await self._lives.adopt(server for server in owner.servers.values() if server.state != State.STOPPED)
            await self.stop_all(user, by, reason)
            for life in self._lives.of_user(user):
                await life.until(State.STOPPED)

    @asynccontextmanager
    async def at_rest(self, user: str) -> AsyncIterator[None]:
        """Nothing of this user's runs or is started inside; BadInput if something runs."""
        async with self._lock(user):
            if self._lives.of_user(user):
                raise BadInput("first stop the user's servers", key="servers-active")
            yield

    async def remove(self, user: str, name: str) -> None:
        """Forget a stopped server and its log. NotFound; Conflict when not stopped."""
        async with self._lock(user):
            if self.live(user, name):
                raise Conflict("the server is not stopped", key="server-active")
            if await self._store(servers.get, user, name) is None:
                raise NotFound("there is no such server", key="no-server")
            await self._store(servers.remove, user, name)
            self._shelf.drop(user, name)
            self._lives.forget((user, name))
        await asyncio.to_thread(logs.forget, self._logs / logs.name(user, name))

    def _lock(self, user: str) -> asyncio.Lock:
        """One start or removal of a user's servers at a time, or limits would not hold."""
        lock = self._locks.get(user)
        if lock is None:
            lock = self._locks[user] = asyncio.Lock()
        return lock

    # ── waiting ──────────────────────────────────────────────────────────────

    async def stopped(self, user: str, name: str = "", timeout: float | None = None) -> bool:
        """Wait until it is stopped; False when `timeout` is over before."""
        return await self._until(user, name, timeout, State.STOPPED)

    async def wait(self, user: str, name: str = "", timeout: float | None = None) -> Server:
        """Wait until it is ready or stopped, at most `timeout`; then the record."""
        await self._until(user, name, timeout, State.READY, State.STOPPED)
        return await self.get(user, name) or Server(user, name)

    async def _until(self, user: str, name: str, timeout: float | None, *states: State) -> bool:
        if life := self._lives.get((user, name)):
            try:
                async with asyncio.timeout(timeout):
                    await life.until(*states)
            except TimeoutError:
                return False
        return True

    async def progress(self, user: str, name: str = "") -> AsyncIterator[Progress]:
        """The steps of the current or last start, from its first one; ends after the last.

        A server that is stopped with a message gives one failed step, one that is
        ready one ready step; otherwise BadInput ("is not starting").
        """
        key = (user, name)
        steps = None
        if life := self._lives.get(key):
            was_ready = life.steps.ended and life.server.state in ENDING
            steps = None if was_ready else life.steps
        elif (ended := self._lives.ended(key)) and ended.steps.failed:
            steps = ended.steps
        if steps:
            async for step in steps.follow():
                yield step
            return
        server = await self.get(user, name)
        if server is None:
            raise NotFound("there is no such server", key="no-server")
        if server.state != State.STOPPED or not server.message:
            raise BadInput(f"{called(user, name)} is not starting...")
        yield Progress(100, server.message, failed=True)

    # ── for the hub ──────────────────────────────────────────────────────────

    def set_groups(self, user: str, groups: tuple[str, ...]) -> None:
        """The user's groups have changed, and with them who may reach the servers."""
        self._shelf.set_groups(user, groups)

    async def forget_logs(self, user: str, names: list[str]) -> None:
        """The user was removed: so are the logs."""
        for name in names:
            await asyncio.to_thread(logs.forget, self._logs / logs.name(user, name))

    def close(self) -> None:
        """Nothing is started any more."""
        self._closing = True
