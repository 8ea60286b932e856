"""What a plugin's routes see of the hub holds no secret."""

from __future__ import annotations

from typing import Any

from gateway.hub.pluginview import PluginView
from gateway.model import Server, Target, User
from tests.plugins.storage import MemoryStorage


class Kept:
    async def get(self, name: str) -> User | None:
        return User(name) if name == "alice" else None

    async def of_user(self, user: str) -> list[Server]:
        return [Server(user, "gpu", secret="s", start_id="i", target=Target("http://127.0.0.1:9", "t"))]


async def test_the_view() -> None:
    kept: Any = Kept()
    view = PluginView(MemoryStorage(), kept, kept, lambda: 7.0)
    await view.storage.put("x", 1)
    assert (await view.storage.get("x"), view.now()) == (1, 7.0)
    assert await view.user("alice") == User("alice")
    assert await view.user("bob") is None
    assert await view.servers("alice") == [Server("alice", "gpu")]
