"""Roles and who has them. A change may mean anything to anybody, so everything is judged again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from gateway.errors import NotFound
from gateway.store import changes, values
from gateway.store.work import Snapshot, Transaction, reads


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


def put(db: Transaction, name: str, scopes: Iterable[str], description: str = "") -> None:
    """Make the role, or change it."""
    record = {"scopes_json": values.to_json(sorted(set(scopes))), "description": values.text(description)}
    role = db.entities.Role.get(name=name)
    if role is None:
        db.entities.Role(name=name, **record)
    else:
        role.set(**record)
    changes.note(db)


def assign(db: Transaction, role: str, kind: Literal["user", "group", "service"], names: Iterable[str]) -> None:
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
