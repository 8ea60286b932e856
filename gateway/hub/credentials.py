"""Reads what stands behind a credential, with its revision, in one moment of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.model import Grant, Service, Session, Token, User
from gateway.scopes import parse
from gateway.store import changes, grants, groups, roles, services, sessions, tokens, users
from gateway.store.work import Snapshot, reads

type Kind = Literal["user", "service"]


@dataclass(frozen=True, slots=True)
class Found:
    """All that an identity is made of. Without an owner there is none."""

    revision: int
    owner: User | Service | None = None
    credential: Session | Token | None = None
    role_scopes: tuple[str, ...] = ()
    """Of the roles that the owner has directly or by a group; default roles that all have are not among them."""
    granted: tuple[Grant, ...] = ()
    """What others share with the owner, directly or by a group, as far as it counts now."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the users whom the scopes name, the owner among them."""


@reads
def by_session(db: Snapshot, digest: str, now: float) -> Found:
    revision = changes.revision(db)
    found = sessions.find(db, digest, now)
    if found is None:
        return Found(revision)
    session, user = found
    return _behind(db, revision, user, session, now=now)


@reads
def by_token(db: Snapshot, digest: str, now: float) -> Found:
    revision = changes.revision(db)
    found = tokens.find(db, digest, now)
    if found is None:
        return Found(revision)
    token, user = found
    return _behind(db, revision, user or services.get(db, token.owner), token, now=now, scopes=token.scopes)


@reads
def of_owner(db: Snapshot, kind: Kind, name: str, scopes: tuple[str, ...], now: float) -> Found:
    """For a token with `scopes` that is about to be made: what its owner holds."""
    revision = changes.revision(db)
    owner = users.get(db, name) if kind == "user" else services.get(db, name)
    return _behind(db, revision, owner, None, now=now, scopes=scopes)


def _behind(
    db: Snapshot,
    revision: int,
    owner: User | Service | None,
    credential: Session | Token | None,
    *,
    now: float,
    scopes: tuple[str, ...] = (),
) -> Found:
    """What the owner holds, and the groups that decide what of it is in `scopes`."""
    if owner is None:
        return Found(revision)
    if isinstance(owner, Service):
        held = roles.scopes_of_service(db, owner.name)
        return Found(revision, owner, credential, held, groups=_groups(db, {}, held, scopes))
    held = roles.scopes_of_user(db, owner.name)
    granted = tuple(grants.of_user(db, owner.name, now))
    return Found(
        revision, owner, credential, held, granted, groups=_groups(db, {owner.name: owner.groups}, held, scopes)
    )


def _groups(
    db: Snapshot, known: Mapping[str, tuple[str, ...]], *scopes: tuple[str, ...]
) -> Mapping[str, tuple[str, ...]]:
    """The groups of everybody whom a filter names: read only where a filter by group may cover them."""
    if not any("!group=" in scope for several in scopes for scope in several):
        return known
    return groups.of_users(db, named_users(*scopes) - known.keys()) | dict(known)


def named_users(*several: Iterable[str]) -> frozenset[str]:
    """The users that stand in filters: their groups decide what `!group=` filters cover."""
    filters = (parse(scope)[1:] for scopes in several for scope in scopes)
    return frozenset(value.partition("/")[0] for kind, value in filters if kind in ("user", "server") and value)
