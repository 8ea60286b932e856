"""What a plugin's API routes see of the hub, as `gateway.hookspecs.HubView`: to look at, and a place to keep things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from gateway.hub.plugindata import PluginData
from gateway.hub.servers import Servers
from gateway.hub.users import Users
from gateway.model import Server, User
from gateway.offers import Storage

if TYPE_CHECKING:
    from gateway.hub.core import Hub


class PluginView:
    def __init__(self, storage: Storage, users: Users, servers: Servers, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._users = users
        self._servers = servers
        self._clock = clock

    @classmethod
    def of(cls, hub: Hub, plugin: str) -> Self:
        """What the routes of `plugin` get to see."""
        return cls(PluginData(hub.store, f"plugin:{plugin}"), hub.users, hub.servers, hub.clock)

    @property
    def storage(self) -> Storage:
        return self._storage

    def now(self) -> float:
        return self._clock()

    async def user(self, name: str) -> User | None:
        return await self._users.get(name)

    async def servers(self, user: str) -> Sequence[Server]:
        """All of a user's servers, without their secrets."""
        return [replace(server, secret="", start_id="", target=None) for server in await self._servers.of_user(user)]
