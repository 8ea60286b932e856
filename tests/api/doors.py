"""A hub with three ways in side by side: a form, a provider, a proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pluggy
from falcon import testing

from api.app import create_app
from gateway.hookspecs import PROJECT, Authenticator, Hookspecs, hookimpl
from gateway.hub.core import Hub
from gateway.pluginmanager import Hooks
from gateway.settings import Settings
from plugins.authenticators import header, native
from tests.api.scripted import PROFILES, Plugin
from tests.gateway.hub.providers import Provider

BY_PROXY = {"X-Hubgate-Proxy": "trusted"}
"""What a worker says when its peer is a trusted proxy."""


class Offering:
    @hookimpl
    def gateway_authenticators(self) -> Mapping[str, type[Authenticator]]:
        return {"provider": Provider}


def settings(folder: Path, people: Mapping[str, Any] | None = None, **gateway: Any) -> Settings:
    return Settings.model_validate(
        {
            "gateway": {"data_dir": folder / "data", "trusted_proxies": ["10.0.0.1"], **gateway},
            "authenticator": {"plugin": ["native", "provider", "header"], **(people or {})},
            "spawner": {"plugin": "scripted"},
            "profiles": PROFILES,
            "sharing": {"handlers": []},
        }
    )


@asynccontextmanager
async def house(chosen: Settings) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (native, header, Offering(), Plugin()):
        manager.register(plugin)
    hub = await Hub.open(chosen, hooks=Hooks(manager, chosen))
    await hub.start()
    try:
        for name in ("alice", "bob"):
            await hub.users.add(name)
        await hub.users.add("root", admin=True)
        async with testing.ASGIConductor(create_app(hub)) as conductor:  # type: ignore[arg-type]  # any ASGI app
            yield hub, conductor
    finally:
        await hub.close(stop_servers=True)
