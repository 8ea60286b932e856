from __future__ import annotations

import pytest

from gateway.accounts import UserQuery
from gateway.model import Server
from gateway.store import accounts, activity, roles, servers, users
from gateway.store.store import Store


@pytest.fixture
async def people(store: Store) -> Store:
    """In this order: carol (stopped server), alice (ready, and a stopped one), bob (starting), under_score."""
    for name in ("carol", "alice", "bob", "under_score"):
        await store(users.add, name, False, 1.0)
    await store(users.set_groups, "alice", ["students", "staff"])
    await store(users.set_groups, "bob", ["students"])
    await store(roles.put, "reader", ["list:users"])
    await store(roles.assign, "reader", "user", ["bob"])
    for record in (
        Server("carol", ""),
        Server("alice", "", "ready"),
        Server("alice", "old"),
        Server("bob", "gpu", "booting"),
    ):
        await store(servers.put, record)
    return store


async def names(store: Store, query: UserQuery) -> list[str]:
    return [each.user.name for each in (await store(accounts.page, query))[0]]


async def test_one(people: Store) -> None:
    bob = await people(accounts.get, "bob")
    assert bob
    assert (bob.user.groups, bob.roles) == (("students",), ("reader",))
    assert [each.name for each in bob.servers] == ["", "gpu"], "the default one is there without a record"
    assert await people(accounts.get, "nobody") is None


async def test_all(people: Store) -> None:
    found, total = await people(accounts.page, UserQuery())
    assert total == 4
    by_name = {each.user.name: each for each in found}
    assert list(by_name) == ["carol", "alice", "bob", "under_score"]
    assert by_name["alice"].user.groups == ("staff", "students")
    assert [each.name for each in by_name["alice"].servers] == [""], "what is stopped is left out"
    assert by_name["bob"].roles == ("reader",)
    everything, _ = await people(accounts.page, UserQuery(stopped=True))
    assert [each.name for each in everything[1].servers] == ["", "old"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (UserQuery(state="active"), ["alice", "bob"]),
        (UserQuery(state="ready"), ["alice"]),
        (UserQuery(state="inactive"), ["carol", "under_score"]),
        (UserQuery(name="o"), ["carol", "bob", "under_score"]),
        (UserQuery(name="_"), ["under_score"]),
        (UserQuery(name="%"), []),
        (UserQuery(name="r_s"), ["under_score"]),
        (UserQuery(name="?"), []),
        (UserQuery(sort="-id"), ["under_score", "bob", "alice", "carol"]),
        (UserQuery(sort="name"), ["alice", "bob", "carol", "under_score"]),
        (UserQuery(sort="-name", limit=2), ["under_score", "carol"]),
        (UserQuery(offset=1, limit=2), ["alice", "bob"]),
        (UserQuery(users=frozenset({"carol"}), groups=frozenset()), ["carol"]),
        (UserQuery(users=frozenset(), groups=frozenset({"students"})), ["alice", "bob"]),
        (UserQuery(users=frozenset({"carol", "x"}), groups=frozenset({"staff"})), ["carol", "alice"]),
        (UserQuery(users=frozenset(), groups=frozenset()), []),
        (UserQuery(state="active", name="ali", users=frozenset({"alice"})), ["alice"]),
    ],
)
async def test_which(people: Store, query: UserQuery, found: list[str]) -> None:
    assert await names(people, query) == found


async def test_who_was_never_there_comes_first_and_last(people: Store) -> None:
    await people(activity.seen, "bob", 5.0, {})
    await people(activity.seen, "carol", 7.0, {})
    assert await names(people, UserQuery(sort="last_activity")) == ["alice", "under_score", "bob", "carol"]
    assert await names(people, UserQuery(sort="-last_activity")) == ["carol", "bob", "under_score", "alice"]


async def test_how_many(people: Store) -> None:
    async def total(query: UserQuery) -> int:
        return (await people(accounts.page, query))[1]

    assert await total(UserQuery(limit=1, counted=True)) == 4
    assert await total(UserQuery(limit=1, counted=True, state="active")) == 2
    assert await total(UserQuery(limit=1)) == 2, "there are more, it does not say how many"
    assert await total(UserQuery(limit=4)) == 4
    assert await total(UserQuery(offset=9, counted=True)) == 4


async def test_a_page_costs_the_same_whatever_its_length(people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    rows = accounts.Snapshot.rows

    def counted(self: accounts.Snapshot, sql: str, *params: object) -> list[tuple[object, ...]]:
        statements.append(sql)
        return rows(self, sql, *params)

    monkeypatch.setattr(accounts.Snapshot, "rows", counted)
    for number in range(20):
        await people(users.add, f"u{number}", False, 1.0)
    statements.clear()
    found, _ = await people(accounts.page, UserQuery(stopped=True))
    assert len(found) == 24
    assert len(statements) == 4
