"""API tokens of users and services, found by the digest of their value."""

from __future__ import annotations

from dataclasses import replace

from gateway.errors import NotFound
from gateway.model import Token, User
from gateway.store import changes, users, values
from gateway.store.work import Row, Snapshot, Transaction, reads

OWNED = (
    f"SELECT {values.TOKEN}, v.name, {values.USER} FROM tokens t "
    "LEFT JOIN users u ON u.id = t.user_id LEFT JOIN services v ON v.id = t.service_id "
    "LEFT JOIN oauth_clients k ON k.id = t.client_id"
)


def add(db: Transaction, token: Token, digest: str) -> Token:
    """Keep a token and return it with its id. NotFound if there is no such owner."""
    row = db.entities.Token(
        digest=digest,
        prefix=values.text(token.prefix),
        user=users.entity(db, token.owner) if token.owner_kind == "user" else None,
        service=_service(db, token.owner) if token.owner_kind == "service" else None,
        scopes_json=values.to_json(list(token.scopes)),
        note=values.text(token.note),
        created=token.created,
        expires_at=token.expires_at,
        last_used=token.last_used,
    )
    row.flush()  # gives it its id
    changes.note(db, digest=digest)
    return replace(token, id=str(row.id), prefix=row.prefix, note=row.note)


@reads
def get(db: Snapshot, token_id: str) -> Token | None:
    row = db.row(f"{OWNED} WHERE t.id = ?", values.row_id(token_id))
    return _token(row) if row else None


@reads
def find(db: Snapshot, digest: str, now: float) -> tuple[Token, User | None] | None:
    """The token and, if a user owns it, that user; None if there is none or its time is over."""
    row = db.row(f"{OWNED} WHERE t.digest = ? AND (t.expires_at IS NULL OR t.expires_at > ?)", digest, now)
    if row is None:
        return None
    user = row[10:]
    return _token(row), users.with_groups(db, [user])[0] if user[0] is not None else None


@reads
def of_owner(db: Snapshot, kind: str, name: str) -> list[Token]:
    """A user's or service's tokens, the newest first; those that are over may be among them."""
    column = "u.name" if kind == "user" else "v.name"
    return [_token(row) for row in db.rows(f"{OWNED} WHERE {column} = ? ORDER BY t.id DESC", name)]


def remove(db: Transaction, token_id: str) -> None:
    """One that OAuth made goes with all that the user has let the same client have. Fine when there is none."""
    row = db.row("SELECT digest, client_id, user_id FROM tokens WHERE id = ?", values.row_id(token_id))
    if row is None:
        return
    digest, client, user = row
    alike = db.rows("SELECT digest FROM tokens WHERE client_id = ? AND user_id = ?", client, user) if client else []
    for each in (digest, *(other for (other,) in alike)):
        remove_value(db, each)


def remove_value(db: Transaction, digest: str) -> None:
    """End the token with this value. Fine when there is none."""
    if db.run("DELETE FROM tokens WHERE digest = ?", digest):
        changes.note(db, digest=digest)


def remove_all(db: Transaction, user: str) -> int:
    """End all of a user's tokens; how many there were."""
    count = db.run("DELETE FROM tokens WHERE user_id = (SELECT id FROM users WHERE name = ?)", user)
    if count:
        changes.note(db, f"user:{user}")
    return count


def purge(db: Transaction, now: float) -> int:
    """Drop the tokens whose time is over."""
    return db.run("DELETE FROM tokens WHERE expires_at <= ?", now)


def _token(row: Row) -> Token:
    service, user = row[9], row[11]
    return values.token(row[:9], "service" if user is None else "user", service if user is None else user)


def _service(db: Transaction, name: str) -> object:
    service = db.entities.Service.get(name=name)
    if service is None:
        raise NotFound(f"there is no service {name}")
    return service
