"""From roles to scopes: what a user or service may, and what is left of it in a token. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.errors import BadInput
from gateway.hub.credentials import Found
from gateway.hub.entry import Entry
from gateway.hub.roles import table
from gateway.hub.words import plain
from gateway.model import Admission, Grant, Service, Token, User
from gateway.scopes import ROLES, SUBSCOPES, Table, allows, expand, intersect, known
from gateway.settings import Settings

ACCESS = "access:servers"

IDENTIFY = {"user": ("read:users:name!user", "read:users:groups!user"), "service": ("read:services:name!service",)}
"""What a token may know of its owner, whatever it was made for."""


class Scoping:
    """JupyterHub's rules, with the scopes and the default roles of these settings."""

    def __init__(
        self,
        entry: Entry,
        table: Table = SUBSCOPES,
        roles: Mapping[str, Collection[str]] | None = None,
        extra: Collection[str] = (),
    ) -> None:
        self._entry = entry
        self.table = table
        self.roles: Mapping[str, Collection[str]] = {**ROLES, **(roles or {})}
        """The scopes of the default roles, as written."""
        self._extra = extra
        """What every user has beside the role `user`."""

    @classmethod
    def of(cls, settings: Settings, entry: Entry, roles: Mapping[str, Collection[str]]) -> Scoping:
        """With the settings' scopes; `roles` are those of each role, as written."""
        extra = ("shares!user",) if settings.sharing.users_may_share else ()
        return cls(entry, table(settings), {name: roles[name] for name in ROLES}, extra)

    def known(self, scope: str) -> bool:
        return known(scope, self.table)

    def is_admin(self, owner: User | Service) -> bool:
        return owner.admin if isinstance(owner, Service) else self._entry.is_admin(owner)

    def held(self, found: Found) -> frozenset[str]:
        """Everything that the owner may: by default roles, roles given, and what was shared."""
        owner = found.owner
        if owner is None:
            return frozenset()
        raw = list(found.role_scopes)
        if isinstance(owner, User):
            raw += [*self.roles["user"], *self._extra]
        if self.is_admin(owner):
            raw += self.roles["admin"]
        return self._expanded(raw, owner).union(self._granted(found.granted))

    def _granted(self, grants: Iterable[Grant]) -> dict[str, float]:
        """What grants give, and when each scope ends (inf = not by itself).

        Those that are view only, or of one path, give no scope, which would mean all of it: see `admissions`.
        """
        ends: dict[str, float] = {}
        for grant in grants:
            until = math.inf if grant.expires_at is None else grant.expires_at
            for scope in () if _is_less(grant) else expand(grant.scopes, table=self.table):
                ends[scope] = max(until, ends.get(scope, 0.0))
        return ends

    def lapses(self, found: Found, scopes: frozenset[str]) -> tuple[tuple[str, float], ...]:
        """Those of `scopes`, the credential's, that end by themselves because they stand on a grant alone."""
        if not found.granted:
            return ()
        granted = self._granted(found.granted)
        lasting = self.held(replace(found, granted=()))
        if isinstance(found.credential, Token):
            lasting = self.of_token(found.credential.scopes, found, lasting)
        ends = ((scope, granted.get(scope, 0.0)) for scope in sorted(scopes - lasting))
        return tuple((scope, until) for scope, until in ends if until < math.inf)

    def admissions(self, found: Found) -> tuple[Admission, ...]:
        """What grants open that give no scope; to a token, where it may use such a server at all."""
        owner, of = found.owner, found.credential
        less = [grant for grant in found.granted if _is_less(grant)]
        if not less or owner is None:
            return ()
        asked = of.scopes if isinstance(of, Token) else ("inherit",)
        wanted = frozenset((ACCESS,)) if "inherit" in asked else self._expanded(asked, owner)
        return tuple(
            Admission(grant.owner, grant.server, grant.path, grant.view_only, grant.expires_at)
            for grant in less
            if allows(expand(grant.scopes, table=self.table), ACCESS, user=grant.owner, server=grant.server)
            and allows(wanted, ACCESS, user=grant.owner, server=grant.server)
        )

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
            raise BadInput(
                f"Not assigning requested scopes {many} not held by {_kind(owner).title()} {plain(owner.name)}"
            )
        return wanted

    def within(
        self, scopes: Iterable[str], limit: Collection[str], owner: User | Service, groups: Mapping[str, Sequence[str]]
    ) -> frozenset[str]:
        """What of `scopes` lies inside `limit` (written or expanded): as written where all of it is, else the part."""
        inside = self._expanded(limit, owner)
        found: set[str] = set()
        for scope in scopes:
            whole = self._expanded([scope], owner)
            part = intersect(whole, inside, lambda user: groups.get(user, ()))
            if scope in limit or (whole and part == whole):
                found.add(scope)
            else:
                found |= part
        return frozenset(found)

    def _expanded(self, scopes: Iterable[str], owner: User | Service) -> frozenset[str]:
        if isinstance(owner, Service):
            return expand(scopes, service=owner.name, table=self.table)
        return expand(scopes, owner.name, table=self.table)


def _is_less(grant: Grant) -> bool:
    """Does it open less than a scope would?"""
    return grant.view_only or bool(grant.path)


def _kind(owner: User | Service) -> str:
    return "user" if isinstance(owner, User) else "service"
