"""Users and the groups they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.errors import Conflict, NotFound
from gateway.model import User
from gateway.store import changes, grants, values
from gateway.store.work import Row, Snapshot, Transaction, marks, reads


@reads
def get(db: Snapshot, name: str) -> User | None:
    row = db.row(f"SELECT {values.USER} FROM users u WHERE u.name = ?", name)
    return with_groups(db, [row])[0] if row else None


@reads
def listing(db: Snapshot, offset: int = 0, limit: int = 200) -> list[User]:
    """A page of all users, by name."""
    return with_groups(
        db, db.rows(f"SELECT {values.USER} FROM users u ORDER BY u.name LIMIT ? OFFSET ?", limit, offset)
    )


@reads
def count(db: Snapshot) -> int:
    return int(db.value("SELECT count(*) FROM users"))


@reads
def removing(db: Snapshot) -> list[str]:
    """Those whose removal has begun and is not done, by name."""
    return [name for (name,) in db.rows("SELECT name FROM users WHERE removing = ? ORDER BY name", True)]


def with_groups(db: Snapshot, rows: Sequence[Row]) -> list[User]:
    """Rows of the columns `values.USER` to users."""
    groups: dict[int, list[str]] = {row[0]: [] for row in rows}
    ids = list(groups)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for user_id, group in db.rows(
            "SELECT m.user_id, g.name FROM group_users m JOIN groups g ON g.id = m.group_id "
            f"WHERE m.user_id IN ({marks(some)}) ORDER BY g.name",
            *some,
        ):
            groups[user_id].append(group)
    return [values.user(row, tuple(groups[row[0]])) for row in rows]


def add(db: Transaction, name: str, admin: bool, now: float) -> User:
    """Make a user; Conflict if there is one of that name."""
    if get(db, name):
        raise Conflict(f"User {name} already exists", key="user-exists", about={"name": name})
    db.entities.User(name=name, admin=admin, disabled=False, removing=False, created=now)
    changes.note(db, f"user:{name}")
    return User(name, admin=admin, created=now)


def ensure(db: Transaction, name: str, admin: bool, now: float) -> User:
    """The user of that name as it is, or a new one."""
    return get(db, name) or add(db, name, admin, now)


def remove(db: Transaction, name: str) -> None:
    """Forget the user with its sessions, tokens, servers and shares. NotFound."""
    grants.note_guests(db, "s.user_id = ?", entity(db, name).id)
    entity(db, name).delete()
    changes.note(db, f"user:{name}")


def rename(db: Transaction, name: str, new: str) -> None:
    """The same user by another name. NotFound, Conflict."""
    if get(db, new):
        raise Conflict(f"User {new} already exists", key="user-exists", about={"name": new})
    row = entity(db, name)
    row.name = new
    changes.note(db, f"user:{name}")
    grants.note_guests(db, "s.user_id = ?", row.id)
    changes.note(db, f"user:{new}")


def mark_removing(db: Transaction, name: str) -> None:
    """From now on this user may not log in, and what it has counts for nothing. NotFound."""
    entity(db, name).removing = True
    changes.note(db, f"user:{name}")


def set_admin(db: Transaction, name: str, admin: bool) -> None:
    entity(db, name).admin = admin
    changes.note(db, f"user:{name}")


@reads
def admins(db: Snapshot) -> list[str]:
    """Those whom the database has as administrators, by name."""
    return [name for (name,) in db.rows("SELECT name FROM users WHERE admin = ? ORDER BY name", True)]


def set_admins(db: Transaction, names: Iterable[str], now: float) -> None:
    """Exactly these are administrators; who is missing is made."""
    wanted, there = set(names), set(admins(db))
    for name in sorted(there - wanted):
        set_admin(db, name, False)
    for name in sorted(wanted - there):
        ensure(db, name, False, now)
        set_admin(db, name, True)


def set_disabled(db: Transaction, name: str, disabled: bool) -> None:
    entity(db, name).disabled = disabled
    changes.note(db, f"user:{name}")


def set_groups(db: Transaction, name: str, groups: Iterable[str]) -> None:
    """The user is in exactly these groups; those that do not exist are made. NotFound."""
    user = entity(db, name)
    entities = db.entities
    user.groups = [entities.Group.get(name=group) or entities.Group(name=group) for group in sorted(set(groups))]
    note_membership(db, [name])


def note_membership(db: Transaction, names: Iterable[str]) -> None:
    """These users are in other groups than before.

    Where a scope is filtered by group, it means something else now to whoever holds it.
    """
    filtered = "scopes_json LIKE '%!group=%'"
    if db.row(f"SELECT 1 FROM roles WHERE {filtered} UNION ALL SELECT 1 FROM tokens WHERE {filtered} LIMIT 1"):
        changes.note(db)
    for name in names:
        changes.note(db, f"user:{name}")


def entity(db: Transaction, name: str) -> Any:
    """The user's row, for another unit of the store; NotFound."""
    user = db.entities.User.get(name=name)
    if user is None:
        raise NotFound(f"there is no user {name}", key="no-user")
    return user
