"""Passwords changed by their owners and set by administrators; and what a rename does to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.errors import BadInput, Conflict, Forbidden, NotFound, TooMany
from gateway.hub.core import Hub
from gateway.hub.passwords import WRONG, keeper_of
from gateway.model import digest
from gateway.store import audit, plugindata
from plugins.authenticators.native import NativeAuthenticator
from tests.gateway.hub.natives import PASSWORD, REQUEST, log_in, natives
from tests.gateway.hub.world import World, a_hub, settings

NEW = "quite another password"


@pytest.fixture
async def hub(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    async with natives(world, tmp_path, {"max_failures": 3}) as hub:
        await hub.users.add("alice")
        await hub.authenticators[0].set_password("alice", PASSWORD)
        yield hub


async def is_in(hub: Hub, value: str) -> bool:
    return (await hub.identities.resolve("session", digest(value)))[0] is not None


async def test_a_change_ends_all_other_sessions(hub: Hub) -> None:
    here, there = (await log_in(hub, "alice")).value, (await log_in(hub, "alice")).value
    await hub.entrances.passwords.change("alice", PASSWORD, NEW, REQUEST, digest(here))
    assert (await is_in(hub, here), await is_in(hub, there)) == (True, False)
    with pytest.raises(Forbidden):
        await log_in(hub, "alice")
    assert await log_in(hub, "alice", NEW)
    actions = [(row.actor, row.action, row.subject) for row in await hub.store(audit.listing)]
    assert ("user:alice", "password.change", "alice") in actions


async def test_the_old_one_must_be_known(hub: Hub) -> None:
    here = digest((await log_in(hub, "alice")).value)
    for _ in range(3):
        with pytest.raises(Forbidden, match=WRONG):
            await hub.entrances.passwords.change("alice", "wrong", NEW, REQUEST, here)
    with pytest.raises(TooMany):
        await hub.entrances.passwords.change("alice", PASSWORD, NEW, REQUEST, here)
    assert not await log_in_works(hub, NEW)


async def log_in_works(hub: Hub, password: str) -> bool:
    try:
        return bool(await log_in(hub, "alice", password))
    except (Forbidden, TooMany):
        return False


@pytest.mark.parametrize("new", ["short", PASSWORD, "password1234"])
async def test_the_new_one_must_be_fit(hub: Hub, new: str) -> None:
    here, there = (await log_in(hub, "alice")).value, (await log_in(hub, "alice")).value
    with pytest.raises(BadInput):
        await hub.entrances.passwords.change("alice", PASSWORD, new, REQUEST, digest(here))
    assert await is_in(hub, there)
    assert await log_in_works(hub, PASSWORD)


async def test_somebody_without_a_password_has_none_to_change(hub: Hub) -> None:
    await hub.users.add("bob")
    with pytest.raises(Forbidden, match=WRONG):
        await hub.entrances.passwords.change("bob", "", NEW, REQUEST, "x")


async def test_an_administrator_sets_one(hub: Hub) -> None:
    there = (await log_in(hub, "alice")).value
    await hub.entrances.passwords.reset("alice", NEW, "user:root")
    assert not await is_in(hub, there)
    assert await log_in_works(hub, NEW)
    (row, *_) = [row for row in await hub.store(audit.listing) if row.action == "password.reset"]
    assert (row.actor, row.subject, row.detail) == ("user:root", "alice", "")


async def test_not_for_somebody_who_is_not_there(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        await hub.entrances.passwords.reset("nobody", NEW, "user:root")
    real = NativeAuthenticator.set_password

    async def removed_meanwhile(self: NativeAuthenticator, name: str, password: str) -> None:
        await hub.users.remove("alice")
        await real(self, name, password)

    monkeypatch.setattr(NativeAuthenticator, "set_password", removed_meanwhile)
    with pytest.raises(NotFound):
        await hub.entrances.passwords.reset("alice", NEW, "user:root")
    assert not await hub.authenticators[0].has_password("alice"), "nothing waits for the next one of that name"


async def test_where_none_are_kept(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path), "alice", start=False) as hub:
        assert not hub.entrances.passwords.kept
        assert keeper_of(hub.authenticators) is None
        with pytest.raises(Conflict):
            await hub.entrances.passwords.reset("alice", NEW, "user:root")


# ── another name ─────────────────────────────────────────────────────────────


async def test_a_password_goes_along_with_a_new_name_in_one_step(
    hub: Hub, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub dies right after the transaction: what an authenticator is told then is told to nobody."""

    async def dead(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(NativeAuthenticator, "rename", dead)
    with pytest.raises(SystemExit):
        await hub.users.rename("alice", "alicia")
    await hub.close()
    monkeypatch.undo()
    async with natives(world, tmp_path) as again:
        assert await again.users.get("alice") is None
        assert (await log_in(again, "alicia")).session.user == "alicia"
        assert not await again.authenticators[0].has_password("alice")
        await again.users.add("alice")
        with pytest.raises(Forbidden):
            await log_in(again, "alice")


async def test_a_rename_that_is_refused_moves_nothing(hub: Hub) -> None:
    await hub.users.add("bob")
    with pytest.raises(Conflict):
        await hub.users.rename("alice", "bob")
    assert await log_in_works(hub, PASSWORD)
    assert not await hub.authenticators[0].has_password("bob")


async def test_it_goes_along_even_while_its_authenticator_is_not_in_use(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, plugin=["door"]) as hub:
        await hub.users.add("alice")
        await hub.store(plugindata.put, "native", "password:alice", "a hash")
        await hub.users.rename("alice", "alicia")
        assert await hub.store(plugindata.get, "native", "password:alicia") == "a hash"
        await hub.users.remove("alicia")
        assert await hub.store(plugindata.get, "native", "password:alicia") is None
