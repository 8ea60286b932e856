from __future__ import annotations

import pytest

from gateway.errors import Conflict
from gateway.model import CustomRoute
from gateway.store import customroutes
from gateway.store.store import Store


async def test_routes_come_go_and_never_double(store: Store) -> None:
    b = await store(customroutes.add, "/b%20ü/", "http://127.0.0.1:1/x?y", 1.0)
    a = await store(customroutes.add, "/a/", "http://127.0.0.1:2", 2.0)
    assert await store(customroutes.listing) == [a, b]
    assert a == CustomRoute("/a/", "http://127.0.0.1:2", 2.0)
    with pytest.raises(Conflict, match="/a/"):
        await store(customroutes.add, "/a/", "http://127.0.0.1:3", 3.0)
    await store(customroutes.remove, "/a/")
    await store(customroutes.remove, "/a/")
    assert await store(customroutes.listing) == [b]
