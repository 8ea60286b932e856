from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import pytest

from gateway.errors import BadInput, Unavailable
from gateway.store import changes, plugindata, users
from gateway.store import store as store_module
from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, reads
from tests.gateway.store.conftest import Place


async def test_a_unit_is_all_or_nothing(store: Store) -> None:
    def half(db: Transaction) -> None:
        users.add(db, "alice", False, 1.0)
        db.run("INSERT INTO groups (name) VALUES (?)", "staff")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await store(half)
    assert await store(users.count) == 0
    assert await store(changes.revision) == 0


async def test_a_unit_reads_what_it_wrote(store: Store) -> None:
    def unit(db: Transaction) -> tuple[Any, ...]:
        users.add(db, "alice", False, 1.0)
        users.set_groups(db, "alice", ["staff"])
        db.run_many("INSERT INTO groups (name) VALUES (?)", [("a",), ("b",)])
        return users.listing(db)[0].groups, db.value("SELECT count(*) FROM groups")

    assert await store(unit) == (("staff",), 3)


async def test_a_unit_takes_keywords_and_returns_what_it_returns(store: Store) -> None:
    added = await store(users.add, name="alice", admin=True, now=2.0)
    assert await store(users.listing, limit=1) == [added]


async def test_a_reading_unit_cannot_write(store: Store) -> None:
    @reads
    def sneaky(db: Snapshot) -> None:
        db.rows("INSERT INTO groups (name) VALUES ('x')")

    with pytest.raises(Exception, match=r"read-?only"):
        await store(sneaky)
    assert await store(users.ensure, "alice", False, 1.0)


async def test_a_reading_unit_sees_one_moment(place: Place, store: Store) -> None:
    began, written = threading.Event(), threading.Event()

    @reads
    def twice(db: Snapshot) -> tuple[int, int]:
        first = users.count(db)
        began.set()
        assert written.wait(10)
        return first, users.count(db)

    other = await place.open()
    try:
        reading = asyncio.create_task(store(twice))
        await asyncio.to_thread(began.wait, 10)
        await other(users.add, "alice", False, 1.0)
        written.set()
        assert await reading == (0, 0)
        assert await store(users.count) == 1
    finally:
        await other.close()


async def test_a_reader_does_not_wait_for_a_writer(place: Place, store: Store) -> None:
    wrote, done = threading.Event(), threading.Event()

    def slow(db: Transaction) -> None:
        users.add(db, "alice", False, 1.0)
        db.entities.flush()
        wrote.set()
        assert done.wait(10)

    other = await place.open()
    try:
        writing = asyncio.create_task(other(slow))
        await asyncio.to_thread(wrote.wait, 10)
        async with asyncio.timeout(5):
            assert await store(users.count) == 0
        done.set()
        await writing
        assert await store(users.count) == 1
    finally:
        done.set()
        await other.close()


def _count_up(db: Transaction) -> None:
    value: Any = plugindata.get(db, "test", "counter") or 0
    plugindata.put(db, "test", "counter", value + 1)
    changes.note(db, "user:counter")


async def test_no_writing_is_lost_between_many_writers(place: Place, store: Store) -> None:
    other = await place.open()
    try:
        await asyncio.gather(*(asked(_count_up) for asked in (store, other) for _ in range(25)))
    finally:
        await other.close()
    assert await store(plugindata.get, "test", "counter") == 50
    assert await store(changes.revision) == 50


async def test_two_who_add_the_same_user_end_with_one(place: Place, store: Store) -> None:
    other = await place.open()
    try:
        for number in range(10):
            name = f"u{number}"
            found = await asyncio.gather(*(asked(users.ensure, name, False, 1.0) for asked in (store, other, store)))
            assert {user.name for user in found} == {name}
    finally:
        await other.close()
    assert await store(users.count) == 10
    assert await store(changes.revision) == 10


async def test_a_cancelled_caller_breaks_nothing(store: Store) -> None:
    for number in range(20):
        task = asyncio.create_task(store(users.add, f"u{number}", False, 1.0))
        await asyncio.sleep(0.0005 * (number % 4))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await store(users.ensure, "last", False, 1.0)

    @reads
    def both(db: Snapshot) -> tuple[int, int]:  # some of the cancelled may still run
        return users.count(db), changes.revision(db)

    count, revision = await store(both)
    assert count == revision >= 1


@pytest.mark.parametrize("text", ["a\ud800", "a\0\udfff"])
async def test_text_that_no_database_takes_is_bad_input(store: Store, text: str) -> None:
    with pytest.raises(BadInput, match="surrogates"):
        await store(users.get, text)
    with pytest.raises(BadInput, match="surrogates"):
        await store(users.add, text, False, 1.0)
    assert await store(users.count) == 0


async def test_what_is_kept_is_there_after_reopening(place: Place) -> None:
    for number in range(3):
        store = await place.open()
        await store(users.add, f"u{number}", False, 1.0)
        await store.close()
        await store.close()
    store = await place.open()
    assert await store(users.count) == 3
    await store.close()


async def test_a_closed_store_says_so(place: Place) -> None:
    store = await place.open()
    async with asyncio.timeout(10):
        await asyncio.gather(*(store.close() for _ in range(5)))
    with pytest.raises(Unavailable, match="closed"):
        await store(users.count)


async def test_close_waits_for_what_runs(place: Place) -> None:
    store = await place.open()
    running = [asyncio.create_task(store(users.add, f"u{number}", False, 1.0)) for number in range(5)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*running)
    store = await place.open()
    assert await store(users.count) == 5
    await store.close()


async def test_a_unit_that_always_clashes_gives_up_with_words(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "ATTEMPTS", 3)
    monkeypatch.setattr(store._base, "clashed", lambda error: isinstance(error, LookupError))
    runs: list[int] = []

    def unlucky(db: Transaction) -> None:
        users.add(db, "alice", False, 1.0)
        runs.append(len(runs))
        raise LookupError

    with pytest.raises(Unavailable, match="too busy") as caught:
        await store(unlucky)
    assert caught.value.retry_after == 1
    assert runs == [0, 1, 2]
    assert await store(users.count) == 0
