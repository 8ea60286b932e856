"""A plugin's own space in the store, as `gateway.hookspecs.Storage`."""

from __future__ import annotations

from gateway.hookspecs import Spawner
from gateway.model import Json
from gateway.pluginmanager import Hooks
from gateway.settings import Settings
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


def chosen_spawners(settings: Settings, hooks: Hooks, store: Store) -> dict[str, Spawner]:
    """One instance of each spawner that may be needed, by name; "" is the default one."""
    default = settings.spawner.plugin
    names = {default, *(profile.spawner for profile in settings.profiles if profile.spawner)}
    found = {name: hooks.spawner(name, PluginData(store, name)) for name in names}
    return {**found, "": found[default]}
