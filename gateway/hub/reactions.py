"""What follows when a user changes, whoever changed it: servers stop, groups count, removals go on."""

from __future__ import annotations

import asyncio
import logging

from gateway.channel.messages import Invalidate
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.servers import Servers
from gateway.hub.users import Users
from gateway.store import sessions, users
from gateway.store.store import Store

log = logging.getLogger(__name__)


class Reactions:
    def __init__(self, *, store: Store, changes: ChangeLog, entry: Entry, servers: Servers, users: Users) -> None:
        self._store = store
        self._changes = changes
        self._entry = entry
        self._servers = servers
        self._users = users
        self._todo: asyncio.Queue[str] = asyncio.Queue()
        self._removals: set[asyncio.Task[None]] = set()

    def heard(self, batch: Invalidate) -> None:
        """A listener of the change log. When everything may have changed, those with servers matter."""
        names = [owner.removeprefix("user:") for owner in batch.owners if owner.startswith("user:")]
        if batch.everything:
            names = list({server.user for server in self._servers.active()})
        for name in names:
            self._todo.put_nowait(name)

    async def begin(self) -> None:
        """What changed while no hub was there to see it."""
        for name in {server.user for server in self._servers.active()}.union(await self._store(users.removing)):
            self._todo.put_nowait(name)

    async def run(self) -> None:
        while True:
            name = await self._todo.get()
            try:
                await self._judge(name)
            except Exception:
                log.exception("what follows from a change of %s is not done", name)

    async def _judge(self, name: str) -> None:
        user = await self._store(users.get, name)
        if user is not None and self._entry.may_log_in(user, name):
            self._servers.set_groups(name, user.groups)
            return
        await self._servers.stop_all(name, reason="The user may not use the gateway any more.")
        if user is not None and user.disabled:
            # Or they would be good again when the user is enabled.
            await self._changes.write(sessions.remove_all, name)
        if user is not None and user.removing and not self._users.is_being_removed(name):
            task = asyncio.create_task(self._remove(name))
            self._removals.add(task)
            task.add_done_callback(self._removals.discard)

    async def _remove(self, name: str) -> None:
        try:
            await self._users.remove(name)
        except Exception:
            log.exception("user %s cannot be removed", name)

    def close(self) -> None:
        for task in self._removals:
            task.cancel()
