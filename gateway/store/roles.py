"""Roles and who has them. A change may mean anything to anybody, so everything is judged again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from gateway.errors import NotFound
from gateway.model import Role
from gateway.store import changes, groups, users, values
from gateway.store.work import Snapshot, Transaction, reads

type Kind = Literal["user", "group", "service"]
KINDS: tuple[Kind, ...] = ("user", "group", "service")
"""Who can have a role."""


@reads
def scopes_of_user(db: Snapshot, name: str) -> tuple[str, ...]:
    """The scopes, as written, of all roles that the user has, directly or by a group."""
    rows = db.rows(
        "SELECT r.scopes_json FROM roles r JOIN role_users a ON a.role_id = r.id "
        "JOIN users u ON u.id = a.user_id WHERE u.name = ? "
        "UNION SELECT r.scopes_json FROM roles r JOIN role_groups b ON b.role_id = r.id "
        "JOIN group_users m ON m.group_id = b.group_id JOIN users u ON u.id = m.user_id WHERE u.name = ?",
        name,
        name,
    )
    return tuple(sorted({scope for (scopes,) in rows for scope in json.loads(scopes)}))


@reads
def scopes_of_service(db: Snapshot, name: str) -> tuple[str, ...]:
    """The scopes, as written, of all roles that the service has."""
    rows = db.rows(
        "SELECT r.scopes_json FROM roles r JOIN role_services a ON a.role_id = r.id "
        "JOIN services v ON v.id = a.service_id WHERE v.name = ?",
        name,
    )
    return tuple(sorted({scope for (scopes,) in rows for scope in json.loads(scopes)}))


@reads
def scopes_by_name(db: Snapshot) -> dict[str, tuple[str, ...]]:
    """Every role's scopes, as written."""
    return {name: tuple(json.loads(scopes)) for name, scopes in db.rows("SELECT name, scopes_json FROM roles")}


@reads
def listing(db: Snapshot) -> list[Role]:
    """All roles with everybody who was given them, by name."""
    members: dict[str, dict[str, list[str]]] = {}
    for kind in KINDS:
        members[kind] = {}
        for role, name in db.rows(
            f"SELECT r.name, m.name FROM roles r JOIN role_{kind}s a ON a.role_id = r.id "
            f"JOIN {kind}s m ON m.id = a.{kind}_id ORDER BY m.name"
        ):
            members[kind].setdefault(role, []).append(name)
    rows = db.rows("SELECT name, description, scopes_json FROM roles ORDER BY name")
    return [
        Role(name, description, tuple(json.loads(scopes)), *(tuple(members[kind].get(name, ())) for kind in KINDS))
        for name, description, scopes in rows
    ]


def sync(db: Transaction, wanted: Iterable[Role], now: float) -> None:
    """Exactly these roles are there, with exactly these members; users and groups that are missing are made.

    NotFound names a service that does not exist. What is as it should be is not touched.
    """
    there = {role.name: role for role in listing(db)}
    for role in wanted:
        if role == there.pop(role.name, None):
            continue
        put(db, role.name, role.scopes, role.description)
        for user in role.users:
            users.ensure(db, user, False, now)
        for group in role.groups:
            groups.ensure(db, group)
        for kind in KINDS:
            assign(db, role.name, kind, getattr(role, f"{kind}s"))
    for name in there:
        remove(db, name)


def put(db: Transaction, name: str, scopes: Iterable[str], description: str = "") -> None:
    """Make the role, or change it."""
    record = {"scopes_json": values.to_json(sorted(set(scopes))), "description": values.text(description)}
    role = db.entities.Role.get(name=name)
    if role is None:
        db.entities.Role(name=name, **record)
    else:
        role.set(**record)
    changes.note(db)


def assign(db: Transaction, role: str, kind: Kind, names: Iterable[str]) -> None:
    """Exactly these users, groups or services have the role. NotFound names the first that does not exist."""
    found = _entity(db, "role", role)
    setattr(found, f"{kind}s", [_entity(db, kind, name) for name in sorted(set(names))])
    changes.note(db)


def remove(db: Transaction, name: str) -> None:
    """Fine when there is none."""
    if db.run("DELETE FROM roles WHERE name = ?", name):
        changes.note(db)


def _entity(db: Transaction, kind: str, name: str) -> Any:
    found = getattr(db.entities, kind.capitalize()).get(name=name)
    if found is None:
        raise NotFound(f"there is no {kind} {name}")
    return found
