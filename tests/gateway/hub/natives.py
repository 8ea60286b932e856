"""A hub whose people log in with passwords that are kept here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pluggy

from gateway.hookspecs import PROJECT, Hookspecs, LoginRequest
from gateway.hub.core import Hub
from gateway.hub.sessions import NewSession
from gateway.pluginmanager import Hooks
from plugins.authenticators import native
from tests.gateway.hub.world import Plugin, World, settings

PASSWORD = "a long password of her own"
REQUEST = LoginRequest("192.0.2.7", {})


@asynccontextmanager
async def natives(
    world: World, folder: Path, options: dict[str, Any] | None = None, **people: Any
) -> AsyncIterator[Hub]:
    people = {"plugin": ["native"], "native": options or {}, **people}
    chosen = settings(folder, authenticator=people, sharing={"handlers": []})
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (Plugin(world), native):
        manager.register(plugin)
    hub = await Hub.open(chosen, Hooks(manager, chosen), world.clock)
    try:
        yield hub
    finally:
        await hub.close()


async def log_in(hub: Hub, name: str, password: str = PASSWORD) -> NewSession:
    return await hub.sessions.log_in("native", {"username": name, "password": password}, REQUEST, "")
