from __future__ import annotations

import pytest

from gateway.errors import BadInput, Conflict, NotFound
from gateway.model import Group
from gateway.store import changes, groups, roles, users
from gateway.store.store import Store
from gateway.store.work import Transaction

ODD = ["org/team", "100%", "_", "%", "O'Brien", "名前", "cn=a,ou=b", "a?b"]


def _people(db: Transaction) -> None:
    for name in ("alice", "bob", "carol"):
        users.add(db, name, False, 1.0)


@pytest.fixture(autouse=True)
async def people(store: Store) -> None:
    await store(_people)


async def noted(store: Store, unit: object, *args: object) -> changes.Changes:
    seen = await store(changes.revision)
    await store(unit, *args)  # type: ignore[arg-type]
    return await store(changes.since, seen)


async def test_made_filled_emptied_removed(store: Store) -> None:
    assert await store(groups.add, "staff", ["bob", "alice"]) == Group("staff", ("alice", "bob"))
    assert await store(groups.add_users, "staff", ["carol", "alice"]) == Group("staff", ("alice", "bob", "carol"))
    assert await store(groups.remove_users, "staff", ["bob", "bob"]) == Group("staff", ("alice", "carol"))
    assert await store(groups.set_properties, "staff", {"a": [1, {"b": None}]}) == await store(groups.get, "staff")
    assert (await store(groups.listing))[0].properties == {"a": [1, {"b": None}]}
    await store(groups.remove, "staff")
    assert await store(groups.get, "staff") is None
    assert await store(groups.count) == 0
    alice = await store(users.get, "alice")
    assert alice and alice.groups == ()


@pytest.mark.parametrize("name", ODD)
async def test_a_name_is_kept_exactly(store: Store, name: str) -> None:
    for each in ODD:
        await store(groups.add, each, ["alice"] if each == name else [])
    assert await store(groups.get, name) == Group(name, ("alice",))
    assert await store(groups.listing, 0, 9, [name]) == [Group(name, ("alice",))]
    await store(groups.remove, name)
    assert [group.name for group in await store(groups.listing)] == [each for each in ODD if each != name]


async def test_pages_are_in_the_order_of_making(store: Store) -> None:
    names = ["b", "a", "c", "B"]
    for name in names:
        await store(groups.add, name)
    assert [group.name for group in await store(groups.listing, 1, 2)] == names[1:3]
    assert await store(groups.count) == 4
    assert [group.name for group in await store(groups.listing, 0, 9, ["c", "b", "nobody"])] == ["b", "c"]
    assert await store(groups.count, ["c", "b", "nobody"]) == 2
    assert await store(groups.listing, 0, 9, []) == []
    assert await store(groups.count, []) == 0


async def test_roles_are_shown(store: Store) -> None:
    await store(groups.add, "staff")
    await store(roles.put, "reader", ["list:users"])
    await store(roles.assign, "reader", "group", ["staff"])
    assert await store(groups.get, "staff") == Group("staff", (), ("reader",))


async def test_each_member_who_comes_or_goes_is_noted_and_nobody_else(store: Store) -> None:
    assert (await noted(store, groups.add, "staff", ["alice"])).owners == ("user:alice",)
    assert (await noted(store, groups.add_users, "staff", ["alice", "bob"])).owners == ("user:bob",)
    assert (await noted(store, groups.remove_users, "staff", ["alice", "carol"])).owners == ("user:alice",)
    assert (await noted(store, groups.set_properties, "staff", {})).owners == ()
    found = await noted(store, groups.remove, "staff")
    assert (found.owners, found.everything) == (("user:bob",), False)


async def test_where_a_scope_names_a_group_everybody_is_judged_anew(store: Store) -> None:
    await store(groups.add, "staff")
    await store(roles.put, "teacher", ["access:servers!group=other"])
    assert (await noted(store, groups.add_users, "staff", ["alice"])).everything
    assert (await noted(store, users.set_groups, "alice", [])).everything
    assert not (await noted(store, groups.remove_users, "staff", ["alice"])).everything


async def test_what_cannot_be_changes_nothing(store: Store) -> None:
    await store(groups.add, "staff", ["alice"])
    seen = await store(changes.revision)
    with pytest.raises(Conflict, match="staff"):
        await store(groups.add, "staff", ["bob"])
    with pytest.raises(BadInput, match="No such user: mallory"):
        await store(groups.add, "new", ["bob", "mallory"])
    for unit in (groups.add_users, groups.remove_users):
        with pytest.raises(BadInput, match="No such user: mallory"):
            await store(unit, "staff", ["alice", "bob", "mallory"])
        with pytest.raises(NotFound, match="No such group: nobody"):
            await store(unit, "nobody", ["alice"])
    for gone, *args in ((groups.remove,), (groups.set_properties, {})):
        with pytest.raises(NotFound, match="No such group: nobody"):
            await store(gone, "nobody", *args)  # type: ignore[operator]
    assert await store(changes.revision) == seen
    assert await store(groups.listing) == [Group("staff", ("alice",))]


async def test_ensure_leaves_what_is_there(store: Store) -> None:
    await store(groups.add, "staff", ["alice"])
    for name in ("staff", "new"):
        await store(groups.ensure, name)
    assert await store(groups.listing) == [Group("staff", ("alice",)), Group("new")]


async def test_groups_of_many_users(store: Store) -> None:
    await store(groups.add, "b", ["alice", "bob"])
    await store(groups.add, "a", ["alice"])
    names = ["alice", "bob", "carol", "nobody", *(f"more{number}" for number in range(1000))]
    assert await store(groups.of_users, names) == {"alice": ("a", "b"), "bob": ("b",)}
