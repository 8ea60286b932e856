from __future__ import annotations

import pytest

from gateway.errors import NotFound
from gateway.model import SignUp
from gateway.store import signups
from gateway.store.store import Store

EVE, BOB = SignUp("eve", "native", "192.0.2.7", 1000.0), SignUp("bob", "native", "", 2000.0)


async def test_taken_down_listed_and_taken(store: Store) -> None:
    await store(signups.add, EVE, {"password": "a hash"})
    await store(signups.add, BOB, {})
    assert await store(signups.listing) == [EVE, BOB]
    assert await store(signups.count) == 2
    assert await store(signups.get, "eve") == EVE
    assert await store(signups.take, "eve") == (EVE, {"password": "a hash"})
    assert await store(signups.get, "eve") is None
    with pytest.raises(NotFound):
        await store(signups.take, "eve")


async def test_what_nobody_decides_is_dropped(store: Store) -> None:
    await store(signups.add, EVE, {})
    await store(signups.add, BOB, {})
    assert await store(signups.purge, 1500.0 + signups.KEEP_SECONDS) == 1
    assert await store(signups.listing) == [BOB]
