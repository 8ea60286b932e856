"""What is read of a credential, in one moment with its revision."""

from __future__ import annotations

from gateway.hub import credentials
from gateway.hub.core import Hub
from gateway.model import Session, digest
from gateway.store import changes, roles, sessions, users


async def test_an_unknown_one_still_has_a_revision(hub: Hub) -> None:
    revision = await hub.store(changes.revision)
    assert await hub.store(credentials.by_session, "x", 0.0) == credentials.Found(revision)
    assert await hub.store(credentials.by_token, "x", 0.0) == credentials.Found(revision)
    assert await hub.store(credentials.of_owner, "nobody", ()) == credentials.Found(revision)


async def test_a_session_with_its_user_and_roles(hub: Hub) -> None:
    await hub.store(roles.put, "reader", ["list:users"])
    await hub.store(roles.assign, "reader", "user", ["alice"])
    await hub.store(sessions.add, Session("", "alice", 1.0, 9.0, 1.0), "d")
    found = await hub.store(credentials.by_session, "d", 5.0)
    assert found.user and found.user.name == "alice"
    assert found.role_scopes == ("list:users",)
    assert found.revision == await hub.store(changes.revision)


async def test_groups_are_read_only_where_a_filter_needs_them(hub: Hub) -> None:
    await hub.store(users.set_groups, "bob", ["class"])
    value, _ = await hub.tokens.make("alice", ["access:servers!user=alice"])
    found = await hub.store(credentials.by_token, digest(value), 5.0)
    assert found.groups == {"alice": ()}
    await hub.store(roles.put, "teacher", ["access:servers!group=class"])
    await hub.store(roles.assign, "teacher", "user", ["alice"])
    value, _ = await hub.tokens.make("alice", ["access:servers!user=bob"])
    found = await hub.store(credentials.by_token, digest(value), 5.0)
    assert found.groups == {"alice": (), "bob": ("class",)}
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and identity.scopes == {"access:servers!user=bob"}
