"""What the tests of invitations and grants have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.model import Grant, Invitation, Server, digest
from gateway.store import grants, invitations, servers, users
from gateway.store.store import Store

NOW = 1000.0
ACCESS = "access:servers!server=alice/"
CODE = "a-code-that-nobody-can-guess"


async def people(store: Store) -> None:
    """alice with two servers; bob and carol, who are in a group."""
    for name in ("alice", "bob", "carol"):
        await store(users.add, name, False, NOW)
    for name in ("bob", "carol"):
        await store(users.set_groups, name, ["class"])
    for server in ("", "gpu"):
        await store(servers.put, Server("alice", server, created=NOW))


def direct(
    server: str = "", *, scopes: Sequence[str] = ("access:servers",), expires_at: float | None = None, **guest: Any
) -> Invitation:
    """To a user or group, in force from the start."""
    full = tuple(f"{scope}!server=alice/{server}" for scope in scopes)
    grant = Grant("alice", server, full, created=NOW, expires_at=expires_at, **guest)
    return Invitation("alice", server, full, NOW, expires_at, grants=(grant,), handler="direct")


async def coded(store: Store, code: str = CODE, **fields: Any) -> Invitation:
    """By code, kept."""
    made = Invitation("alice", "", (ACCESS,), NOW, **{"expires_at": NOW + 100, "handler": "code", **fields})
    return await store(invitations.add, made, digest(code))


def taken(invitation: Invitation, user: str) -> Grant:
    """What `user` would get by it."""
    ends = None if invitation.lasting else invitation.expires_at
    return Grant("alice", "", invitation.scopes, user=user, created=NOW, expires_at=ends, invitation=invitation.id)


async def given(store: Store, name: str, now: float = NOW) -> list[tuple[str, float | None]]:
    found = await store(grants.of_user, name, now)
    return [(scope, each.expires_at) for each in found for scope in each.scopes]
