"""OAuth's clients and codes. The tokens that come of them are rows among all others."""

from __future__ import annotations

import json

from gateway.clients import Client, Code
from gateway.errors import Conflict, NotFound
from gateway.model import Token
from gateway.store import tokens, users, values
from gateway.store.work import Row, Snapshot, Transaction, reads

SELECT = (
    "SELECT c.identifier, COALESCE(c.secret_digest, v.token_digest), c.redirect_uri, c.scopes_json, c.no_confirm, "
    "c.description, v.name, u.name, s.slot FROM oauth_clients c LEFT JOIN services v ON v.id = c.service_id "
    "LEFT JOIN servers s ON s.id = c.server_id LEFT JOIN users u ON u.id = s.user_id"
)
AT_ONCE = 8
"""Codes, and tokens, of one client in one browser session: several tabs come at once, the last cookie counts."""


# ── clients ──────────────────────────────────────────────────────────────────


@reads
def client(db: Snapshot, identifier: str) -> Client | None:
    """The client of that id; None when there is none, or none that could prove itself."""
    row = db.row(f"{SELECT} WHERE c.identifier = ?", identifier)
    return _client(row) if row and row[1] else None


def put(db: Transaction, client: Client, now: float) -> None:
    """Keep it, new or changed; what was agreed to before stays. NotFound (server, service), Conflict (the id)."""
    owner = {"server": _server(db, client), "service": _service(db, client)}
    record = {
        "secret_digest": None if client.service else client.secret,
        "description": values.text(client.description),
        "redirect_uri": client.redirect_uri,
        "scopes_json": values.to_json(list(client.scopes)),
        "no_confirm": client.no_confirm,
    }
    row = db.entities.OAuthClient.get(identifier=client.id)
    if row is None:
        db.entities.OAuthClient(identifier=client.id, created=now, **owner, **record)
    elif (row.server, row.service) == (owner["server"], owner["service"]):
        row.set(**record)
    else:
        raise Conflict(f"there is an OAuth client {client.id} already")
    db.entities.flush()


def remove(db: Transaction, identifier: str) -> None:
    """Forget the client with its codes and its tokens, a server's own among them. Fine when there is none."""
    row = db.row("SELECT id, secret_digest FROM oauth_clients WHERE identifier = ?", identifier)
    if row is None:
        return
    number, secret = row
    ended = [digest for (digest,) in db.rows("SELECT digest FROM tokens WHERE client_id = ?", number)]
    for digest in [*ended, secret] if secret else ended:
        tokens.remove_value(db, digest)
    db.run("DELETE FROM oauth_clients WHERE id = ?", number)


def remove_of_user(db: Transaction, user: str) -> None:
    """Forget the clients of all of a user's servers, none of which runs."""
    rows = db.rows(
        "SELECT c.identifier FROM oauth_clients c JOIN servers s ON s.id = c.server_id "
        "JOIN users u ON u.id = s.user_id WHERE u.name = ?",
        user,
    )
    for (identifier,) in rows:
        remove(db, identifier)


@reads
def of_services(db: Snapshot) -> dict[str, str]:
    """The client ids of those services that have one, by name."""
    return dict(db.rows("SELECT v.name, c.identifier FROM oauth_clients c JOIN services v ON v.id = c.service_id"))


@reads
def agreed(db: Snapshot, user: str, identifier: str, now: float) -> frozenset[str]:
    """The scopes that this user has let the client have, in all tokens that are still good."""
    rows = db.rows(
        "SELECT t.scopes_json FROM tokens t JOIN users u ON u.id = t.user_id "
        "JOIN oauth_clients c ON c.id = t.client_id "
        "WHERE u.name = ? AND c.identifier = ? AND (t.expires_at IS NULL OR t.expires_at > ?)",
        user,
        identifier,
        now,
    )
    return frozenset(scope for (scopes,) in rows for scope in json.loads(scopes))


# ── codes ────────────────────────────────────────────────────────────────────


def add_code(db: Transaction, code: Code, digest: str) -> None:
    """Of many for the same client and session the newest stay. NotFound when client, user or session are gone."""
    session = db.entities.Session.get(id=values.row_id(code.session))
    client = db.entities.OAuthClient.get(identifier=code.client)
    if session is None or client is None:
        raise NotFound("there is no such session or client any more")
    db.entities.OAuthCode(
        digest=digest,
        client=client,
        user=users.entity(db, code.user),
        session=session,
        redirect_uri=code.redirect_uri,
        scopes_json=values.to_json(list(code.scopes)),
        challenge=code.challenge,
        challenge_method=code.challenge_method,
        expires_at=code.expires_at,
    )
    older = db.rows(
        "SELECT id FROM oauth_codes WHERE client_id = ? AND session_id = ? ORDER BY id DESC", client.id, session.id
    )[AT_ONCE:]
    for (number,) in older:
        db.run("DELETE FROM oauth_codes WHERE id = ?", number)


@reads
def code(db: Snapshot, digest: str, now: float) -> Code | None:
    """The code, used or not, until its time is over."""
    row = db.row(
        "SELECT c.identifier, u.name, o.session_id, o.redirect_uri, o.scopes_json, o.expires_at, o.challenge, "
        "o.challenge_method, s.expires_at, o.token_digest FROM oauth_codes o "
        "JOIN oauth_clients c ON c.id = o.client_id JOIN users u ON u.id = o.user_id "
        "JOIN sessions s ON s.id = o.session_id WHERE o.digest = ? AND o.expires_at > ? AND s.expires_at > ?",
        digest,
        now,
        now,
    )
    if row is None:
        return None
    client, user, session, redirect_uri, scopes, expires_at, challenge, method, session_expires_at, token = row
    return Code(
        client=client,
        user=user,
        session=str(session),
        redirect_uri=redirect_uri,
        scopes=tuple(json.loads(scopes)),
        expires_at=expires_at,
        challenge=challenge,
        challenge_method=method,
        session_expires_at=session_expires_at,
        token=token or "",
    )


def use_code(db: Transaction, code_digest: str, token: Token, digest: str) -> None:
    """Keep the token that is given for the code, which is good for nothing any more."""
    tokens.add(db, token, digest)
    client, session = db.row("SELECT client_id, session_id FROM oauth_codes WHERE digest = ?", code_digest) or (0, 0)
    db.run("UPDATE oauth_codes SET token_digest = ? WHERE digest = ?", digest, code_digest)
    db.run("UPDATE tokens SET client_id = ?, session_id = ? WHERE digest = ?", client, session, digest)
    older = db.rows(
        "SELECT digest FROM tokens WHERE client_id = ? AND session_id = ? ORDER BY id DESC", client, session
    )[AT_ONCE:]
    for (old,) in older:
        tokens.remove_value(db, old)


def spoil(db: Transaction, code: Code) -> None:
    """Somebody has brought a code again: the token that was given for it may be in wrong hands."""
    tokens.remove_value(db, code.token)


def purge(db: Transaction, now: float) -> int:
    """Drop the codes whose time is over."""
    return db.run("DELETE FROM oauth_codes WHERE expires_at <= ?", now)


# ── inside ───────────────────────────────────────────────────────────────────


def _client(row: Row) -> Client:
    identifier, secret, redirect_uri, scopes, no_confirm, description, service, user, slot = row
    return Client(
        id=identifier,
        redirect_uri=redirect_uri,
        secret=secret,
        scopes=tuple(json.loads(scopes)),
        no_confirm=bool(no_confirm),
        description=description,
        service=service or "",
        user=user or "",
        server=slot[1:] if slot else "",
    )


def _server(db: Transaction, client: Client) -> object:
    if client.service:
        return None
    row = db.entities.Server.get(user=users.entity(db, client.user), slot=f"/{client.server}")
    if row is None:
        raise NotFound(f"{client.user} has no such server")
    return row


def _service(db: Transaction, client: Client) -> object:
    if not client.service:
        return None
    row = db.entities.Service.get(name=client.service)
    if row is None:
        raise NotFound(f"there is no service {client.service}")
    return row
