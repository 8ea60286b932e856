"""Groups: made, filled, emptied and removed while the gateway runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from gateway.errors import BadInput
from gateway.hub.changes import ChangeLog
from gateway.hub.words import plain
from gateway.model import Group, Json, checked_group_name, normalise
from gateway.store import audit, groups, values
from gateway.store.store import Store
from gateway.store.work import Transaction

PROPERTIES = 64 * 1024
"""Characters of a group's properties, as JSON."""


class Groups:
    """Names of groups that exist are taken as they are; what each call changes is in force at its end."""

    def __init__(self, *, store: Store, changes: ChangeLog, clock: Callable[[], float]) -> None:
        self._store = store
        self._changes = changes
        self._clock = clock

    async def get(self, name: str) -> Group | None:
        return await self._store(groups.get, name)

    async def listing(
        self, offset: int = 0, limit: int = 200, among: Collection[str] | None = None, *, by_name: bool = False
    ) -> tuple[list[Group], int]:
        """A page of all groups (or of those `among` these names), the oldest first or by name; how many there are."""
        page = await self._store(groups.listing, offset, limit, among, by_name)
        return page, await self._store(groups.count, among)

    async def add(self, names: Iterable[str], users: Iterable[str] = (), by: str = "") -> list[Group]:
        """Make all of them, with the same users, or none. BadInput (a name, an unknown user), Conflict."""
        checked = list(dict.fromkeys(checked_group_name(name) for name in names))
        return await self._changes.write(_add, checked, _normal(users), by, self._clock())

    async def remove(self, name: str, by: str = "") -> None:
        """NotFound."""
        await self._changes.write(_remove, name, by, self._clock())

    async def add_users(self, name: str, users: Iterable[str], by: str = "") -> Group:
        """Who is in it already stays. NotFound, BadInput (an unknown user)."""
        return await self._changes.write(_add_users, name, _normal(users), by, self._clock())

    async def remove_users(self, name: str, users: Iterable[str], by: str = "") -> Group:
        """Who is not in it may be named as well. NotFound, BadInput (an unknown user)."""
        return await self._changes.write(_remove_users, name, _normal(users), by, self._clock())

    async def set_properties(self, name: str, properties: dict[str, Json], by: str = "") -> Group:
        """All of them at once. NotFound, BadInput (too large)."""
        if len(values.to_json(properties)) > PROPERTIES:
            raise BadInput(f"a group's properties must not be longer than {PROPERTIES} characters")
        return await self._changes.write(_set_properties, name, properties, by, self._clock())


def _normal(users: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(normalise(user) for user in users))


def _add(db: Transaction, names: Collection[str], users: list[str], by: str, now: float) -> list[Group]:
    for name in names:
        audit.add(db, now, by, "group.add", name, _shown(users))
    return [groups.add(db, name, users) for name in names]


def _remove(db: Transaction, name: str, by: str, now: float) -> None:
    groups.remove(db, name)
    audit.add(db, now, by, "group.remove", name)


def _add_users(db: Transaction, name: str, users: list[str], by: str, now: float) -> Group:
    audit.add(db, now, by, "group.users.add", name, _shown(users))
    return groups.add_users(db, name, users)


def _remove_users(db: Transaction, name: str, users: list[str], by: str, now: float) -> Group:
    audit.add(db, now, by, "group.users.remove", name, _shown(users))
    return groups.remove_users(db, name, users)


def _set_properties(db: Transaction, name: str, properties: dict[str, Json], by: str, now: float) -> Group:
    audit.add(db, now, by, "group.properties", name)
    return groups.set_properties(db, name, properties)


def _shown(users: Collection[str]) -> str:
    return plain(" ".join(users), 500)
