"""Whether those who are in are still let in: asked in time, and no answer is a refusal in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Forbidden
from gateway.hookspecs import LoginRequest
from gateway.hub import refreshing as module
from gateway.hub.core import Hub
from gateway.hub.refreshing import AGAIN
from gateway.model import Login, digest
from gateway.store import audit, sessions
from tests.gateway.hub.providers import Provider, Script, opened
from tests.gateway.hub.world import World

HOUR = 3600.0


@pytest.fixture
async def hub(
    world: World,
    tmp_path: Path,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Hub]:
    monkeypatch.setattr(Provider, "refresh_seconds", HOUR)
    hub = await opened(world, tmp_path)
    await hub.users.add("alice")
    yield hub
    await hub.close()


async def log_in(hub: Hub, memory: Any = None) -> str:
    (provider,) = [each for each in hub.authenticators if each.name == "provider"]
    login = Login("alice", memory=memory)
    return (await hub.sessions.let_in(provider, login, LoginRequest("192.0.2.7", {}), "")).value


async def is_in(hub: Hub, value: str) -> bool:
    return (await hub.identities.resolve("session", digest(value)))[0] is not None


async def after(hub: Hub, world: World, seconds: float) -> None:
    world.now += seconds
    await hub.entrances.refreshing.round()


async def test_nobody_is_asked_too_early(hub: Hub, world: World, script: Script) -> None:
    value = await log_in(hub)
    await after(hub, world, HOUR - 1)
    assert (script.asked, await is_in(hub, value)) == (0, True)


async def test_who_may_stay_is_brought_up_to_date(hub: Hub, world: World, script: Script) -> None:
    value = await log_in(hub, {"subject": 7})
    script.refresh = Login("alice", admin=True, groups=("staff",), memory={"subject": 8})
    await after(hub, world, HOUR)
    user = await hub.users.get("alice")
    assert user and user.admin and user.groups == ("staff",)
    identity, _ = await hub.identities.resolve("session", digest(value))
    assert identity and identity.admin and identity.groups == ("staff",)
    known = await hub.store(sessions.known, digest(value))
    assert known and (known.memory, known.refresh_at) == ({"subject": 8}, world.now + HOUR)
    await after(hub, world, HOUR - 1)
    assert script.asked == 1


@pytest.mark.parametrize("said", [None, Forbidden("No longer with us."), Login("bob")], ids=repr)
async def test_who_may_not_is_out_at_once(
    hub: Hub,
    world: World,
    script: Script,
    said: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    value = await log_in(hub)
    script.refresh = said
    await after(hub, world, HOUR)
    assert not await is_in(hub, value)
    assert "a session of alice by provider ends" in caplog.text
    (row, *_) = await hub.store(audit.listing)
    assert (row.action, row.subject, row.detail) == ("login.ended", "alice", "provider")


@pytest.mark.parametrize("said", [OSError("down"), "nonsense", "hang"])
async def test_a_provider_that_is_away_has_as_long_again(
    hub: Hub,
    world: World,
    script: Script,
    said: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    value = await log_in(hub)
    script.refresh = said
    await after(hub, world, HOUR)
    await after(hub, world, 1)
    assert (script.asked, await is_in(hub, value)) == (1, True), "it is not asked without a pause"
    await after(hub, world, AGAIN)
    assert script.asked == 2
    await after(hub, world, HOUR)
    assert not await is_in(hub, value)


async def test_one_that_comes_back_in_time(hub: Hub, world: World, script: Script) -> None:
    value = await log_in(hub)
    script.refresh = OSError("down")
    await after(hub, world, HOUR)
    script.refresh = Login("alice")
    await after(hub, world, AGAIN)
    await after(hub, world, HOUR - AGAIN)
    assert await is_in(hub, value)


async def test_a_provider_that_is_away_is_asked_a_few_times_only(
    hub: Hub,
    world: World,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    hub.entrances.refreshing._room = module.asyncio.Semaphore(1)
    values = [await log_in(hub) for _ in range(10)]
    script.refresh = OSError("down")
    await after(hub, world, HOUR)
    assert script.asked == module.ENOUGH
    await after(hub, world, HOUR + 1)
    assert not any([await is_in(hub, value) for value in values]), "all end in time, asked or not"


async def test_one_who_was_disabled_meanwhile(hub: Hub, world: World, script: Script) -> None:
    value = await log_in(hub)
    await hub.users.set_disabled("alice", True)
    script.refresh = Login("alice")
    await after(hub, world, HOUR)
    assert not await is_in(hub, value)


async def test_the_authenticator_is_gone(hub: Hub, world: World) -> None:
    value = await log_in(hub)
    hub.entrances.refreshing._authenticators.clear()
    await after(hub, world, HOUR)
    assert not await is_in(hub, value)


async def test_log_out_leads_to_the_provider(hub: Hub, script: Script) -> None:
    script.log_out = "https://provider.example/logout"
    value = await log_in(hub)
    assert await hub.sessions.log_out(digest(value), "http://hub/hub/login") == "https://provider.example/logout"
    assert not await is_in(hub, value)


@pytest.mark.parametrize("said", [OSError("down"), "javascript:alert(1)", 7, None, "hang"], ids=repr)
async def test_log_out_happens_whatever_the_provider_says(
    hub: Hub,
    script: Script,
    said: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.hub.sessions.FAREWELL", 0.01)
    script.log_out = said
    value = await log_in(hub)
    assert await hub.sessions.log_out(digest(value), "http://hub/hub/login") == ""
    assert not await is_in(hub, value)
