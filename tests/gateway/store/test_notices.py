from __future__ import annotations

from gateway.store import notices
from gateway.store.store import Store


async def test_the_last_word_counts(store: Store) -> None:
    assert await store(notices.everything) == {}
    await store(notices.put, "announcement", {"text": "one"})
    await store(notices.put, "announcement", {"text": "two"})
    await store(notices.put, "starts", {"enabled": False})
    assert await store(notices.everything) == {"announcement": {"text": "two"}, "starts": {"enabled": False}}
