"""Who stands behind a credential: read with its revision, cached until it changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from gateway.channel.messages import Invalidate
from gateway.hub import credentials
from gateway.hub.credentials import Found
from gateway.hub.entry import Entry
from gateway.hub.scoping import Scoping
from gateway.model import Identity, Session, Token, User
from gateway.store.store import Store

CACHED = 50_000
TRIES = 5
"""How often a reading is repeated that a change has overtaken."""

type Credential = Literal["session", "token"]


class Identities:
    """Nothing older than the last known change is ever kept."""

    def __init__(self, store: Store, entry: Entry, scoping: Scoping, clock: Callable[[], float]) -> None:
        self._store = store
        self._entry = entry
        self._scoping = scoping
        self._clock = clock
        self._cache: OrderedDict[tuple[Credential, str], Identity] = OrderedDict()
        self._of_owner: dict[str, set[tuple[Credential, str]]] = {}
        """`user:alice` to what is cached for her."""
        self._revision = 0
        """All changes up to here have been forgotten."""

    def __len__(self) -> int:
        return len(self._cache)

    async def resolve(self, credential: Credential, digest: str) -> tuple[Identity | None, int]:
        """The identity (None: unknown, expired, may not enter) and the revision read at."""
        key = (credential, digest)
        now = self._clock()
        cached = self._cache.get(key)
        if cached and not _expired(cached, now):
            self._cache.move_to_end(key)
            return cached, cached.revision
        unit = credentials.by_session if credential == "session" else credentials.by_token
        for _ in range(TRIES):
            found = await self._store(unit, digest, now)
            if found.revision >= self._revision:
                break
        identity = self._judged(found, credential, digest)
        if identity and found.revision >= self._revision:
            self._keep(key, identity)
        return identity, found.revision

    async def of_user(self, name: str) -> Identity | None:
        """What the user of that name may now, for one call by somebody who brought no credential but a proof."""
        now = self._clock()
        found = await self._store(credentials.of_owner, "user", name, (), now)
        return self._judged(replace(found, credential=Session("", name, now, now, now)), "session", "")

    def forget(self, batch: Invalidate) -> None:
        """Drop what has changed. To be called before anybody else hears of it."""
        self._revision = batch.revision
        if batch.everything:
            self._cache.clear()
            self._of_owner.clear()
            return
        gone: set[tuple[Credential, str]] = set()
        for owner in batch.owners:
            gone |= self._of_owner.get(owner, set())
        for digest in batch.digests:
            gone |= {("session", digest), ("token", digest)}
        for key in gone:
            self._drop(key)

    def _judged(self, found: Found, credential: Credential, digest: str) -> Identity | None:
        owner, of = found.owner, found.credential
        if owner is None or of is None:
            return None
        if isinstance(owner, User) and not self._entry.may_log_in(owner, owner.name):
            return None
        scopes = self._scoping.held(found)
        if isinstance(of, Token):
            scopes = self._scoping.of_token(of.scopes, found, scopes)
        return Identity(
            kind="user" if isinstance(owner, User) else "service",
            name=owner.name,
            scopes=scopes,
            credential=credential,
            digest=digest,
            credential_id=of.id,
            admin=self._scoping.is_admin(owner),
            groups=owner.groups if isinstance(owner, User) else (),
            expires_at=of.expires_at,
            revision=found.revision,
            lapses=self._scoping.lapses(found, scopes),
            admissions=self._scoping.admissions(found),
            session=of.session if isinstance(of, Token) else "",
            bound=of.bound if isinstance(of, Session) else "",
        )

    def _keep(self, key: tuple[Credential, str], identity: Identity) -> None:
        self._cache[key] = identity
        self._of_owner.setdefault(_owner(identity), set()).add(key)
        if len(self._cache) > CACHED:
            self._drop(next(iter(self._cache)))

    def _drop(self, key: tuple[Credential, str]) -> None:
        identity = self._cache.pop(key, None)
        if identity is None:
            return
        keys = self._of_owner[_owner(identity)]
        keys.discard(key)
        if not keys:
            del self._of_owner[_owner(identity)]


def _owner(identity: Identity) -> str:
    return f"{identity.kind}:{identity.name}"


def _expired(identity: Identity, now: float) -> bool:
    return (identity.expires_at is not None and identity.expires_at <= now) or identity.lapsed(now)
