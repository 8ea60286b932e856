"""Rows to frozen values, values to what a column takes."""

from __future__ import annotations

import json
from typing import Any

from gateway.model import Json, Said, Session, Target, Token, User
from gateway.store.work import Row

USER = "u.id, u.name, u.admin, u.disabled, u.removing, u.created, u.last_activity"
SESSION = (
    "s.id, s.created, s.expires_at, s.last_seen, s.address, s.device, "
    "coalesce(s.authenticator, ''), coalesce(s.bound, '')"
)
SESSION_COLUMNS = 8
OF_TOKEN = ("id", "prefix", "scopes_json", "note", "created", "expires_at", "last_used", "session_id")
TOKEN = ", ".join([*(f"t.{column}" for column in OF_TOKEN), "k.description"])
LONGEST_TEXT = 4096


def user(row: Row, groups: tuple[str, ...]) -> User:
    """From the columns `USER`."""
    _, name, admin, disabled, removing, created, last_activity = row
    return User(name, bool(admin), bool(disabled), bool(removing), groups, created, last_activity)


def session(row: Row, owner: str) -> Session:
    """From the columns `SESSION`."""
    number, *rest = row
    return Session(str(number), owner, *rest)


def token(row: Row, owner_kind: Any, owner: str) -> Token:
    """From the columns `TOKEN`."""
    number, prefix, scopes, note, created, expires_at, last_used, session_id, client = row
    return Token(
        id=str(number),
        owner_kind=owner_kind,
        owner=owner,
        prefix=prefix,
        scopes=tuple(json.loads(scopes)),
        note=note,
        created=created,
        expires_at=expires_at,
        last_used=last_used,
        session="" if session_id is None else str(session_id),
        client=client or "",
    )


def said(text: str | None) -> Said | None:
    """None as well for what is none of ours: without it the message itself is shown."""
    try:
        match json.loads(text) if text else None:
            case {"key": str(key), "about": dict(about)}:
                return Said(key, about)
    except ValueError:
        pass
    return None


def said_json(value: Said | None) -> str | None:
    return None if value is None else to_json({"key": value.key, "about": dict(value.about)})


def target(text: str) -> Target | None:
    value = json.loads(text)
    return None if value is None else Target(**value)


def target_json(value: Target | None) -> str:
    return to_json(None if value is None else {"url": value.url, "secret": value.secret, "state": value.state})


def to_json(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


def text(value: str) -> str:
    """Free text as every database takes it: bounded, no NUL, no unpaired surrogate."""
    return value[:LONGEST_TEXT].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def row_id(number: str) -> int:
    """A row's number from the text that the outside holds of it; 0, which no row has, if it is none."""
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
