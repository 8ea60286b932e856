from __future__ import annotations

import asyncio

import pytest

from gateway.store import changes, users
from gateway.store.changes import Changes
from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, reads
from tests.gateway.store.conftest import Place


async def test_an_empty_log_says_nothing(store: Store) -> None:
    assert await store(changes.since, 0) == Changes(0)


async def test_a_reader_gets_what_came_after(store: Store) -> None:
    for owner, digest in (("user:a", ""), ("", "d1"), ("user:b", "d2"), ("user:a", "")):
        await store(changes.note, owner, digest)
    assert await store(changes.since, 0) == Changes(4, ("user:a", "user:b"), ("d1", "d2"))
    assert await store(changes.since, 2) == Changes(4, ("user:b", "user:a"), ("d2",))
    assert await store(changes.since, 4) == Changes(4)
    assert await store(changes.revision) == 4


async def test_a_change_of_nobody_in_particular_is_a_change_of_everything(store: Store) -> None:
    await store(changes.note, "user:a")
    await store(changes.note)
    assert await store(changes.since, 0) == Changes(2, everything=True)
    assert await store(changes.since, 2) == Changes(2)


async def test_a_reader_from_the_future_starts_over(store: Store) -> None:
    """The database was put back to an older copy."""
    await store(changes.note, "user:a")
    assert await store(changes.since, 7) == Changes(1, everything=True)


async def test_old_rows_go_and_a_reader_behind_them_is_told_everything(store: Store) -> None:
    for _ in range(3):
        await store(changes.note, "user:a")

    def age(db: Transaction) -> None:
        db.run("UPDATE changes SET time = 100 WHERE revision <= 2")

    await store(age)
    assert await store(changes.prune, 101.0 + changes.KEEP_SECONDS) == 2
    assert await store(changes.since, 1) == Changes(3, everything=True)
    assert await store(changes.since, 2) == Changes(3, ("user:a",))


async def test_only_so_many_rows_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "KEEP_ROWS", 2)
    for number in range(5):
        await store(changes.note, f"user:{number}")
    await store(changes.prune, 0.0)
    assert await store(changes.since, 3) == Changes(5, ("user:3", "user:4"))
    assert (await store(changes.since, 2)).everything


async def test_a_reader_far_behind_is_not_read_row_by_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "FAR_BEHIND", 3)
    for number in range(4):
        await store(changes.note, f"user:{number}")
    assert (await store(changes.since, 1)).owners == ("user:1", "user:2", "user:3")
    assert (await store(changes.since, 0)).everything


async def test_a_unit_that_fails_leaves_no_revision(store: Store) -> None:
    def half(db: Transaction) -> None:
        changes.note(db, "user:a")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store(half)
    assert await store(changes.since, 0) == Changes(0)


async def test_a_tail_sees_every_change_of_other_processes_once_and_in_order(place: Place, store: Store) -> None:
    """The hub follows with one store while commands write with theirs."""
    writers = [await place.open(), await place.open()]
    seen: list[str] = []

    async def write(writer: Store, name: str) -> None:
        for number in range(15):
            await writer(users.add, f"{name}{number}", False, 1.0)

    async def tail() -> None:
        revision = 0
        while len(seen) < 30:
            found = await store(changes.since, revision)
            assert not found.everything
            assert len(found.owners) == found.revision - revision
            revision = found.revision
            seen.extend(found.owners)
            await asyncio.sleep(0)

    try:
        async with asyncio.timeout(30):
            await asyncio.gather(tail(), *(write(writer, name) for writer, name in zip(writers, "ab", strict=True)))
    finally:
        for writer in writers:
            await writer.close()
    assert sorted(seen) == sorted(f"user:{name}{number}" for name in "ab" for number in range(15))
    assert [name for name in seen if "a" in name[5:]] == [f"user:a{number}" for number in range(15)]


async def test_what_was_read_is_not_older_than_the_revision_read_with_it(store: Store) -> None:
    @reads
    def both(db: Snapshot) -> tuple[int, int]:
        return changes.revision(db), users.count(db)

    async def watch() -> None:
        while True:
            revision, count = await store(both)
            assert revision == count
            if count == 20:
                return
            await asyncio.sleep(0)

    await asyncio.gather(watch(), *(store(users.add, f"u{number}", False, 1.0) for number in range(20)))
