"""Reads what stands behind a credential, with its revision, in one moment of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.hub.scoping import named_users
from gateway.model import Session, Token, User
from gateway.store import changes, roles, sessions, tokens, users
from gateway.store.work import Snapshot, reads


@dataclass(frozen=True, slots=True)
class Found:
    """All that an identity is made of. Without a user there is none."""

    revision: int
    user: User | None = None
    credential: Session | Token | None = None
    role_scopes: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the users whom the scopes name, the owner among them."""


@reads
def by_session(db: Snapshot, digest: str, now: float) -> Found:
    revision = changes.revision(db)
    found = sessions.find(db, digest, now)
    if found is None:
        return Found(revision)
    session, user = found
    return Found(revision, user, session, roles.scopes_of_user(db, user.name))


@reads
def by_token(db: Snapshot, digest: str, now: float) -> Found:
    revision = changes.revision(db)
    found = tokens.find(db, digest, now)
    if found is None:
        return Found(revision)
    token, user = found
    if user is None:
        # A service's; there are no services yet.
        return Found(revision)
    role_scopes = roles.scopes_of_user(db, user.name)
    return Found(revision, user, token, role_scopes, groups_of(db, user, token.scopes, role_scopes))


@reads
def of_owner(db: Snapshot, name: str, scopes: tuple[str, ...]) -> Found:
    """For a token that is about to be made: what its owner holds."""
    revision = changes.revision(db)
    user = users.get(db, name)
    if user is None:
        return Found(revision)
    role_scopes = roles.scopes_of_user(db, name)
    return Found(revision, user, None, role_scopes, groups_of(db, user, scopes, role_scopes))


def groups_of(db: Snapshot, owner: User, *scopes: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found = {owner.name: owner.groups}
    if any("!group=" in scope for several in scopes for scope in several):
        others = (users.get(db, name) for name in named_users(*scopes) - {owner.name})
        found |= {user.name: user.groups for user in others if user}
    return found
