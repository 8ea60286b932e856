from __future__ import annotations

import pytest

from gateway.errors import Conflict, TooMany
from gateway.model import CustomRoute
from gateway.store import customroutes
from gateway.store.store import Store


async def test_routes_come_go_and_never_double(store: Store) -> None:
    b = CustomRoute("/b%20ü/", "http://127.0.0.1:1/x?y", 1.0)
    a = CustomRoute("/a/", "http://127.0.0.1:2", 2.0, "public")
    for route in (b, a):
        await store(customroutes.add, route)
    assert await store(customroutes.listing) == [a, b]
    with pytest.raises(Conflict, match="/a/"):
        await store(customroutes.add, CustomRoute("/a/", "http://127.0.0.1:3", 3.0))
    assert await store(customroutes.remove, "/a/")
    assert not await store(customroutes.remove, "/a/")
    assert await store(customroutes.listing) == [b]


async def test_there_is_a_limit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customroutes, "MOST", 1)
    await store(customroutes.add, CustomRoute("/a/", "http://127.0.0.1:2"))
    with pytest.raises(TooMany, match="1 custom routes"):
        await store(customroutes.add, CustomRoute("/b/", "http://127.0.0.1:2"))
