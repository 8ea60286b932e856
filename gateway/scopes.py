"""Scopes: names, what each one includes, filters, and the pure rules over them.

The names, the direct sub-scopes, the default roles and every rule are JupyterHub
6.1.1's (a test compares them on generated cases), but for the few names of `OURS`. A scope is written `name` or
`name!filter=value`, the filter being `user`, `server` (`owner/name`), `group` or
`service`; `!user`, `!server` and `!service` alone mean the bearer's own. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

type Table = Mapping[str, tuple[str, ...]]
"""Every scope's name, and the scopes that each one includes directly."""

JUPYTERHUB: Table = {
    "(no_scope)": (),
    "self": (),
    "inherit": (),
    "admin-ui": (),
    "admin:users": ("admin:auth_state", "users", "read:roles:users", "delete:users"),
    "admin:auth_state": (),
    "users": ("read:users", "list:users", "users:activity"),
    "delete:users": (),
    "list:users": ("read:users:name",),
    "read:users": ("read:users:name", "read:users:groups", "read:users:activity"),
    "read:users:name": (),
    "read:users:groups": (),
    "read:users:activity": (),
    "users:activity": ("read:users:activity",),
    "read:roles": ("read:roles:users", "read:roles:services", "read:roles:groups"),
    "read:roles:users": (),
    "read:roles:services": (),
    "read:roles:groups": (),
    "admin:servers": ("admin:server_state", "servers"),
    "admin:server_state": (),
    "servers": ("read:servers", "start:servers", "delete:servers"),
    "read:servers": ("read:users:name",),
    "start:servers": (),
    "delete:servers": (),
    "tokens": ("read:tokens",),
    "read:tokens": (),
    "admin:groups": ("groups", "read:roles:groups", "delete:groups"),
    "groups": ("read:groups", "list:groups"),
    "list:groups": ("read:groups:name",),
    "read:groups": ("read:groups:name",),
    "read:groups:name": (),
    "delete:groups": (),
    "admin:services": ("list:services", "read:services", "read:roles:services"),
    "list:services": ("read:services:name",),
    "read:services": ("read:services:name",),
    "read:services:name": (),
    "read:hub": (),
    "access:servers": (),
    "access:services": (),
    "users:shares": ("read:users:shares",),
    "read:users:shares": (),
    "groups:shares": ("read:groups:shares",),
    "read:groups:shares": (),
    "shares": ("access:servers", "read:shares", "users:shares", "groups:shares"),
    "read:shares": (),
    "proxy": (),
    "shutdown": (),
    "read:metrics": (),
}

OURS: Table = {
    "admin:traffic": ("read:traffic",),
    "admin:traffic:unredacted": (),
    "read:traffic": (),
    "read:audit": (),
}
"""What JupyterHub has no name for."""

SUBSCOPES: Table = {**JUPYTERHUB, **OURS}

FILTERS = ("user", "server", "group", "service")
OWN = ("user", "server", "service")
"""Filters that may stand without a value."""

SELF = ("access:servers", "servers", "tokens", "users:activity", "read:users", "users:shares", "read:shares")
"""What `self` means for a user, each with `!user=<name>`."""

ROLES: dict[str, tuple[str, ...]] = {
    "user": ("self",),
    "admin": (
        "admin-ui", "admin:users", "admin:servers", "admin:services", "tokens", "admin:groups",
        "list:services", "read:services", "read:hub", "proxy", "shutdown", "access:services",
        "access:servers", "read:roles", "read:metrics", "shares", "admin:traffic", "read:audit",
    ),
    "server": ("users:activity!user", "access:servers!server"),
    "token": ("inherit",),
}  # fmt: skip
"""The default roles: of every user, of administrators, of servers' tokens, of tokens that ask for nothing."""

CUSTOM = re.compile(r"custom:[a-z0-9][a-z0-9_\-*:]+[a-z0-9_*]")
"""How the name of a scope looks that the settings declare."""


def parse(scope: str) -> tuple[str, str, str]:
    """`name!filter=value` to `(name, filter, value)`; the last two "" if absent."""
    name, _, rest = scope.partition("!")
    kind, _, value = rest.partition("=")
    return name, kind, value


def limits(held: Iterable[str], name: str) -> list[tuple[str, str]]:
    """What each of the `held` scopes of that name is limited to, as `(filter, value)`; `("", "")` is to nothing."""
    return [(kind, value) for each, kind, value in map(parse, held) if each == name]


def known(scope: str, table: Table = SUBSCOPES) -> bool:
    """Is this a scope of `table`, with a filter that means something or none?

    A filter that is none must not widen its scope: `users!` and `users!user=` are nothing.
    """
    name, mark, rest = scope.partition("!")
    kind, equals, value = rest.partition("=")
    if name not in table or not mark:
        return name in table
    return kind in FILTERS and bool(value) if equals else kind in OWN


def expand(
    scopes: Iterable[str], user: str = "", *, service: str = "", server: str = "", table: Table = SUBSCOPES
) -> frozenset[str]:
    """All that `scopes` include, in the shortest form; scopes that are none are nothing.

    `user` or `service` is the bearer, `server` (`owner/name`) the one that the bearer's
    token belongs to: what `self`, `!user`, `!service` and `!server` mean. For whom they
    mean nothing, such scopes are dropped.
    """
    own = {"user": user, "service": service, "server": server}
    result: set[str] = set()
    for scope in scopes:
        if not known(scope, table):
            continue
        if scope == "self":
            result |= {f"{sub}!user={user}" for name in SELF for sub in included(name)} if user else set()
            continue
        name, kind, value = parse(scope)
        value = value or own.get(kind, "")
        if kind and not value:
            continue
        for sub in included(name, table):
            # These say something of users, so that one server is no filter for them.
            if not (kind == "server" and sub.startswith("read:user")):
                result.add(f"{sub}!{kind}={value}" if kind else sub)
    return reduced(result)


def included(name: str, table: Table = SUBSCOPES) -> set[str]:
    """The scope of that name and all below it."""
    found: set[str] = set()
    todo = [name]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += table.get(name, ())
    return found


def reduced(scopes: Collection[str]) -> frozenset[str]:
    """Without those that stand there unfiltered as well."""
    return frozenset(scope for scope in scopes if "!" not in scope or scope.partition("!")[0] not in scopes)


def allows(
    scopes: Collection[str],
    name: str,
    *,
    user: str = "",
    server: str | None = None,
    groups: Iterable[str] = (),
    service: str = "",
) -> bool:
    """Do expanded `scopes` hold `name` for this resource?

    `user` is the resource's owner, `server` the server's name ("" = default,
    None = the resource is not a server), `groups` the owner's groups (or the
    group itself).
    """
    if name in scopes:
        return True
    if user and f"{name}!user={user}" in scopes:
        return True
    if server is not None and f"{name}!server={user}/{server}" in scopes:
        return True
    if service and f"{name}!service={service}" in scopes:
        return True
    return any(f"{name}!group={group}" in scopes for group in groups)


def intersect(
    left: Collection[str], right: Collection[str], groups_of: Callable[[str], Collection[str]]
) -> frozenset[str]:
    """What both expanded sets allow; `groups_of(user)` gives that user's groups.

    Of two filters on one scope the narrower stays: server < user < group < none.
    """
    mine, theirs = _by_name(left), _by_name(right)
    result: set[str] = set()
    for name in mine.keys() & theirs.keys():
        for one, other in ((mine[name], theirs[name]), (theirs[name], mine[name])):
            result |= {f"{name}!{kind}={value}" if kind else name for kind, value in _within(one, other, groups_of)}
    return reduced(result)


type Filters = set[tuple[str, str]]


def _by_name(scopes: Collection[str]) -> dict[str, Filters]:
    """The filters of each scope; `("", "")` is none."""
    found: defaultdict[str, Filters] = defaultdict(set)
    for scope in reduced(scopes):
        name, kind, value = parse(scope)
        found[name].add((kind, value))
    return found


def _within(one: Filters, other: Filters, groups_of: Callable[[str], Collection[str]]) -> Filters:
    """Those filters of `one` that `other` covers."""
    if ("", "") in other:
        return one
    groups = {value for kind, value in other if kind == "group"}

    def covered(kind: str, value: str) -> bool:
        if kind not in ("user", "server"):
            return False
        user = value.partition("/")[0]
        return (kind == "server" and ("user", user) in other) or (
            bool(groups) and not groups.isdisjoint(groups_of(user))
        )

    return {(kind, value) for kind, value in one if (kind, value) in other or covered(kind, value)}
