from __future__ import annotations

import pytest

from gateway.errors import NotFound
from gateway.model import Role, Service
from gateway.store import changes, roles, services, users
from gateway.store.store import Store
from gateway.store.work import Transaction


def _people(db: Transaction) -> None:
    for name in ("alice", "bob"):
        users.add(db, name, False, 1.0)
    users.set_groups(db, "alice", ["staff", "other"])
    roles.put(db, "reader", ["list:users", "read:users"], "may look")
    roles.put(db, "starter", ["servers", "list:users"])


async def test_scopes_come_directly_and_by_group_each_once(store: Store) -> None:
    await store(_people)
    assert await store(roles.scopes_of_user, "alice") == ()
    await store(roles.assign, "reader", "user", ["alice", "bob"])
    await store(roles.assign, "starter", "group", ["staff", "other"])
    assert await store(roles.scopes_of_user, "alice") == ("list:users", "read:users", "servers")
    assert await store(roles.scopes_of_user, "bob") == ("list:users", "read:users")
    assert await store(roles.scopes_of_user, "nobody") == ()
    await store(users.set_groups, "alice", [])
    assert await store(roles.scopes_of_user, "alice") == ("list:users", "read:users")


async def test_a_service_has_roles_too(store: Store) -> None:
    await store(_people)
    await store(services.put, Service("alice"))
    await store(roles.assign, "starter", "service", ["alice"])
    assert await store(roles.scopes_of_service, "alice") == ("list:users", "servers")
    assert await store(roles.scopes_of_user, "alice") == ()


async def test_assign_and_put_replace(store: Store) -> None:
    await store(_people)
    await store(roles.assign, "reader", "user", ["alice"])
    await store(roles.assign, "reader", "user", ["bob"])
    await store(roles.put, "reader", ["tokens"])
    assert await store(roles.scopes_of_user, "alice") == ()
    assert await store(roles.scopes_of_user, "bob") == ("tokens",)
    await store(roles.remove, "reader")
    assert await store(roles.scopes_of_user, "bob") == ()


async def test_every_change_may_mean_anything(store: Store) -> None:
    await store(_people)
    for unit, args in (
        (roles.put, ("reader", ["tokens"])),
        (roles.assign, ("reader", "user", ["bob"])),
        (roles.remove, ("reader",)),
    ):
        seen = await store(changes.revision)
        await store(unit, *args)  # type: ignore[arg-type]
        assert (await store(changes.since, seen)).everything
    seen = await store(changes.revision)
    await store(roles.remove, "reader")
    assert await store(changes.revision) == seen


async def test_who_is_missing_is_named_and_nothing_changes(store: Store) -> None:
    await store(_people)
    seen = await store(changes.revision)
    with pytest.raises(NotFound, match="role writer"):
        await store(roles.assign, "writer", "user", ["alice"])
    with pytest.raises(NotFound, match="group strangers"):
        await store(roles.assign, "reader", "group", ["staff", "strangers"])
    assert await store(roles.scopes_of_user, "alice") == ()
    assert await store(changes.revision) == seen


def _sync(db: Transaction, wanted: list[Role]) -> None:
    roles.sync(db, wanted, 7.0)


async def test_sync_makes_changes_and_removes(store: Store) -> None:
    await store(_people)
    await store(services.put, Service("bot"))
    wanted = [
        Role("reader", "new", ("tokens",), ("alice", "carol"), ("others", "staff"), ("bot",)),
        Role("writer", "", ("users",), (), (), ()),
    ]
    await store(_sync, wanted)
    assert await store(roles.listing) == wanted
    assert await store(roles.scopes_by_name) == {"reader": ("tokens",), "writer": ("users",)}
    carol = await store(users.get, "carol")
    assert carol and carol.created == 7.0
    seen = await store(changes.revision)
    await store(_sync, wanted)
    assert await store(changes.revision) == seen
    await store(_sync, [Role("writer", "", ("users",), ("bob",))])
    assert await store(roles.listing) == [Role("writer", "", ("users",), ("bob",))]
    assert await store(roles.scopes_of_user, "carol") == ()


async def test_sync_is_all_or_nothing(store: Store) -> None:
    await store(_people)
    before = await store(roles.listing)
    with pytest.raises(NotFound, match="service nobody"):
        await store(_sync, [Role("new", users=("dave",), services=("nobody",))])
    assert await store(roles.listing) == before
    assert await store(users.get, "dave") is None
