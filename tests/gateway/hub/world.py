"""A world of servers that a test scripts, a hub over it, and hubs that come after it.

The world outlives a hub, as processes do: the next hub's spawner sees the same
one. What a spawner does is set on the world, for all servers or by full name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pluggy

from gateway.errors import StartFailed
from gateway.hookspecs import (
    PROJECT,
    Authenticator,
    Hookspecs,
    LoginRequest,
    Report,
    Spawner,
    hookimpl,
)
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.model import Grant, Launch, Login, Server, Target
from gateway.pluginmanager import SERVICE_SPAWNER, Hooks
from gateway.settings import Settings
from plugins.shares import code, direct, view

LONG = 3600.0


@dataclass
class World:
    """What runs, by start id, and how spawners behave."""

    running: dict[str, asyncio.Future[int]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    behaviour: dict[str, str] = field(default_factory=dict)
    """`start`: ok, slow (never returns), forked (runs, but never returns), fail, bug, nonsense.
    `answer`: ok, never. `check`: ok, fail. `stop`: ok, ignore, bug. `kill`: ok, ignore.
    `adopt`: ok, bug. `died`: ok, bug."""
    told: list[tuple[str, str]] = field(default_factory=list)
    """What the hooks were told."""
    now: float = 1000.0
    port: int = 9

    def how(self, what: str) -> str:
        return self.behaviour.get(what, "ok")

    def die(self, server: Server, code: int = 1) -> None:
        self.running[server.start_id].set_result(code)

    def clock(self) -> float:
        return self.now


class Scripted(Spawner):
    name = "scripted"
    world: World

    async def start(self, launch: Launch, report: Report) -> Target:
        server = launch.server
        self.world.calls.append(f"start {server.full_name}")
        assert server.start_id, "a start without an id cannot be found again"
        match self.world.how("start"):
            case "slow":
                await asyncio.sleep(LONG)
            case "fail":
                raise StartFailed("There is no room for it.")
            case "bug":
                raise ZeroDivisionError("a bug")
            case "nonsense":
                return "http://somewhere"  # type: ignore[return-value]
        self.world.running[server.start_id] = asyncio.get_running_loop().create_future()
        if self.world.how("start") == "forked":
            await asyncio.sleep(LONG)
        report(30, "It runs")
        return self._target(launch)

    async def poll(self, launch: Launch) -> int | None:
        return None if launch.server.start_id in self.world.running else 0

    async def died(self, launch: Launch) -> int:
        if self.world.how("died") == "bug":
            raise ZeroDivisionError("a bug")
        if (future := self.world.running.get(launch.server.start_id)) is None:
            return 0
        code = await asyncio.shield(future)
        self.world.running.pop(launch.server.start_id, None)
        return code

    async def stop(self, launch: Launch, now: bool) -> None:
        what = "kill" if now else "stop"
        self.world.calls.append(f"{what} {launch.server.full_name}")
        match self.world.how(what):
            case "ignore":
                await asyncio.sleep(LONG)
            case "bug":
                raise ZeroDivisionError("a bug")
        self.world.running.pop(launch.server.start_id, None)

    async def adopt(self, launch: Launch) -> Target | None:
        self.world.calls.append(f"adopt {launch.server.full_name}")
        if self.world.how("adopt") == "bug":
            raise ZeroDivisionError("a bug")
        return self._target(launch) if launch.server.start_id in self.world.running else None

    async def check(self, launch: Launch) -> None:
        self.world.calls.append(f"check {launch.server.full_name}")
        if self.world.how("check") == "fail":
            raise StartFailed("Somebody else answers there.")

    def _target(self, launch: Launch) -> Target:
        return Target(f"http://127.0.0.1:{self.world.port}", launch.server.secret, {"id": launch.server.start_id})


class Door(Authenticator):
    """Everybody's password is `right`; what else it says stands in the form."""

    name = "door"

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        if form.get("bug"):
            raise ZeroDivisionError("a bug")
        if form.get("nonsense"):
            return "alice"  # type: ignore[return-value]
        if form.get("password") != "right":
            return None
        groups = tuple(form["groups"].split()) if "groups" in form else None
        admin = {"yes": True, "no": False}.get(form.get("admin", ""))
        return Login(form["username"], admin, groups)

    async def forget(self, name: str) -> None:
        await self.storage.put("forgotten", name)


class SideDoor(Door):
    name = "side"


@dataclass
class Plugin:
    world: World

    @hookimpl
    def gateway_spawners(self) -> Mapping[str, type[Spawner]]:
        here = type("Here", (Scripted,), {"world": self.world})
        return {"scripted": here, SERVICE_SPAWNER: here}

    @hookimpl
    def gateway_authenticators(self) -> Mapping[str, type[Authenticator]]:
        return {"door": Door, "side": SideDoor}

    @hookimpl
    def gateway_user_logged_in(self, name: str) -> None:
        self.world.told.append(("in", name))

    @hookimpl
    def gateway_share_accepted(self, grant: Grant) -> None:
        self.world.told.append(("accepted", grant.user))

    @hookimpl
    def gateway_server_started(self, server: Server) -> None:
        self.world.told.append(("started", server.full_name))

    @hookimpl
    def gateway_server_stopped(self, server: Server, reason: str) -> None:
        self.world.told.append(("stopped", reason))


def settings(folder: Path, **sections: Mapping[str, Any]) -> Settings:
    spawner = {"plugin": "scripted", "start_timeout": 5, "stop_timeout": 5, **sections.pop("spawner", {})}
    people = {"plugin": ["door", "side"], **sections.pop("authenticator", {})}
    return Settings.model_validate(
        {"gateway": {"data_dir": folder / "data"}, "authenticator": people, "spawner": spawner, **sections}
    )


def hooks(world: World, chosen: Settings) -> Hooks:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (Plugin(world), code, direct, view):
        manager.register(plugin)
    return Hooks(manager, chosen)


@asynccontextmanager
async def a_hub(world: World, chosen: Settings, *users: str, start: bool = True) -> AsyncIterator[Hub]:
    """A hub with these users. Its end is that of a killed one: no server is touched."""
    hub = await Hub.open(chosen, hooks(world, chosen), world.clock)
    try:
        for name in users:
            await hub.users.add(name)
        if start:
            await hub.start()
        yield hub
    finally:
        await hub.close()


async def eventually(condition: Callable[[], object], what: str = "") -> None:
    """Wait until `condition()` is true; a test that waits in vain fails."""
    try:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never: {what or condition}") from None


async def in_time(condition: Callable[[], Awaitable[object]]) -> None:
    """`eventually`, for what must be asked."""
    async with asyncio.timeout(5):
        while not await condition():
            await asyncio.sleep(0.01)


async def in_state(hub: Hub, state: State, user: str = "alice", name: str = "") -> Server:
    """Wait until the server is in `state`; its record."""

    def there() -> bool:
        server = hub.servers.live(user, name)
        return (server.state if server else State.STOPPED) == state

    await eventually(there, f"{user}/{name} is {state}")
    server = await hub.servers.get(user, name)
    assert server is not None
    return server
