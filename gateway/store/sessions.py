"""Browser sessions, found by the digest of their value."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from gateway.model import Json, Session, User
from gateway.store import changes, users, values
from gateway.store.work import Snapshot, Transaction, reads


@dataclass(frozen=True, slots=True)
class Known:
    """What an authenticator is told of a session that it made."""

    digest: str
    user: str
    authenticator: str
    memory: Json
    refresh_at: float | None
    """When it must be asked again; None = never."""


def add(
    db: Transaction, session: Session, digest: str, memory: Json = None, refresh_at: float | None = None
) -> Session:
    """Keep a session and return it with its id. NotFound if there is no such user."""
    row = db.entities.Session(
        digest=digest,
        user=users.entity(db, session.user),
        created=session.created,
        expires_at=session.expires_at,
        last_seen=session.last_seen,
        address=values.text(session.address),
        device=values.text(session.device),
        authenticator=session.authenticator,
        bound=session.bound,
        memory_json=None if memory is None else values.to_json(memory),
        refresh_at=refresh_at,
    )
    row.flush()  # gives it its id
    changes.note(db, digest=digest)
    return replace(session, id=str(row.id), address=row.address, device=row.device)


@reads
def find(db: Snapshot, digest: str, now: float) -> tuple[Session, User] | None:
    """The session and whose it is; None if there is none or its time is over."""
    row = db.row(
        f"SELECT {values.SESSION}, {values.USER} FROM sessions s JOIN users u ON u.id = s.user_id "
        "WHERE s.digest = ? AND s.expires_at > ?",
        digest,
        now,
    )
    if row is None:
        return None
    user = users.with_groups(db, [row[values.SESSION_COLUMNS :]])[0]
    return values.session(row[: values.SESSION_COLUMNS], user.name), user


SELECT = (
    "SELECT s.digest, u.name, coalesce(s.authenticator, ''), s.memory_json, s.refresh_at "
    "FROM sessions s JOIN users u ON u.id = s.user_id "
)


@reads
def known(db: Snapshot, digest: str) -> Known | None:
    row = db.row(f"{SELECT} WHERE s.digest = ?", digest)
    return _known(*row) if row else None


@reads
def due(db: Snapshot, now: float, limit: int) -> list[Known]:
    """Those whose authenticator must be asked again, the longest overdue first."""
    rows = db.rows(
        f"{SELECT} WHERE s.refresh_at <= ? AND s.expires_at > ? ORDER BY s.refresh_at LIMIT ?", now, now, limit
    )
    return [_known(*row) for row in rows]


def _known(digest: str, user: str, authenticator: str, memory: str | None, refresh_at: float | None) -> Known:
    return Known(digest, user, authenticator, None if memory is None else json.loads(memory), refresh_at)


def refreshed(db: Transaction, digest: str, memory: Json, refresh_at: float) -> None:
    """It was asked, and the person may stay. Fine when the session has ended meanwhile."""
    db.run(
        "UPDATE sessions SET memory_json = ?, refresh_at = ? WHERE digest = ?",
        None if memory is None else values.to_json(memory),
        refresh_at,
        digest,
    )


@reads
def of_user(db: Snapshot, user: str) -> list[Session]:
    """A user's sessions, the newest first; those that are over may be among them."""
    rows = db.rows(
        f"SELECT {values.SESSION} FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.name = ? ORDER BY s.id DESC",
        user,
    )
    return [values.session(row, user) for row in rows]


def remove(db: Transaction, digest: str) -> None:
    """End it, and the tokens that were made in it. Fine when there is none."""
    made = db.rows("SELECT t.digest FROM tokens t JOIN sessions s ON s.id = t.session_id WHERE s.digest = ?", digest)
    if db.run("DELETE FROM sessions WHERE digest = ?", digest):
        for each in (digest, *(token for (token,) in made)):
            changes.note(db, digest=each)


def remove_one(db: Transaction, user: str, session_id: str) -> bool:
    """Was there such a session of this user?"""
    number = values.row_id(session_id)
    digest = db.value(
        "SELECT s.digest FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ? AND u.name = ?", number, user
    )
    if digest:
        remove(db, digest)
    return bool(digest)


def remove_all(db: Transaction, user: str) -> int:
    """End all of a user's sessions; how many there were."""
    count = db.run("DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE name = ?)", user)
    if count:
        changes.note(db, f"user:{user}")
    return count


def remove_others(db: Transaction, user: str, digest: str) -> int:
    """End all of a user's sessions but the one with that digest; how many there were."""
    count = db.run(
        "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE name = ?) AND digest <> ?", user, digest
    )
    if count:
        changes.note(db, f"user:{user}")
    return count


def purge(db: Transaction, now: float) -> int:
    """Drop the sessions whose time is over: nobody needs to be told, everybody knows the hour."""
    return db.run("DELETE FROM sessions WHERE expires_at <= ?", now)
