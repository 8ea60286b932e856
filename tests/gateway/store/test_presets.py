from __future__ import annotations

import pytest

from gateway.errors import NotFound, TooMany
from gateway.model import Preset
from gateway.store import presets, users
from gateway.store.store import Store

BIG, SMALL = Preset("Big", "lab", {"memory": 16, "gpu": True}), Preset("small", "lab", {"memory": 1.5})


@pytest.fixture
async def people(store: Store) -> None:
    for name in ("alice", "bob"):
        await store(users.add, name, False, 1.0)


async def test_kept_by_name_for_one_user(store: Store, people: None) -> None:
    await store(presets.put, "alice", SMALL)
    await store(presets.put, "alice", BIG)
    assert await store(presets.of_user, "alice") == [BIG, SMALL]
    assert await store(presets.of_user, "bob") == []
    other = Preset("Big", "folder", {})
    await store(presets.put, "alice", other)
    assert await store(presets.of_user, "alice") == [other, SMALL]
    assert not await store(presets.remove, "bob", "Big")
    assert await store(presets.remove, "alice", "Big")
    assert not await store(presets.remove, "alice", "Big")
    assert await store(presets.of_user, "alice") == [SMALL]
    with pytest.raises(NotFound):
        await store(presets.put, "nobody", BIG)


async def test_there_are_never_many(store: Store, people: None) -> None:
    for number in range(presets.MOST):
        await store(presets.put, "alice", Preset(f"p{number}", "lab"))
    with pytest.raises(TooMany):
        await store(presets.put, "alice", BIG)
    await store(presets.put, "alice", Preset("p0", "folder"))
    await store(presets.put, "bob", BIG)
    assert len(await store(presets.of_user, "alice")) == presets.MOST


async def test_they_go_with_their_owner(store: Store, people: None) -> None:
    await store(presets.put, "alice", BIG)
    await store(users.rename, "alice", "eve")
    assert await store(presets.of_user, "eve") == [BIG]
    await store(users.remove, "eve")
    await store(users.add, "eve", False, 2.0)
    assert await store(presets.of_user, "eve") == []
