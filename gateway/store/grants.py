"""Grants: what users and groups may do with servers of others.

Rows hold the bare names of scopes; the filter is made of the server they belong to
whenever they are read, so a grant can never be of another server than its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.model import Grant
from gateway.store import changes, values
from gateway.store.work import Row, Snapshot, Transaction, reads

FROM = (
    "FROM grants g JOIN servers s ON s.id = g.server_id JOIN users o ON o.id = s.user_id "
    "LEFT JOIN users w ON w.id = g.user_id LEFT JOIN groups c ON c.id = g.group_id"
)
SELECT = (
    "SELECT g.id, o.name, s.slot, w.name, c.name, g.scopes_json, g.created, g.expires_at, g.view_only, g.path, "
    f"g.share_id {FROM}"
)
ALIVE = "(g.expires_at IS NULL OR g.expires_at > ?)"
OF_USER = (
    "(g.user_id = (SELECT id FROM users WHERE name = ?) OR g.group_id IN "
    "(SELECT m.group_id FROM group_users m JOIN users u ON u.id = m.user_id WHERE u.name = ?))"
)
KIND = "g.view_only, coalesce(g.path, '')"
OF_KIND = "g.view_only = ? AND coalesce(g.path, '') = ?"
MANY = 200
"""When more people than these are concerned, everybody is judged again."""


@reads
def of_user(db: Snapshot, name: str, now: float) -> list[Grant]:
    """All that the user was granted, directly or through groups, and that counts now."""
    return [grant(row) for row in db.rows(f"{SELECT} WHERE {OF_USER} AND {ALIVE} ORDER BY g.id", name, name, now)]


@reads
def page(
    db: Snapshot,
    now: float,
    *,
    user: str = "",
    through_groups: bool = False,
    group: str = "",
    owner: str = "",
    server: str | None = None,
    offset: int = 0,
    limit: int = 200,
) -> tuple[list[Grant], int]:
    """What counts now, and how many entries there are in all.

    There is one for each server and guest with all the scopes; what is view only, or of one path, stands by itself.
    """
    where: list[str] = [ALIVE]
    params: list[object] = [now]
    if user and through_groups:
        where.append(OF_USER)
        params += [user, user]
    for column, value in (("w.name", user if not through_groups else ""), ("c.name", group), ("o.name", owner)):
        if value:
            where.append(f"{column} = ?")
            params.append(value)
    if server is not None:
        where.append("s.slot = ?")
        params.append(f"/{server}")
    each = f"{FROM} WHERE {' AND '.join(where)} GROUP BY g.server_id, g.user_id, g.group_id, {KIND}"
    total: int = db.value(f"SELECT count(*) FROM (SELECT min(g.id) {each}) AS found", *params)
    keys = db.rows(
        f"SELECT min(g.id), g.server_id, g.user_id, g.group_id, {KIND} {each} ORDER BY min(g.id) LIMIT ? OFFSET ?",
        *params,
        limit,
        offset,
    )
    return [_together(db, now, key) for key in keys], total


def _together(db: Snapshot, now: float, key: Row) -> Grant:
    """All that one guest has of one server in one way, as one grant."""
    _, server_id, user_id, group_id, view_only, path = key
    column, guest = ("g.user_id", user_id) if group_id is None else ("g.group_id", group_id)
    where = f"g.server_id = ? AND {column} = ? AND {ALIVE} AND {OF_KIND}"
    rows = db.rows(f"{SELECT} WHERE {where} ORDER BY g.id", server_id, guest, now, bool(view_only), path)
    found = [grant(row) for row in rows]
    first = found[0]
    ends = [each.expires_at for each in found]
    return Grant(
        owner=first.owner,
        server=first.server,
        scopes=tuple(sorted({scope for each in found for scope in each.scopes})),
        user=first.user,
        group=first.group,
        created=first.created,
        expires_at=None if None in ends else max(end for end in ends if end is not None),
        view_only=first.view_only,
        path=first.path,
        id=first.id,
    )


def withdraw(
    db: Transaction,
    owner: str,
    server: str,
    *,
    user: str = "",
    group: str = "",
    scopes: Sequence[str] = (),
) -> list[Grant]:
    """Take it from one guest, or (no guest) from all; these scopes or (none) all. Gives what has changed, as it was."""
    where, params = "o.name = ? AND s.slot = ?", [owner, f"/{server}"]
    if user or group:
        where += f" AND {'w' if user else 'c'}.name = ?"
        params.append(user or group)
    gone = []
    note_guests(db, where, *params)
    for row in db.rows(f"{SELECT} WHERE {where} ORDER BY g.id", *params):
        before = grant(row)
        left = [scope for scope in before.scopes if scopes and scope not in scopes]
        if len(left) == len(before.scopes):
            continue
        gone.append(before)
        if left:
            db.entities.Grant[row[0]].scopes_json = values.to_json(bare(left))
        else:
            db.run("DELETE FROM grants WHERE id = ?", row[0])
    _drop_empty(db)
    return gone


def note_guests(db: Transaction, where: str, *params: object) -> None:
    """Whoever holds one of these grants (`FROM`'s tables), by a group too, is judged again."""
    names = db.rows(
        f"SELECT w.name {FROM} WHERE {where} AND g.user_id IS NOT NULL UNION "
        f"SELECT u.name {FROM} JOIN group_users m ON m.group_id = g.group_id JOIN users u ON u.id = m.user_id "
        f"WHERE {where}",
        *params,
        *params,
    )
    if len(names) > MANY:
        changes.note(db)
        return
    for (name,) in sorted(names):
        changes.note(db, f"user:{name}")


def purge(db: Transaction, now: float) -> int:
    """Drop the grants whose time is over. They do not count any more, so nobody need hear of it."""
    done = db.run("DELETE FROM grants WHERE expires_at <= ?", now)
    _drop_empty(db)
    return done


def _drop_empty(db: Transaction) -> None:
    """Nobody can find an invitation without a code again, once its grants are gone."""
    db.run(
        "DELETE FROM shares WHERE code_digest IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM grants g WHERE g.share_id = shares.id)"
    )


def bare(scopes: Sequence[str]) -> list[str]:
    """The scopes as rows hold them, without their filter."""
    return sorted({scope.partition("!")[0] for scope in scopes})


def filtered(scopes_json: str, owner: str, slot: str) -> tuple[str, ...]:
    """The scopes of a row, which are of its server and of no other."""
    return tuple(f"{name}!server={owner}{slot}" for name in json.loads(scopes_json))


def grant(row: Row) -> Grant:
    """From the columns of `SELECT`."""
    number, owner, slot, user, group, scopes, created, expires_at, view_only, path, share = row
    return Grant(
        owner=owner,
        server=slot[1:],
        scopes=filtered(scopes, owner, slot),
        user=user or "",
        group=group or "",
        created=created,
        expires_at=expires_at,
        view_only=bool(view_only),
        path=path or "",
        invitation="" if share is None else str(share),
        id=str(number),
    )
