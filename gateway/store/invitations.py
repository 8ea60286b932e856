"""Invitations to servers: found by the digest of their code, used up one guest at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gateway.errors import BadInput, Conflict, Gone, NotFound
from gateway.model import Grant, Invitation, Server
from gateway.store import grants, servers, users, values
from gateway.store.work import Row, Snapshot, Transaction, reads

SELECT = (
    "SELECT i.id, o.name, s.slot, i.handler, i.code_prefix, i.scopes_json, i.options_json, i.created, i.expires_at, "
    "i.uses, i.last_used FROM shares i JOIN servers s ON s.id = i.server_id JOIN users o ON o.id = s.user_id"
)
OPTIONS = ("max_uses", "lasting", "view_only", "path")
"""What no column is for."""
ALIVE = "(i.expires_at IS NULL OR i.expires_at > ?)"
OF_SERVER = 1000
"""Invitations to one server, with those whose time is over."""
REMEMBERED = 30 * 86400.0
"""Seconds for which a code that is over is told apart from one that never was."""


def add(db: Transaction, invitation: Invitation, digest: str) -> Invitation:
    """Keep it, with the grants that it brings, and give it back with its ids. NotFound, Conflict (too many).

    What needs no code and has no end adds to what the same guest has from the same handler already.
    """
    server = _server(db, invitation)
    count = db.value("SELECT count(*) FROM shares WHERE server_id = ?", server.id)
    if not digest and (known := _same(db, server, invitation)):
        return _extended(db, known, invitation)
    if count >= OF_SERVER:
        raise Conflict(
            f"a server cannot have more than {OF_SERVER} invitations; withdraw some first",
            key="shares-full",
            about={"most": OF_SERVER},
        )
    row = db.entities.Share(
        owner=server.user,
        server=server,
        handler=invitation.handler,
        code_digest=digest or None,
        code_prefix=invitation.prefix,
        scopes_json=values.to_json(grants.bare(invitation.scopes)),
        options_json=values.to_json({name: getattr(invitation, name) for name in OPTIONS}),
        created=invitation.created,
        expires_at=invitation.expires_at,
        uses=0,
    )
    row.flush()  # gives it its id
    kept = tuple(_grant(db, row, grant) for grant in invitation.grants)
    return replace(invitation, id=str(row.id), grants=kept)


@reads
def find(db: Snapshot, digest: str) -> Invitation | None:
    """By the digest of its code, whether its time is over or not."""
    row = db.row(f"{SELECT} WHERE i.code_digest = ?", digest)
    return _invitation(row) if row else None


@reads
def get(db: Snapshot, number: str) -> Invitation | None:
    """By its id, with the grants that came by it."""
    row = db.row(f"{SELECT} WHERE i.id = ?", values.row_id(number))
    return _with_grants(db, _invitation(row)) if row else None


@reads
def page(
    db: Snapshot,
    now: float,
    owner: str,
    server: str | None = None,
    *,
    codes_only: bool = True,
    offset: int = 0,
    limit: int = 200,
) -> tuple[list[Invitation], int]:
    """An owner's, or one server's, whose time is not over; and how many there are in all."""
    where = f"o.name = ? AND {ALIVE}"
    params: list[object] = [owner, now]
    if server is not None:
        where += " AND s.slot = ?"
        params.append(f"/{server}")
    if codes_only:
        where += " AND i.code_digest IS NOT NULL"
    counted = SELECT.partition(" FROM ")[2]
    total: int = db.value(f"SELECT count(*) FROM {counted} WHERE {where}", *params)
    rows = db.rows(f"{SELECT} WHERE {where} ORDER BY i.id LIMIT ? OFFSET ?", *params, limit, offset)
    return [_with_grants(db, _invitation(row)) for row in rows], total


def accept(db: Transaction, grant: Grant, now: float) -> tuple[Grant, bool]:
    """Give `grant` to its user: the second time it is the same one, and False beside it. NotFound, Gone.

    One use of the invitation is counted with it, in this transaction, so two at once cannot have the last one.
    """
    if not grant.invitation:
        return _grant(db, None, grant), True
    # Locked to the end, so that the count is right.
    number = values.row_id(grant.invitation)
    db.run("UPDATE shares SET last_used = last_used WHERE id = ?", number)
    row = db.entities.Share.get(id=number)
    if row is None:
        raise NotFound("there is no such invitation", key="share-gone")
    if row.expires_at is not None and row.expires_at <= now:
        raise Gone("this invitation has expired", key="share-gone")
    user = users.entity(db, grant.user)
    if (mine := db.entities.Grant.get(share=row, user=user)) and (mine.expires_at is None or mine.expires_at > now):
        return _kept(db, mine.id), False
    most = json.loads(row.options_json)["max_uses"]
    if most is not None and row.uses >= most:
        raise Gone("this invitation is used up", key="share-invalid")
    row.set(uses=row.uses + 1, last_used=now)
    return _grant(db, row, grant), True


def remove(db: Transaction, number: str, *, keep_grants: bool = False) -> list[Grant]:
    """Withdraw it, and what came by it unless `keep_grants`. Gives the grants that are gone; fine with none."""
    share_id = values.row_id(number)
    gone = [] if keep_grants else _of(db, share_id)
    if keep_grants:
        db.run("UPDATE grants SET share_id = NULL WHERE share_id = ?", share_id)
    grants.note_guests(db, "g.share_id = ?", share_id)
    db.run("DELETE FROM shares WHERE id = ?", share_id)
    return gone


def purge(db: Transaction, now: float) -> int:
    """Drop those that were over long ago; grants that outlive them stay."""
    old = "SELECT id FROM shares WHERE expires_at <= ?"
    db.run(f"UPDATE grants SET share_id = NULL WHERE share_id IN ({old})", now - REMEMBERED)
    return db.run("DELETE FROM shares WHERE expires_at <= ?", now - REMEMBERED)


def _server(db: Transaction, of: Invitation | Grant) -> Any:
    """The server's row; a default server that never ran gets one now."""
    owner = users.entity(db, of.owner)
    slot = f"/{of.server}"
    row = db.entities.Server.get(user=owner, slot=slot)
    if row is None and not of.server:
        servers.put(db, Server(of.owner, "", created=of.created))
        row = db.entities.Server.get(user=owner, slot=slot)
    if row is None:
        raise NotFound("there is no such server", key="no-server")
    return row


def _same(db: Transaction, server: Any, invitation: Invitation) -> Any:
    """The grant to the same guest that this one would only add to."""
    if len(invitation.grants) != 1 or (grant := invitation.grants[0]).expires_at is not None:
        return None
    [(kind, guest)] = _guest(db, grant).items()
    number = db.value(
        "SELECT min(g.id) FROM grants g JOIN shares i ON i.id = g.share_id WHERE g.server_id = ? "
        f"AND g.{kind}_id = ? AND i.handler = ? AND i.code_digest IS NULL AND g.expires_at IS NULL "
        f"AND {grants.OF_KIND}",
        server.id,
        guest.id,
        invitation.handler,
        grant.view_only,
        grant.path,
    )
    return number and db.entities.Grant[number]


def _extended(db: Transaction, known: Any, invitation: Invitation) -> Invitation:
    names = values.to_json(sorted({*json.loads(known.scopes_json), *grants.bare(invitation.scopes)}))
    share_id, number = known.share.id, known.id
    known.scopes_json = names
    known.share.scopes_json = names
    grants.note_guests(db, "g.id = ?", number)
    kept = get(db, str(share_id))
    if kept is None:
        raise NotFound("there is no such invitation", key="share-gone")
    return kept


def _grant(db: Transaction, share: Any, grant: Grant) -> Grant:
    """A new row for `grant`."""
    row = db.entities.Grant(
        server=_server(db, grant),
        share=share,
        scopes_json=values.to_json(grants.bare(grant.scopes)),
        view_only=grant.view_only,
        path=grant.path or None,
        created=grant.created,
        expires_at=grant.expires_at,
        **_guest(db, grant),
    )
    row.flush()
    grants.note_guests(db, "g.id = ?", row.id)
    return _kept(db, row.id)


def _guest(db: Transaction, grant: Grant) -> dict[str, Any]:
    if grant.user:
        user = db.entities.User.get(name=grant.user)
        if user is None:
            raise BadInput(f"No such user: {grant.user[:100]}", key="unknown-user", about={"name": grant.user[:100]})
        return {"user": user}
    group = db.entities.Group.get(name=grant.group)
    if group is None:
        raise BadInput(f"No such group: {grant.group[:100]}", key="unknown-group", about={"name": grant.group[:100]})
    return {"group": group}


def _kept(db: Transaction, number: int) -> Grant:
    return grants.grant(db.rows(f"{grants.SELECT} WHERE g.id = ?", number)[0])


def _of(db: Snapshot, share_id: int) -> list[Grant]:
    return [grants.grant(row) for row in db.rows(f"{grants.SELECT} WHERE g.share_id = ? ORDER BY g.id", share_id)]


def _with_grants(db: Snapshot, invitation: Invitation) -> Invitation:
    return replace(invitation, grants=tuple(_of(db, values.row_id(invitation.id))))


def _invitation(row: Row) -> Invitation:
    number, owner, slot, handler, prefix, scopes, options, created, expires_at, uses, last_used = row
    return Invitation(
        owner=owner,
        server=slot[1:],
        scopes=grants.filtered(scopes, owner, slot),
        created=created,
        expires_at=expires_at,
        handler=handler,
        prefix=prefix,
        uses=uses,
        last_used=last_used,
        id=str(number),
        **json.loads(options),
    )
