"""Groups: who is in them, the roles they have, and what is kept with them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from gateway.errors import BadInput, Conflict, NotFound
from gateway.model import Group, Json
from gateway.names import listed
from gateway.store import users, values
from gateway.store.work import Row, Snapshot, Transaction, marks, reads

PART = 500
"""Values in one statement."""


@reads
def get(db: Snapshot, name: str) -> Group | None:
    row = db.row("SELECT id, name, properties_json FROM groups WHERE name = ?", name)
    return _whole(db, [row])[0] if row else None


@reads
def listing(
    db: Snapshot, offset: int = 0, limit: int = 200, among: Collection[str] | None = None, by_name: bool = False
) -> list[Group]:
    """A page of all groups, or of those `among` these names, in the order in which they were made, or by name."""
    where, names = _among(among)
    order = "name" if by_name else "id"
    rows = db.rows(
        f"SELECT id, name, properties_json FROM groups {where} ORDER BY {order} LIMIT ? OFFSET ?", *names, limit, offset
    )
    return _whole(db, rows)


@reads
def count(db: Snapshot, among: Collection[str] | None = None) -> int:
    where, names = _among(among)
    return int(db.value(f"SELECT count(*) FROM groups {where}", *names))


@reads
def of_users(db: Snapshot, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The groups of each of these users who exist, by name; those without any are left out."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for part in _parts(sorted(names)):
        for user, group in db.rows(
            "SELECT u.name, g.name FROM users u JOIN group_users m ON m.user_id = u.id "
            f"JOIN groups g ON g.id = m.group_id WHERE u.name IN ({marks(part)}) ORDER BY g.name",
            *part,
        ):
            found[user].append(group)
    return {user: tuple(groups) for user, groups in found.items()}


def add(db: Transaction, name: str, members: Iterable[str] = ()) -> Group:
    """Make a group. Conflict if there is one of that name; BadInput names the users who do not exist."""
    if db.entities.Group.get(name=name) is not None:
        raise Conflict(f"Group {name[:100]} already exists", key="group-exists", about={"name": name[:100]})
    db.entities.Group(name=name)
    return add_users(db, name, members)


def ensure(db: Transaction, name: str) -> None:
    """Make the group unless it is there."""
    if db.entities.Group.get(name=name) is None:
        db.entities.Group(name=name)


def remove(db: Transaction, name: str) -> None:
    """Forget the group, and what its members had by it. NotFound."""
    group = entity(db, name)
    members = sorted(user.name for user in group.users)
    group.delete()
    users.note_membership(db, members)


def add_users(db: Transaction, name: str, members: Iterable[str]) -> Group:
    """The group with these users in it. NotFound; BadInput names the users who do not exist."""
    group = entity(db, name)
    new = [user for user in _users(db, members) if user not in group.users]
    group.users.add(new)
    return _changed(db, name, new)


def remove_users(db: Transaction, name: str, members: Iterable[str]) -> Group:
    """The group without these users. NotFound; BadInput names the users who do not exist."""
    group = entity(db, name)
    gone = [user for user in _users(db, members) if user in group.users]
    group.users.remove(gone)
    return _changed(db, name, gone)


def set_properties(db: Transaction, name: str, properties: dict[str, Json]) -> Group:
    """Keep exactly these with the group. NotFound."""
    entity(db, name).properties_json = values.to_json(properties)
    return _there(db, name)


def entity(db: Transaction, name: str) -> Any:
    """The group's row, for another unit of the store; NotFound."""
    group = db.entities.Group.get(name=name)
    if group is None:
        raise NotFound(f"No such group: {name[:100]}", key="no-group")
    return group


def _changed(db: Transaction, name: str, of: Sequence[Any]) -> Group:
    if of:
        users.note_membership(db, sorted(user.name for user in of))
    return _there(db, name)


def _there(db: Transaction, name: str) -> Group:
    group = get(db, name)
    if group is None:
        raise NotFound(f"No such group: {name[:100]}", key="no-group")
    return group


def _users(db: Transaction, names: Iterable[str]) -> list[Any]:
    found = {name: db.entities.User.get(name=name) if name else None for name in names}
    if missing := [name for name, user in found.items() if user is None]:
        names = listed(missing)
        if len(missing) == 1:
            raise BadInput(f"No such user: {names}", key="unknown-user", about={"name": names})
        raise BadInput(f"No such users: {names}", key="unknown-users", about={"names": names})
    return list(found.values())


def _whole(db: Snapshot, rows: Sequence[Row]) -> list[Group]:
    """Rows of id, name and properties to groups."""
    members: defaultdict[int, list[str]] = defaultdict(list)
    given: defaultdict[int, list[str]] = defaultdict(list)
    for part in _parts([row[0] for row in rows]):
        for group, user in db.rows(
            "SELECT m.group_id, u.name FROM group_users m JOIN users u ON u.id = m.user_id "
            f"WHERE m.group_id IN ({marks(part)}) ORDER BY u.name",
            *part,
        ):
            members[group].append(user)
        for group, role in db.rows(
            "SELECT b.group_id, r.name FROM role_groups b JOIN roles r ON r.id = b.role_id "
            f"WHERE b.group_id IN ({marks(part)}) ORDER BY r.name",
            *part,
        ):
            given[group].append(role)
    return [
        Group(name, tuple(members[number]), tuple(given[number]), json.loads(properties or "{}"))
        for number, name, properties in rows
    ]


def _among(names: Collection[str] | None) -> tuple[str, list[str]]:
    if names is None:
        return "", []
    some = sorted(names)
    return f"WHERE name IN ({marks(some)})" if some else "WHERE 1 = 0", some


def _parts[T](values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + PART] for start in range(0, len(values), PART))
