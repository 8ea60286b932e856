"""Invitations: found by digest only, used up one guest at a time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import BadInput, Conflict, Gone, NotFound
from gateway.model import digest
from gateway.store import changes, grants, invitations, servers
from gateway.store.store import Store
from gateway.store.work import Snapshot, reads
from tests.gateway.store.sharing import ACCESS, CODE, NOW, coded, direct, given, people, taken


@reads
def _everything(db: Snapshot) -> str:
    return repr(db.rows("SELECT * FROM shares"))


async def test_found_by_the_digest_of_its_code(store: Store) -> None:
    await people(store)
    made = await coded(store, max_uses=2, prefix="a-co")
    assert made.id
    assert await store(invitations.find, digest(CODE)) == made
    assert await store(invitations.find, digest("other")) is None
    assert await store(invitations.get, made.id) == made
    assert await store(invitations.get, "17") is None
    assert CODE not in await store(_everything)
    assert digest(CODE) in await store(_everything)


async def test_accepting_twice_is_accepting_once(store: Store) -> None:
    await people(store)
    made = await coded(store, max_uses=1)
    seen = await store(changes.revision)
    first, new = await store(invitations.accept, taken(made, "bob"), NOW + 1)
    assert new
    assert (await store(changes.since, seen)).owners == ("user:bob",)
    assert await store(invitations.accept, taken(made, "bob"), NOW + 2) == (first, False)
    found = await store(invitations.get, made.id)
    assert found is not None
    assert (found.uses, found.last_used, found.grants) == (1, NOW + 1, (first,))
    with pytest.raises(Gone, match="used up"):
        await store(invitations.accept, taken(made, "carol"), NOW + 3)
    with pytest.raises(Gone, match="expired"):
        await store(invitations.accept, taken(made, "bob"), NOW + 100)
    assert await given(store, "bob") == [(ACCESS, NOW + 100)]
    assert await given(store, "carol") == []


async def test_of_many_at_once_only_so_many_get_in(store: Store) -> None:
    """Attack 30: parallel use of a code for one."""
    await people(store)
    made = await coded(store, max_uses=1)
    names = ["bob", "carol"] * 4
    results = await asyncio.gather(
        *(store(invitations.accept, taken(made, name), NOW + 1) for name in names), return_exceptions=True
    )
    winners = {each[0].user for each in results if isinstance(each, tuple)}
    assert len(winners) == 1
    assert sum(isinstance(each, Gone) for each in results) == 4
    assert sorted([len(await given(store, "bob")), len(await given(store, "carol"))]) == [0, 1]


async def test_withdrawn_with_what_came_by_it(store: Store) -> None:
    await people(store)
    made, other = await coded(store), await coded(store, "another")
    await store(invitations.accept, taken(made, "bob"), NOW)
    await store(invitations.accept, taken(other, "carol"), NOW)
    seen = await store(changes.revision)
    gone = await store(invitations.remove, made.id)
    assert [each.user for each in gone] == ["bob"]
    assert (await store(changes.since, seen)).owners == ("user:bob",)
    assert await given(store, "bob") == []
    assert await given(store, "carol") == [(ACCESS, NOW + 100)]
    assert await store(invitations.remove, made.id) == []
    with pytest.raises(NotFound):
        await store(invitations.accept, taken(made, "bob"), NOW)


async def test_withdrawn_but_what_came_by_it_stays(store: Store) -> None:
    await people(store)
    made = await coded(store, lasting=True)
    await store(invitations.accept, taken(made, "bob"), NOW)
    assert await store(invitations.remove, made.id, keep_grants=True) == []
    assert await given(store, "bob") == [(ACCESS, None)]
    assert await store(invitations.find, digest(CODE)) is None


async def test_old_ones_are_forgotten_but_not_what_outlives_them(store: Store) -> None:
    await people(store)
    made = await coded(store, lasting=True)
    await store(invitations.accept, taken(made, "bob"), NOW)
    assert await store(invitations.purge, NOW + 101) == 0
    assert await store(invitations.purge, NOW + 100 + invitations.REMEMBERED) == 1
    assert await given(store, "bob") == [(ACCESS, None)]


async def test_pages(store: Store) -> None:
    await people(store)
    made = [await coded(store, str(number)) for number in range(3)]
    over = await coded(store, "over", expires_at=NOW + 1)
    assert await store(invitations.page, NOW + 1, "alice", limit=2) == (made[:2], 3)
    assert await store(invitations.page, NOW + 1, "alice", "", offset=2) == (made[2:], 3)
    assert await store(invitations.page, NOW, "alice") == ([*made, over], 4)
    assert await store(invitations.page, NOW, "alice", "gpu") == ([], 0)
    assert await store(invitations.page, NOW, "bob") == ([], 0)
    await store(invitations.add, direct(user="bob"), "")
    assert (await store(invitations.page, NOW + 1, "alice"))[1] == 3
    assert (await store(invitations.page, NOW + 1, "alice", codes_only=False))[1] == 4


async def test_giving_more_to_the_same_guest_adds_to_what_is_there(store: Store) -> None:
    await people(store)
    first = await store(invitations.add, direct(user="bob"), "")
    more = await store(invitations.add, direct(user="bob", scopes=("servers",)), "")
    assert more.id == first.id
    assert more.grants[0].scopes == (ACCESS, "servers!server=alice/")
    assert (await store(grants.page, NOW, owner="alice"))[1] == 1
    assert (await store(invitations.add, direct(group="class"), "")).id != first.id
    assert (await store(invitations.add, direct(user="bob", expires_at=NOW + 1), "")).id != first.id


async def test_a_default_server_that_never_ran_can_be_shared(store: Store) -> None:
    await people(store)
    await store(servers.remove, "alice", "")
    assert (await coded(store)).id
    await store(servers.remove, "alice", "gpu")
    with pytest.raises(NotFound):
        await store(invitations.add, direct("gpu", user="bob"), "")
    for guest in ({"user": "nobody"}, {"group": "nobodies"}):
        with pytest.raises(BadInput, match="No such"):
            await store(invitations.add, direct(**guest), "")


async def test_there_is_a_limit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await people(store)
    monkeypatch.setattr(invitations, "OF_SERVER", 1)
    await coded(store)
    with pytest.raises(Conflict, match="more than 1"):
        await coded(store, "another")
