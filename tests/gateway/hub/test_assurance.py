"""Whoever has a password must know it; whoever has none must have logged in just now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pluggy
import pytest

from gateway.errors import Forbidden, TooMany, Unavailable
from gateway.hookspecs import PROJECT, Hookspecs, LoginRequest
from gateway.hub.assurance import RECENT, TOO_OLD
from gateway.hub.core import Hub
from gateway.model import Login, digest
from gateway.pluginmanager import Hooks
from plugins.authenticators import header, native
from tests.gateway.hub.natives import PASSWORD
from tests.gateway.hub.providers import Offering
from tests.gateway.hub.world import Plugin, World, settings

PROXY = LoginRequest("192.0.2.7", {"remote-user": "alice"}, by_proxy=True)


@pytest.fixture
async def hub(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr(native.NativeAuthenticator, "rounds", 4)
    people = {"plugin": ["header", "provider", "native", "door"], "native": {"max_failures": 2}}
    gateway = {"data_dir": tmp_path / "data", "trusted_proxies": ["10.0.0.1"]}
    chosen = settings(tmp_path, gateway=gateway, authenticator=people, sharing={"handlers": []})
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (Plugin(world), Offering(), header, native):
        manager.register(plugin)
    hub = await Hub.open(chosen, Hooks(manager, chosen), world.clock)
    await hub.users.add("alice")
    yield hub
    await hub.close()


async def entered(hub: Hub, by: str) -> str:
    """Digest of a session of alice's that was made in that way."""
    chosen = next(each for each in hub.authenticators if each.name == by)
    return digest((await hub.sessions.let_in(chosen, Login("alice"), PROXY, "")).value)


async def proved(hub: Hub, session: str, password: str = "", user: str = "alice") -> bool:
    try:
        await hub.entrances.assurance.prove(user, session, password, PROXY)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("by", ["header", "provider"])
async def test_without_a_password_a_recent_log_in_counts(hub: Hub, world: World, by: str) -> None:
    session, assurance = await entered(hub, by), hub.entrances.assurance
    world.now += RECENT
    assert (await assurance.wanted("alice", session), await proved(hub, session)) == ("", True)
    world.now += 0.1
    assert await assurance.wanted("alice", session) == "log-in"
    with pytest.raises(Forbidden, match=TOO_OLD):
        await assurance.prove("alice", session, "anything", PROXY)
    assert await proved(hub, await entered(hub, by))
    assert not await proved(hub, session), "of another browser"


async def test_a_log_in_of_the_future_is_not_recent(hub: Hub, world: World) -> None:
    session = await entered(hub, "header")
    world.now -= 60
    assert not await proved(hub, session)


@pytest.mark.parametrize("by", ["header", "provider", "native", "door"])
async def test_whoever_has_a_password_must_know_it_however_they_came(hub: Hub, by: str) -> None:
    """The header in the request names alice, and the log-in is a second old: neither will do."""
    await hub.authenticators[2].set_password("alice", PASSWORD)
    session = await entered(hub, by)
    assert await hub.entrances.assurance.wanted("alice", session) == "password"
    assert not await proved(hub, session, "right"), "that is what the door would take"
    assert await proved(hub, session, PASSWORD)


async def test_guesses_are_counted_as_at_log_in(hub: Hub) -> None:
    await hub.authenticators[2].set_password("alice", PASSWORD)
    session = await entered(hub, "provider")
    assert [await proved(hub, session, guess) for guess in ("a guess", "another")] == [False, False]
    with pytest.raises(TooMany):
        await proved(hub, session, PASSWORD)


async def test_a_password_that_is_kept_elsewhere_is_asked_for_there(hub: Hub) -> None:
    session = await entered(hub, "door")
    assert await hub.entrances.assurance.wanted("alice", session) == "password"
    assert [await proved(hub, session, word) for word in ("", "wrong", "right")] == [False, False, True]


async def test_a_session_that_is_over_or_another_persons(hub: Hub) -> None:
    await hub.users.add("bob")
    session = await entered(hub, "header")
    assert not await proved(hub, session, user="bob")
    await hub.sessions.log_out(session)
    assert not await proved(hub, session)


@pytest.mark.parametrize("says", [RuntimeError("gone"), None, "no"], ids=repr)
async def test_where_it_cannot_be_told_nothing_is_proved(hub: Hub, monkeypatch: pytest.MonkeyPatch, says: Any) -> None:
    async def has_password(*_: object) -> Any:
        if isinstance(says, Exception):
            raise says
        return says

    session = await entered(hub, "header")
    monkeypatch.setattr(native.NativeAuthenticator, "has_password", has_password)
    with pytest.raises(Unavailable):
        await proved(hub, session)
