"""What is read of a credential, in one moment with its revision."""

from __future__ import annotations

from gateway.hub import credentials
from gateway.hub.core import Hub
from gateway.hub.credentials import named_users
from gateway.model import Service, Session, User, digest
from gateway.store import changes, roles, services, sessions, users


async def test_an_unknown_one_still_has_a_revision(hub: Hub) -> None:
    revision = await hub.store(changes.revision)
    assert await hub.store(credentials.by_session, "x", 0.0) == credentials.Found(revision)
    assert await hub.store(credentials.by_token, "x", 0.0) == credentials.Found(revision)
    assert await hub.store(credentials.of_owner, "user", "nobody", (), 0.0) == credentials.Found(revision)


async def test_a_session_with_its_user_and_roles(hub: Hub) -> None:
    await hub.store(roles.put, "reader", ["list:users"])
    await hub.store(roles.assign, "reader", "user", ["alice"])
    await hub.store(sessions.add, Session("", "alice", 1.0, 9.0, 1.0), "d")
    found = await hub.store(credentials.by_session, "d", 5.0)
    assert found.owner and found.owner.name == "alice"
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
    assert identity and "access:servers!user=bob" in identity.scopes


async def test_a_service_with_its_roles(hub: Hub) -> None:
    await hub.store(services.put, Service("alice", created=1.0))
    await hub.store(roles.put, "teacher", ["access:servers!group=class"])
    await hub.store(roles.assign, "teacher", "service", ["alice"])
    await hub.store(users.set_groups, "bob", ["class"])
    value, _ = await hub.tokens.make("alice", ["access:servers!user=bob"], kind="service")
    found = await hub.store(credentials.by_token, digest(value), 5.0)
    assert found.owner == Service("alice", created=1.0)
    assert found.role_scopes == ("access:servers!group=class",)
    assert found.groups == {"bob": ("class",)}
    assert isinstance((await hub.store(credentials.of_owner, "user", "alice", (), 0.0)).owner, User)


def test_whose_groups_matter() -> None:
    assert named_users(["servers!user=bob", "self"], ["access:servers!server=carol/gpu", "x!group=g"]) == {
        "bob",
        "carol",
    }
