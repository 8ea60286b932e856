"""Scopes: names, what each one includes, filters, and the pure rules over them.

The names, the direct sub-scopes and the default roles are JupyterHub 6.1.1's
(RBAC, sections 4.1-4.5). A scope is written `name` or `name!filter=value`, the
filter being `user`, `server` (`owner/name`), `group` or `service`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

SUBSCOPES: dict[str, tuple[str, ...]] = {
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

FILTERS = ("user", "server", "group", "service")

SELF = ("access:servers", "servers", "tokens", "users:activity", "read:users", "users:shares", "read:shares")
"""What `self` means for a user, each with `!user=<name>` (section 4.3)."""

ROLES: dict[str, tuple[str, ...]] = {
    "user": ("self",),
    "admin": (
        "admin-ui", "admin:users", "admin:servers", "admin:services", "tokens", "admin:groups",
        "list:services", "read:services", "read:hub", "proxy", "shutdown", "access:services",
        "access:servers", "read:roles", "read:metrics", "shares",
    ),
    "server": ("users:activity!user", "access:servers!server"),
    "token": ("inherit",),
}  # fmt: skip


def parse(scope: str) -> tuple[str, str, str]:
    """`name!filter=value` to `(name, filter, value)`; the last two "" if absent."""
    name, _, rest = scope.partition("!")
    kind, _, value = rest.partition("=")
    return name, kind, value


def known(scope: str) -> bool:
    """Is this one of the 48 names, with a filter of a known kind or none?"""
    name, kind, _ = parse(scope)
    return name in SUBSCOPES and (kind in FILTERS or "!" not in scope)


def expand(scopes: Iterable[str], user: str = "") -> frozenset[str]:
    """All scopes that `scopes` include, `self` and `!user` resolved for `user`.

    `inherit` must have been replaced by the caller, who knows the owner. Below a
    `!server` filter, sub-scopes about users are dropped (section 4.2).
    """
    result: set[str] = set()
    todo = list(scopes)
    while todo:
        scope = _resolved(todo.pop(), user)
        if scope is None or scope in result:
            continue
        if scope == "self":
            todo += [f"{own}!user={user}" for own in SELF] if user else []
            continue
        result.add(scope)
        name, kind, value = parse(scope)
        todo += [
            f"{sub}!{kind}={value}" if kind else sub
            for sub in SUBSCOPES[name]
            if not (kind == "server" and sub.startswith("read:users"))
        ]
    return frozenset(result)


def _resolved(scope: str, user: str) -> str | None:
    """The scope with `!user` filled in; None when it means nothing here.

    A filter that is none must not widen its scope, and whose server or service a
    bare `!server` or `!service` is, only the caller knows.
    """
    name, kind, value = parse(scope)
    if name not in SUBSCOPES or "!" not in scope:
        return scope if name in SUBSCOPES else None
    value = value or (user if kind == "user" else "")
    return f"{name}!{kind}={value}" if kind in FILTERS and value and name != "self" else None


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
    result: set[str] = set()
    for mine, theirs in ((left, right), (right, left)):
        for scope in mine:
            name, kind, value = parse(scope)
            if scope in theirs or name in theirs:
                result.add(scope)
                continue
            if kind in ("user", "server"):
                user = value.partition("/")[0]
                wider = {f"{name}!user={user}", *(f"{name}!group={group}" for group in groups_of(user))}
                if not wider.isdisjoint(theirs):
                    result.add(scope)
    return frozenset(result)
