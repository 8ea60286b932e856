from __future__ import annotations

import time

import pytest

from gateway.errors import BadInput, Conflict, NotFound
from gateway.model import Server, Session, Token, User, digest
from gateway.store import activity, changes, servers, sessions, tokens, users
from gateway.store.store import Store
from gateway.store.work import Transaction

ODD = [
    "ünï",
    "x y",
    "a@b.c",
    "o'brien",
    'say "hi"',
    "100%",
    "under_score",
    "a?b",
    "--",
    ";drop table users",
    "名前",
    "😀",
]


@pytest.mark.parametrize("name", ODD)
async def test_a_name_is_kept_exactly(store: Store, name: str) -> None:
    added = await store(users.add, name, True, 1.5)
    assert added == await store(users.get, name) == User(name, admin=True, created=1.5)
    await store(users.set_groups, name, [name])
    assert await store(users.listing) == [User(name, admin=True, groups=(name,), created=1.5)]
    await store(servers.put, Server(name, "gpu"))
    await store(activity.touch, {}, {f"{name}/gpu": 7.0})
    assert [server.last_activity for server in await store(servers.of_user, name)] == [7.0]


async def test_percent_and_underscore_are_no_patterns(store: Store) -> None:
    for name in ("%", "_", "abc"):
        await store(users.add, name, False, 1.0)
    assert (await store(users.get, "%")) == User("%", created=1.0)
    await store(users.remove, "_")
    assert [user.name for user in await store(users.listing)] == ["%", "abc"]


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "nobody"])
async def test_what_cannot_be_a_name_is_not_found_and_no_bug(store: Store, name: str) -> None:
    try:
        assert await store(users.get, name) is None
    except BadInput:
        assert name != "nobody"


async def test_names_differ_by_case_and_form(store: Store) -> None:
    await store(users.add, "\u00fc", False, 1.0)
    assert await store(users.get, "u\u0308") is None
    assert await store(users.get, "\u00dc") is None


async def test_a_second_user_of_a_name_is_a_conflict(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    with pytest.raises(Conflict, match="alice"):
        await store(users.add, "alice", True, 2.0)
    assert await store(users.get, "alice") == User("alice", created=1.0)


async def test_ensure_leaves_who_is_there(store: Store) -> None:
    assert await store(users.ensure, "alice", False, 1.0) == User("alice", created=1.0)
    assert await store(users.ensure, "alice", True, 2.0) == User("alice", created=1.0)


async def test_each_mark_is_kept_and_noted(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    seen = await store(changes.revision)
    await store(users.set_admin, "alice", True)
    await store(users.set_disabled, "alice", True)
    await store(users.mark_removing, "alice")
    await store(users.set_groups, "alice", ["b", "a", "b"])
    expected = User("alice", admin=True, disabled=True, removing=True, groups=("a", "b"), created=1.0)
    assert await store(users.get, "alice") == expected
    found = await store(changes.since, seen)
    assert (found.revision, found.owners, found.digests) == (seen + 4, ("user:alice",), ())
    await store(users.set_admin, "alice", False)
    await store(users.set_disabled, "alice", False)
    await store(users.set_groups, "alice", [])
    assert await store(users.get, "alice") == User("alice", removing=True, created=1.0)


async def test_what_is_asked_of_a_stranger_is_not_found(store: Store) -> None:
    for unit, *args in (
        (users.remove,),
        (users.mark_removing,),
        (users.set_admin, True),
        (users.set_disabled, True),
        (users.set_groups, ["a"]),
    ):
        with pytest.raises(NotFound, match="mallory"):
            await store(unit, "mallory", *args)  # type: ignore[arg-type]
    assert await store(changes.revision) == 0


async def test_a_removed_user_leaves_nothing(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    await store(users.add, "bob", False, 1.0)
    for name in ("alice", "bob"):
        await store(users.set_groups, name, ["staff"])
        await store(sessions.add, Session("", name, 1.0, 9.0, 1.0), digest(f"s{name}"))
        await store(tokens.add, Token("", "user", name, "", (), "", 1.0, None, None), digest(f"t{name}"))
        await store(servers.put, Server(name, "", "ready"))
    await store(users.remove, "alice")
    assert await store(users.get, "alice") is None
    assert await store(sessions.find, digest("salice"), 2.0) is None
    assert await store(tokens.find, digest("talice"), 2.0) is None
    assert [server.user for server in await store(servers.active)] == ["bob"]
    assert (await store(users.listing))[0].groups == ("staff",)
    assert await store(users.add, "alice", False, 2.0) == User("alice", created=2.0)


async def test_pages_follow_the_code_points(store: Store) -> None:
    names = ["b", "a", "ä", "B", "z", "-"]
    for name in names:
        await store(users.add, name, False, 1.0)
    assert [user.name for user in await store(users.listing, 0, 4)] == sorted(names)[:4]
    assert [user.name for user in await store(users.listing, 4, 4)] == sorted(names)[4:]
    assert await store(users.count) == 6


def _crowd(db: Transaction, size: int) -> None:
    db.run_many(
        "INSERT INTO users (name, admin, disabled, removing, created) VALUES (?, ?, ?, ?, ?)",
        [(f"user{number:05}", False, False, False, 1.0) for number in range(size)],
    )


async def test_a_page_of_20000_users_is_quick(store: Store) -> None:
    await store(_crowd, 20_000)
    await store(users.set_groups, "user10000", ["staff"])
    await store(users.listing, 0, 50)
    begin = time.perf_counter()
    page = await store(users.listing, 10_000, 50)
    took = time.perf_counter() - begin
    assert [page[0].name, page[0].groups, page[-1].name, len(page)] == ["user10000", ("staff",), "user10049", 50]
    assert await store(users.count) == 20_000
    assert took < 0.1


async def test_exactly_these_administrators(store: Store) -> None:
    await store(users.add, "alice", True, 1.0)
    await store(users.add, "bob", False, 1.0)
    seen = await store(changes.revision)
    await store(users.set_admins, ["bob", "carol"], 2.0)
    assert await store(users.admins) == ["bob", "carol"]
    assert {"user:alice", "user:bob", "user:carol"} == set((await store(changes.since, seen)).owners)
    seen = await store(changes.revision)
    await store(users.set_admins, ["carol", "bob"], 3.0)
    assert await store(changes.revision) == seen
