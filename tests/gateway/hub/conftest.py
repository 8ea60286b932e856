"""A world of scripted servers; whether they answer is the script's word, so that no socket is opened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.hookspecs import Storage
from gateway.hub.core import Hub
from gateway.model import Json, Launch
from gateway.settings import Settings
from tests.gateway.hub.providers import Provider, Script
from tests.gateway.hub.world import LONG, World, a_hub, settings


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    async def until_ready(launch: Launch) -> None:
        if made.how("answer") == "never":
            await asyncio.sleep(LONG)

    monkeypatch.setattr("gateway.hub.launches.until_ready", until_ready)
    monkeypatch.setattr("gateway.hub.launches.AGAIN", 0.01)
    return made


class Memory:
    """A plugin's storage that is kept nowhere."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, key: str) -> Json:
        return self.kept.get(key)

    async def put(self, key: str, value: Json) -> None:
        self.kept[key] = value

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)


@pytest.fixture
def storage() -> Storage:
    return Memory()


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return settings(tmp_path)


@pytest.fixture
async def hub(world: World, chosen: Settings) -> AsyncIterator[Hub]:
    """Started, with the users alice and bob."""
    async with a_hub(world, chosen, "alice", "bob") as hub:
        yield hub


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    script = Script()
    monkeypatch.setattr(Provider, "script", script)
    return script
