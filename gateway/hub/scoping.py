"""From roles to scopes: what a user or service may, and what is left of it in a token. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gateway.errors import BadInput
from gateway.hub.credentials import Found
from gateway.hub.entry import Entry
from gateway.hub.words import plain
from gateway.model import Service, User
from gateway.scopes import ROLES, SUBSCOPES, Table, expand, intersect, known

IDENTIFY = {"user": ("read:users:name!user", "read:users:groups!user"), "service": ("read:services:name!service",)}
"""What a token may know of its owner, whatever it was made for."""


class Scoping:
    """JupyterHub's rules, with the scopes and the default roles of these settings."""

    def __init__(
        self, entry: Entry, table: Table = SUBSCOPES, roles: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self._entry = entry
        self.table = table
        self.roles: Mapping[str, Collection[str]] = {**ROLES, **(roles or {})}
        """The scopes of the default roles, as written."""

    def is_admin(self, owner: User | Service) -> bool:
        return owner.admin if isinstance(owner, Service) else self._entry.is_admin(owner)

    def held(self, found: Found) -> frozenset[str]:
        """Everything that the owner may: by default roles, roles given, and what was shared."""
        owner = found.owner
        if owner is None:
            return frozenset()
        raw = [*found.role_scopes, *found.granted]
        if isinstance(owner, User):
            raw += self.roles["user"]
        if self.is_admin(owner):
            raw += self.roles["admin"]
        return self._expanded(raw, owner)

    def of_token(self, scopes: Collection[str], found: Found, held: frozenset[str]) -> frozenset[str]:
        """What a token may: never more than its owner holds (`held`) at this moment."""
        owner = found.owner
        if owner is None:
            return frozenset()
        if "inherit" in scopes:
            return held
        wanted = self._expanded([*scopes, *IDENTIFY[_kind(owner)]], owner)
        return intersect(wanted, held, lambda user: found.groups.get(user, ()))

    def checked(self, scopes: Iterable[str], found: Found, held: frozenset[str]) -> tuple[str, ...]:
        """The scopes for a new token, or `BadInput` for one that is unknown or that the owner does not hold."""
        owner = found.owner
        if owner is None:
            return ()
        wanted = tuple(dict.fromkeys(scopes))
        for scope in wanted:
            if not known(scope, self.table):
                raise BadInput(f"Scope {plain(scope)!r} for token does not exist")
        asked = self._expanded((scope for scope in wanted if scope != "inherit"), owner)
        excess = asked - intersect(asked, held, lambda user: found.groups.get(user, ()))
        if excess:
            many = plain(",".join(sorted(excess)), 300)
            raise BadInput(f"Not assigning requested scopes {many} not held by {_kind(owner)} {plain(owner.name)}")
        return wanted

    def _expanded(self, scopes: Iterable[str], owner: User | Service) -> frozenset[str]:
        if isinstance(owner, Service):
            return expand(scopes, service=owner.name, table=self.table)
        return expand(scopes, owner.name, table=self.table)


def _kind(owner: User | Service) -> str:
    return "user" if isinstance(owner, User) else "service"
