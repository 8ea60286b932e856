"""From roles to scopes: what a user may, and what is left of it in a token. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gateway.errors import BadInput
from gateway.scopes import ROLES, expand, intersect, known, parse

NOBODY_HOLDS = frozenset(("inherit", "(no_scope)"))
"""Scopes that say something of the token itself."""


def of_user(name: str, admin: bool, role_scopes: Iterable[str]) -> frozenset[str]:
    """Everything that a user may: the role `user`, `admin` if so, and those given."""
    raw = [*ROLES["user"], *role_scopes]
    if admin:
        raw += ROLES["admin"]
    return expand(raw, name)


def of_token(
    scopes: Collection[str], owner: str, held: frozenset[str], groups: Mapping[str, Collection[str]]
) -> frozenset[str]:
    """What a token may: never more than its owner holds (`held`) at this moment."""
    if "inherit" in scopes:
        return held
    return intersect(expand(scopes, owner), held, lambda user: groups.get(user, ()))


def checked(
    scopes: Iterable[str], owner: str, held: frozenset[str], groups: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The scopes for a new token, or `BadInput` for one that is unknown or that the owner does not hold."""
    wanted = tuple(dict.fromkeys(scopes)) or ROLES["token"]
    for scope in wanted:
        if not known(scope):
            raise BadInput(f"there is no scope {scope[:100]!r}")
        asked = expand([scope], owner) - NOBODY_HOLDS
        if not asked <= of_token([scope], owner, held, groups):
            raise BadInput(f"{owner} does not have the scope {scope[:100]!r}")
    return wanted


def named_users(*several: Iterable[str]) -> frozenset[str]:
    """The users that stand in filters: their groups decide what `!group=` filters cover."""
    filters = (parse(scope)[1:] for scopes in several for scope in scopes)
    return frozenset(value.partition("/")[0] for kind, value in filters if kind in ("user", "server") and value)
