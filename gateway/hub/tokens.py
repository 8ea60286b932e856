"""API tokens: make, list, revoke."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from gateway.errors import BadInput, NotFound
from gateway.hub import credentials, scoping
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.words import plain
from gateway.model import Token, digest
from gateway.store import audit, tokens
from gateway.store.store import Store
from gateway.store.work import Transaction

PREFIX = 6
"""Characters kept in clear; 37 more stay secret."""
NOTE = 255


class Tokens:
    def __init__(
        self, max_age: int, *, store: Store, changes: ChangeLog, entry: Entry, clock: Callable[[], float]
    ) -> None:
        self._max_age = max_age
        self._store = store
        self._changes = changes
        self._entry = entry
        self._clock = clock

    async def make(
        self, owner: str, scopes: Sequence[str] = (), note: str = "", expires_in: float | None = None, by: str = ""
    ) -> tuple[str, Token]:
        """The value (shown once) and the record, for user `owner`. No scopes = "inherit".

        NotFound (owner), BadInput (scope unknown or more than the owner has, expiry, note).
        """
        found = await self._store(credentials.of_owner, owner, tuple(scopes))
        if found.user is None:
            raise NotFound(f"there is no user {plain(owner)!r}")
        if len(note) > NOTE:
            raise BadInput(f"a note must not be longer than {NOTE} characters")
        held = scoping.of_user(owner, self._entry.is_admin(found.user), found.role_scopes)
        now = self._clock()
        value = secrets.token_urlsafe(32)
        token = Token(
            id="",
            owner_kind="user",
            owner=owner,
            prefix=value[:PREFIX],
            scopes=scoping.checked(scopes, owner, held, found.groups),
            note=plain(note, NOTE),
            created=now,
            expires_at=self._expiry(expires_in, now),
            last_used=None,
        )
        return value, await self._changes.write(_add, token, digest(value), by or f"user:{owner}")

    async def of_user(self, owner: str) -> list[Token]:
        return list(await self._store(tokens.of_owner, "user", owner))

    async def revoke(self, token_id: str, by: str = "") -> None:
        """Fine when there is none."""
        await self._changes.write(_remove, token_id, by, self._clock())

    def _expiry(self, expires_in: float | None, now: float) -> float | None:
        if expires_in is not None and expires_in <= 0:
            raise BadInput("a token must expire in more than 0 seconds")
        if self._max_age and (expires_in is None or expires_in > self._max_age):
            raise BadInput(f"a token must expire within {self._max_age} seconds")
        return None if expires_in is None else now + expires_in


def _add(db: Transaction, token: Token, digest: str, by: str) -> Token:
    kept = tokens.add(db, token, digest)
    audit.add(db, token.created, by, "token.add", token.owner, f"{kept.id} {' '.join(token.scopes)}"[:500])
    return kept


def _remove(db: Transaction, token_id: str, by: str, now: float) -> None:
    tokens.remove(db, token_id)
    audit.add(db, now, by, "token.remove", token_id[:64], "")
