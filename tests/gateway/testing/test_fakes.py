"""The fakes are as strict as what they stand for."""

from __future__ import annotations

import pytest

from gateway.model import Invitation, Server, User
from gateway.testing.fakes import FakeClock, FakeHub, KeptInMemory, MemoryStorage


async def test_a_storage_keeps_what_json_keeps() -> None:
    storage = MemoryStorage()
    await storage.put("x", {"a": (1, 2)})
    assert await storage.get("x") == {"a": [1, 2]}
    await storage.delete("x")
    await storage.delete("x")
    assert await storage.get("x") is None
    assert storage.writes == 3
    for key in ("x" * 513, "a\0b", "\ud800"):
        with pytest.raises(ValueError):
            await storage.put(key, 1)
    with pytest.raises(TypeError):
        await storage.put("x", object())  # type: ignore[arg-type]


async def test_a_hub_to_look_at() -> None:
    hub = FakeHub([User("alice")], [Server("alice", ""), Server("bob", "")], FakeClock(5))
    hub.clock.advance(2)
    assert hub.now() == 7
    assert await hub.user("alice") == User("alice")
    assert await hub.user("bob") is None
    assert await hub.servers("bob") == [Server("bob", "")]
    assert await hub.storage.get("x") is None


async def test_invitations_are_found_by_their_code_and_do_not_have_it() -> None:
    kept = KeptInMemory()
    kept.keep(Invitation("alice", "", (), 0.0, code="secret"))
    found = await kept.find("secret")
    assert found is not None
    assert (found.id, found.code) == ("1", "")
    assert await kept.find("other") is None
