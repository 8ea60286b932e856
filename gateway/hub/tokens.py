"""API tokens: make, list, revoke."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from gateway.errors import BadInput, NotFound
from gateway.hub import credentials
from gateway.hub.changes import ChangeLog
from gateway.hub.credentials import Kind
from gateway.hub.scoping import Scoping
from gateway.hub.words import plain
from gateway.model import Token, digest
from gateway.store import audit, roles, tokens
from gateway.store.store import Store
from gateway.store.work import Transaction

PREFIX = 6
"""Characters kept in clear; 37 more stay secret."""
NOTE = 255


class Tokens:
    def __init__(
        self, max_age: int, *, store: Store, changes: ChangeLog, scoping: Scoping, clock: Callable[[], float]
    ) -> None:
        self._max_age = max_age
        self._store = store
        self._changes = changes
        self._scoping = scoping
        self._clock = clock

    async def make(
        self,
        owner: str,
        scopes: Collection[str] | None = None,
        note: str = "",
        expires_in: float | None = None,
        by: str = "",
        *,
        kind: Kind = "user",
        roles: Collection[str] | None = None,
    ) -> tuple[str, Token]:
        """The value (shown once) and the record, for the user or service `owner`.

        `scopes`, or those of `roles` as they are now; of neither: those of the role `token`,
        which by default is all that the owner may. None at all is fine, and opens nothing.
        NotFound (owner), BadInput (scope unknown or more than the owner has, expiry, note).
        """
        wanted = await self._wanted(scopes, roles)
        now = self._clock()
        found = await self._store(credentials.of_owner, kind, owner, wanted, now)
        if found.owner is None:
            raise NotFound(f"there is no {kind} {plain(owner)!r}")
        if len(note) > NOTE:
            raise BadInput(f"a note must not be longer than {NOTE} characters")
        value = secrets.token_urlsafe(32)
        token = Token(
            id="",
            owner_kind=kind,
            owner=owner,
            prefix=value[:PREFIX],
            scopes=self._scoping.checked(wanted, found, self._scoping.held(found)),
            note=plain(note, NOTE),
            created=now,
            expires_at=self._expiry(expires_in, now),
            last_used=None,
        )
        return value, await self._changes.write(_add, token, digest(value), by or f"{kind}:{owner}")

    async def _wanted(self, scopes: Collection[str] | None, names: Collection[str] | None) -> tuple[str, ...]:
        if scopes is not None and names is not None:
            raise BadInput("Can only assign one of scopes or roles when creating tokens.")
        if scopes is not None:
            return tuple(scopes)
        defaults = self._scoping.roles
        kept = await self._store(roles.scopes_by_name) if names else {}
        wanted: list[str] = []
        for name in ("token",) if names is None else names:
            if name not in defaults and name not in kept:
                raise BadInput(f"No such role: {plain(name)}")
            wanted += defaults.get(name) or kept[name]
        return tuple(wanted)

    async def of_user(self, owner: str) -> list[Token]:
        return await self._of("user", owner)

    async def of_service(self, owner: str) -> list[Token]:
        return await self._of("service", owner)

    async def _of(self, kind: Kind, owner: str) -> list[Token]:
        now = self._clock()
        found = await self._store(tokens.of_owner, kind, owner)
        return [token for token in found if token.expires_at is None or token.expires_at > now]

    async def effective(self, some: Sequence[Token]) -> list[Token]:
        """Tokens of one owner, each with all the scopes that it opens at this moment."""
        if not some:
            return []
        written = tuple({scope for token in some for scope in token.scopes})
        kind, owner = some[0].owner_kind, some[0].owner
        found = await self._store(credentials.of_owner, kind, owner, written, self._clock())
        held = self._scoping.held(found)
        return [
            replace(token, scopes=tuple(sorted(self._scoping.of_token(token.scopes, found, held)))) for token in some
        ]

    async def revoke(self, token_id: str, by: str = "") -> None:
        """Fine when there is none."""
        await self._changes.write(_remove, token_id, by, self._clock())

    def _expiry(self, expires_in: float | None, now: float) -> float | None:
        """When it expires: as asked for, else as late as the settings allow."""
        if expires_in is None:
            return now + self._max_age if self._max_age else None
        if not expires_in >= 1:
            raise BadInput(f"expires_in must be a positive integer or null, not {expires_in}")
        if self._max_age and expires_in > self._max_age:
            raise BadInput(f"a token must expire within {self._max_age} seconds ([tokens] max_age)")
        return now + expires_in


def _add(db: Transaction, token: Token, digest: str, by: str) -> Token:
    kept = tokens.add(db, token, digest)
    audit.add(db, token.created, by, "token.add", token.owner, f"{kept.id} {' '.join(token.scopes)}"[:500])
    return kept


def _remove(db: Transaction, token_id: str, by: str, now: float) -> None:
    tokens.remove(db, token_id)
    audit.add(db, now, by, "token.remove", token_id[:64], "")
