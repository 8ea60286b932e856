"""Users: who there is, who may enter, and how one is removed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from gateway.accounts import Account, UserQuery
from gateway.errors import NotFound, Unavailable
from gateway.hookspecs import Authenticator
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.servers import Servers
from gateway.hub.words import plain
from gateway.model import User, checked_name
from gateway.store import accounts, activity, audit, oauth, plugindata, sessions, tokens, users
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

REMOVAL = 120
"""Seconds that a command waits for the hub to stop a user's servers."""


class Users:
    def __init__(
        self,
        entry: Entry,
        *,
        leads: Callable[[], Awaitable[bool]],
        store: Store,
        changes: ChangeLog,
        servers: Servers,
        authenticators: Sequence[Authenticator],
        user_keys: Sequence[tuple[str, str]],
        clock: Callable[[], float],
    ) -> None:
        self._entry = entry
        self._leads = leads
        self._store = store
        self._changes = changes
        self._servers = servers
        self._authenticators = authenticators
        self._user_keys = tuple(user_keys)
        """(authenticator, kind) of what goes with a user in the same transaction."""
        self._clock = clock
        self._removing: set[str] = set()

    def may_log_in(self, user: User | None, name: str) -> bool:
        """contracts, "Who may log in": `user` is the record, or None for a newcomer."""
        return self._entry.may_log_in(user, name)

    # ── reading ──────────────────────────────────────────────────────────────

    async def get(self, name: str) -> User | None:
        """The user; `admin` is true as well for those whom the settings name."""
        user = await self._store(users.get, name)
        return user and self._shown(user)

    async def account(self, name: str) -> Account | None:
        """The user with roles and servers, in one reading; servers as they are at this moment."""
        found = await self._store.remembered(accounts.get, name)
        return found and self._whole(found, stopped=True)

    async def page(self, query: UserQuery) -> tuple[list[Account], int]:
        """A part of the users, and how many there are (see `UserQuery.counted`)."""
        found, total = await self._store(accounts.page, query)
        return [self._whole(each, query.stopped) for each in found], total

    def _whole(self, account: Account, stopped: bool) -> Account:
        user = self._shown(account.user)
        records = self._servers.current(user.name, account.servers, stopped)
        if user is account.user and records is account.servers:
            return account
        return Account(user, account.roles, records)

    async def known(self, name: str) -> User:
        """The user, or NotFound."""
        user = await self.get(name)
        if user is None:
            raise NotFound(f"No such user: {plain(name)}", key="no-user")
        return user

    async def listing(self, offset: int = 0, limit: int = 200) -> list[User]:
        return [self._shown(user) for user in await self._store(users.listing, offset, limit)]

    async def count(self) -> int:
        return await self._store(users.count)

    def _shown(self, user: User) -> User:
        return user if user.admin == self._entry.is_admin(user) else replace(user, admin=True)

    def is_named_admin(self, name: str) -> bool:
        """Do the settings make whoever has this name an administrator?"""
        return self._entry.is_admin(User(name))

    # ── changing ─────────────────────────────────────────────────────────────

    async def add(self, name: str, admin: bool = False, by: str = "") -> User:
        """Make a user. BadInput for the name, Conflict when there is one."""
        return self._shown(await self._changes.write(_add, checked_name(name), admin, by, self._clock()))

    async def add_many(self, names: Sequence[str], admin: bool = False, by: str = "") -> list[str]:
        """Make those of these (checked) names that do not exist, all or none; their names."""
        return await self._changes.write(_add_many, tuple(dict.fromkeys(names)), admin, by, self._clock())

    async def seen(self, name: str, at: float | None, servers: Mapping[str, float]) -> None:
        """What is reported of a user and of the user's servers. NotFound, BadInput (no such server)."""
        await self._store(activity.seen, name, at, servers)

    async def rename(self, name: str, new: str, by: str = "") -> None:
        """Everything stays the user's: sessions, tokens, groups, servers and password.

        NotFound; BadInput for the name, or while a server runs; Conflict if it is taken.
        """
        new = checked_name(new)
        async with self._servers.at_rest(name):
            await self._changes.write(self._rename, name, new, by, self._clock())
            for authenticator in self._authenticators:
                await authenticator.rename(name, new)

    async def set_admin(self, name: str, admin: bool, by: str = "") -> None:
        await self._changes.write(_set_admin, name, admin, by, self._clock())

    async def set_disabled(self, name: str, disabled: bool, by: str = "") -> None:
        """A disabled user's sessions and tokens end, connections too, and servers stop (see `reactions`)."""
        await self._changes.write(_set_disabled, name, disabled, by, self._clock())

    async def remove(self, name: str, by: str = "") -> None:
        """Lock out, stop every server, forget everywhere. NotFound. Can be repeated after a crash.

        Beside a running hub (a command) only the first is ours; the hub sees it and
        does the rest, while we wait.
        """
        if await self._store(users.get, name) is None:
            raise NotFound(f"there is no user {plain(name)!r}", key="no-user")
        self._removing.add(name)
        try:
            await self._changes.write(_lock_out, name, by, self._clock())
            if not await self._leads():
                return await self._until_removed(name)
            names = [server.name for server in await self._servers.of_user(name)]
            await self._servers.end_all(name, by=by, reason="The user was removed.")
            await self._servers.forget_logs(name, names)
            for authenticator in self._authenticators:
                await authenticator.forget(name)
            return await self._changes.write(self._remove, name)
        finally:
            self._removing.discard(name)

    async def _until_removed(self, name: str) -> None:
        for _ in range(REMOVAL * 2):
            if await self._store(users.get, name) is None:
                return
            await asyncio.sleep(0.5)
        raise Unavailable(f"{name} is locked out, and the hub still stops servers; the removal goes on")

    def _rename(self, db: Transaction, name: str, new: str, by: str, now: float) -> None:
        oauth.remove_of_user(db, name)
        users.rename(db, name, new)
        for authenticator, kind in self._user_keys:
            plugindata.rename_user(db, authenticator, kind, name, new)
        audit.add(db, now, by, "user.rename", name, new)

    def _remove(self, db: Transaction, name: str) -> None:
        users.remove(db, name)
        for authenticator, kind in self._user_keys:
            plugindata.forget_user(db, authenticator, kind, name)

    def is_being_removed(self, name: str) -> bool:
        """By this process, at this moment."""
        return name in self._removing


def _add(db: Transaction, name: str, admin: bool, by: str, now: float) -> User:
    user = users.add(db, name, admin, now)
    audit.add(db, now, by, "user.add", name, "admin" if admin else "")
    return user


def _add_many(db: Transaction, names: Sequence[str], admin: bool, by: str, now: float) -> list[str]:
    made = [name for name in names if users.get(db, name) is None]
    for name in made:
        _add(db, name, admin, by, now)
    return made


def _set_admin(db: Transaction, name: str, admin: bool, by: str, now: float) -> None:
    users.set_admin(db, name, admin)
    audit.add(db, now, by, "user.admin", name, "yes" if admin else "no")


def _set_disabled(db: Transaction, name: str, disabled: bool, by: str, now: float) -> None:
    users.set_disabled(db, name, disabled)
    if disabled:
        sessions.remove_all(db, name)
        tokens.remove_all(db, name)
    audit.add(db, now, by, "user.disable" if disabled else "user.enable", name, "")


def _lock_out(db: Transaction, name: str, by: str, now: float) -> None:
    users.mark_removing(db, name)
    sessions.remove_all(db, name)
    audit.add(db, now, by, "user.remove", name)
