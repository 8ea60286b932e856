"""A real hub on SQLite in a folder of its own, the app over it, and people who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pluggy
import pytest
from falcon import testing

from api.app import create_app
from gateway.hookspecs import PROJECT, Hookspecs
from gateway.hub.core import Hub
from gateway.pluginmanager import Hooks
from gateway.settings import Settings
from plugins.authenticators import dummy, native
from plugins.shares import code, direct, view
from tests.api.person import Person
from tests.api.scripted import PROFILES, Plugin

PEOPLE = ("alice", "bob", "a@b.c", "x y", "ünï")


def settings(folder: Path, roles: Sequence[Mapping[str, Any]] = (), **gateway: Any) -> Settings:
    return Settings.model_validate(
        {
            "gateway": {"data_dir": folder / "data", **gateway},
            "authenticator": {
                "plugin": ["native", "dummy"],
                "native": {"max_failures": 1},
                "dummy": {"password": "the shared password"},
            },
            "spawner": {"plugin": "scripted", "servers_per_user": 3, "stop_timeout": 1},
            "profiles": PROFILES,
            "custom_scopes": {"custom:read": {"description": "read <b>things</b>"}},
            "roles": roles,
            "sharing": {"handlers": ["code", "direct", "view"]},
        }
    )


async def opened(chosen: Settings) -> Hub:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (dummy, native, code, direct, view, Plugin()):
        manager.register(plugin)
    hub = await Hub.open(chosen, hooks=Hooks(manager, chosen))
    await hub.start()
    for name in PEOPLE:
        await hub.users.add(name)
    await hub.users.add("root", admin=True)
    return hub


@pytest.fixture
async def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    """`ROLES` of the test's module are set up."""

    async def at_once(_launch: object) -> None:
        """No server is really there to be asked."""

    monkeypatch.setattr("gateway.hub.launches.until_ready", at_once)
    monkeypatch.setattr(native.NativeAuthenticator, "rounds", 4)
    hub = await opened(settings(tmp_path, getattr(request.module, "ROLES", ())))
    yield hub
    await hub.close(stop_servers=True)


@pytest.fixture
async def conductor(hub: Hub) -> AsyncIterator[testing.ASGIConductor]:
    async with testing.ASGIConductor(create_app(hub)) as conductor:  # type: ignore[arg-type]  # any ASGI app will do
        yield conductor


@pytest.fixture
def stranger(conductor: testing.ASGIConductor) -> Person:
    return Person(conductor)


@pytest.fixture
def person(conductor: testing.ASGIConductor) -> Callable[[str], Awaitable[Person]]:
    """`await person("alice")`: somebody who is logged in."""

    async def logged_in(name: str) -> Person:
        somebody = Person(conductor)
        await somebody.log_in(name)
        return somebody

    return logged_in


@pytest.fixture
async def alice(person: Callable[[str], Awaitable[Person]]) -> Person:
    return await person("alice")


@pytest.fixture
async def root(person: Callable[[str], Awaitable[Person]]) -> Person:
    return await person("root")


@pytest.fixture
def program(hub: Hub, conductor: testing.ASGIConductor) -> Callable[..., Awaitable[Person]]:
    """`await program("alice", "read:users")`: a program with a token of that user and those scopes."""

    async def with_token(name: str, *scopes: str) -> Person:
        value, _ = await hub.tokens.make(name, scopes or None)
        return Person(conductor, token=value)

    return with_token
