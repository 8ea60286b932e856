"""A plugin's own space in the store, as `gateway.hookspecs.Storage`."""

from __future__ import annotations

from gateway.model import Json
from gateway.store import plugindata
from gateway.store.store import Store


class PluginData:
    def __init__(self, store: Store, plugin: str) -> None:
        self._store = store
        self._plugin = plugin

    async def get(self, key: str) -> Json:
        return await self._store(plugindata.get, self._plugin, key)

    async def put(self, key: str, value: Json) -> None:
        await self._store(plugindata.put, self._plugin, key, value)

    async def delete(self, key: str) -> None:
        await self._store(plugindata.delete, self._plugin, key)
