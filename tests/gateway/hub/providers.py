"""An authenticator with a provider, whose every move a test says beforehand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pluggy

from gateway.hookspecs import (
    PROJECT,
    Arrival,
    Authenticator,
    Departure,
    Hookspecs,
    LoginRequest,
    RedirectAuthenticator,
    hookimpl,
)
from gateway.hub.core import Hub
from gateway.model import Json, Login
from gateway.pluginmanager import Hooks
from tests.gateway.hub.world import Plugin, World, settings

SECRET = "the-client-secret-of-the-gateway"
VERIFIER = "a-verifier-that-nobody-sees"


@dataclass
class Script:
    """What the provider does. An exception is raised, anything else returned; `hang` never returns."""

    begin: Any = None
    finish: Any = None
    refresh: Any = None
    log_out: Any = ""
    arrivals: list[Arrival] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    asked: int = 0


async def played(what: Any) -> Any:
    if what == "hang":
        await asyncio.sleep(3600)
    if isinstance(what, BaseException):
        raise what
    return what


class Provider(RedirectAuthenticator):
    name = "provider"
    display_name = "The Provider"
    script = Script()

    async def begin(self, state: str, callback_url: str, request: LoginRequest) -> Departure:
        self.script.states.append(state)
        url = f"https://provider.example/authorize?redirect_uri={callback_url}&state={state}"
        return await played(self.script.begin) or Departure(url, {"verifier": VERIFIER})

    async def finish(self, arrival: Arrival, request: LoginRequest) -> Login | None:
        self.script.arrivals.append(arrival)
        if self.script.finish is None:
            return Login(arrival.query["code"]) if "code" in arrival.query else None
        return await played(self.script.finish)

    async def refresh(self, name: str, memory: Json) -> Login | None:
        self.script.asked += 1
        return await played(self.script.refresh)

    async def log_out(self, name: str, memory: Json, return_url: str) -> str:
        return await played(self.script.log_out)


class Other(Provider):
    name = "other"


class Offering:
    @hookimpl
    def gateway_authenticators(self) -> Mapping[str, type[Authenticator]]:
        return {"provider": Provider, "other": Other}


async def opened(world: World, tmp_path: Path) -> Hub:
    chosen = settings(tmp_path, authenticator={"plugin": ["door", "provider", "other"]}, sharing={"handlers": []})
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (Plugin(world), Offering()):
        manager.register(plugin)
    return await Hub.open(chosen, Hooks(manager, chosen), world.clock)
