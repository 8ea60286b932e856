from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import NotFound
from gateway.model import Session, User, digest
from gateway.store import changes, sessions, users
from gateway.store.store import Store
from gateway.store.work import Snapshot, reads

SESSION = Session("", "alice", created=10.0, expires_at=20.0, last_seen=10.0, address="::1", device="Firefox")


@reads
def _everything(db: Snapshot) -> str:
    return repr(db.rows("SELECT * FROM sessions"))


async def test_a_session_is_found_by_digest_until_its_hour(store: Store) -> None:
    user = await store(users.add, "alice", False, 1.0)
    kept = await store(sessions.add, SESSION, digest("value"))
    assert kept == replace(SESSION, id=kept.id)
    assert kept.id
    assert await store(sessions.find, digest("value"), 19.9) == (kept, user)
    assert await store(sessions.find, digest("value"), 20.0) is None
    assert await store(sessions.find, digest("other"), 11.0) is None
    assert await store(sessions.of_user, "alice") == [kept]
    assert await store(sessions.of_user, "bob") == []


async def test_the_value_is_not_in_the_database(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    await store(sessions.add, SESSION, digest("very-secret-value"))
    assert "very-secret-value" not in await store(_everything)
    assert digest("very-secret-value") in await store(_everything)


async def test_it_comes_with_the_user_as_it_is_now(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    await store(sessions.add, SESSION, digest("value"))
    await store(users.set_groups, "alice", ["staff", "b"])
    await store(users.set_disabled, "alice", True)
    found = await store(sessions.find, digest("value"), 11.0)
    assert found
    assert found[1] == User("alice", disabled=True, groups=("b", "staff"), created=1.0)


async def test_each_coming_and_going_is_noted(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    seen = await store(changes.revision)
    for value in "abc":
        await store(sessions.add, SESSION, digest(value))
    await store(sessions.remove, digest("a"))
    found = await store(changes.since, seen)
    assert set(found.digests) == {digest(value) for value in "abc"}
    assert await store(sessions.remove_all, "alice") == 2
    assert (await store(changes.since, found.revision)).owners == ("user:alice",)
    assert await store(sessions.of_user, "alice") == []


async def test_what_is_gone_already_is_no_change(store: Store) -> None:
    await store(sessions.remove, digest("nothing"))
    assert await store(sessions.remove_all, "nobody") == 0
    assert await store(changes.revision) == 0


async def test_a_session_needs_its_user(store: Store) -> None:
    with pytest.raises(NotFound):
        await store(sessions.add, SESSION, digest("value"))
    assert await store(changes.revision) == 0


async def test_purge_takes_what_is_over(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    for value, end in (("old", 20.0), ("new", 30.0)):
        await store(sessions.add, replace(SESSION, expires_at=end), digest(value))
    assert await store(sessions.purge, 20.0) == 1
    assert [session.expires_at for session in await store(sessions.of_user, "alice")] == [30.0]


async def test_a_device_may_call_itself_anything(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    kept = await store(sessions.add, replace(SESSION, device="a\0b\ud800" + "x" * 10_000), digest("value"))
    assert kept.device.startswith("a\ufffdb?xx")
    assert len(kept.device) == 4096
    assert await store(sessions.of_user, "alice") == [kept]


async def test_an_id_is_never_used_again(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    first = await store(sessions.add, SESSION, digest("a"))
    await store(sessions.remove, digest("a"))
    assert (await store(sessions.add, SESSION, digest("a"))).id != first.id
