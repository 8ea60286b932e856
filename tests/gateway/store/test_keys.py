from __future__ import annotations

import asyncio

from gateway.store import keys
from gateway.store.store import Store
from tests.gateway.store.conftest import Place


async def test_the_first_value_stays(store: Store) -> None:
    assert await store(keys.get_or_add, "xsrf", "first\nline ") == "first\nline "
    assert await store(keys.get_or_add, "xsrf", "second") == "first\nline "
    assert await store(keys.get_or_add, "other", "second") == "second"


async def test_all_who_come_at_once_get_the_same(place: Place, store: Store) -> None:
    other = await place.open()
    try:
        both = [asked(keys.get_or_add, "k", f"{n}") for n, asked in enumerate([store, other] * 8)]
        assert len(set(await asyncio.gather(*both))) == 1
    finally:
        await other.close()
