"""What is remembered counts until something is written, and not a moment longer."""

from __future__ import annotations

import asyncio

import pytest

from gateway.store import activity, users
from gateway.store.memory import Memory
from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, reads


class Source:
    """Something to read; counts how often it is."""

    def __init__(self) -> None:
        self.value: str | None = "first"
        self.readings = 0
        self.go = asyncio.Event()
        self.go.set()

    async def read(self) -> str | None:
        self.readings += 1
        value = self.value
        await self.go.wait()
        return value


async def test_what_is_known_is_not_read_again() -> None:
    memory, source = Memory(), Source()
    assert [await memory.recall("a", source.read) for _ in range(3)] == ["first"] * 3
    assert await memory.recall("b", source.read) == "first"
    assert source.readings == 2


async def test_a_change_ends_everything() -> None:
    memory, source = Memory(), Source()
    await memory.recall("a", source.read)
    source.value = "second"
    memory.changed()
    assert await memory.recall("a", source.read) == "second"


async def test_what_a_change_has_overtaken_is_not_kept() -> None:
    memory, source = Memory(), Source()
    source.go.clear()
    late = asyncio.create_task(memory.recall("a", source.read))
    await asyncio.sleep(0)
    source.value = "second"
    memory.changed()
    source.go.set()
    assert await late == "first", "it began before"
    assert await memory.recall("a", source.read) == "second"


async def test_that_nothing_is_there_is_asked_each_time() -> None:
    memory, source = Memory(), Source()
    source.value = None
    assert await memory.recall("a", source.read) is None
    source.value = "made elsewhere"
    assert await memory.recall("a", source.read) == "made elsewhere"


async def test_it_does_not_grow() -> None:
    memory, source = Memory(2), Source()
    for key in ("a", "b", "a", "c"):
        await memory.recall(key, source.read)
    assert len(memory) == 2
    await memory.recall("a", source.read)
    assert source.readings == 3, "what was not asked for the longest was dropped"


@reads
def last_seen(db: Snapshot, name: str) -> list[float | None]:
    return [user.last_activity for user in users.listing(db) if user.name == name]


def failing(db: Transaction) -> None:
    users.add(db, "bob", False, 1.0)
    raise ValueError("after all")


async def test_the_store_remembers_until_it_writes(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    assert await store.remembered(last_seen, "alice") == [None]
    known = await store.remembered(last_seen, "alice")
    assert await store.remembered(last_seen, "alice") is known
    with pytest.raises(ValueError, match="after all"):
        await store(failing)
    assert await store.remembered(last_seen, "alice") is not known, "who knows what a failed unit has done"
    await store(activity.seen, "alice", 7.0, {})
    assert await store.remembered(last_seen, "alice") == [7.0]
    known = await store.remembered(last_seen, "alice")
    store.forget()
    assert await store.remembered(last_seen, "alice") is not known
