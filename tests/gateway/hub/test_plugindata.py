"""Each plugin keeps its own: the hookspecs' `Storage` over the store."""

from __future__ import annotations

from gateway.hookspecs import Storage
from gateway.hub.core import Hub
from gateway.hub.plugindata import PluginData


async def test_spaces_are_apart(hub: Hub) -> None:
    one: Storage = PluginData(hub.store, "one")
    two: Storage = PluginData(hub.store, "two")
    assert await one.get("key") is None
    await one.put("key", {"a": [1, None, "ü"]})
    await one.put("key", {"a": [2, None, "ü"]})
    assert await one.get("key") == {"a": [2, None, "ü"]}
    assert await two.get("key") is None
    await two.delete("key")
    await one.delete("key")
    assert await one.get("key") is None
