"""Accounts that strangers ask for: who decides, what is told, and what cannot be had."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.errors import BadInput, Conflict, Forbidden, HubgateError, NotFound, TooMany
from gateway.hookspecs import LoginRequest
from gateway.hub import signups as module
from gateway.hub.core import Hub
from gateway.model import SignUp
from gateway.store import audit
from plugins.authenticators.native import NativeAuthenticator
from tests.gateway.hub.natives import PASSWORD, REQUEST, log_in, natives
from tests.gateway.hub.world import World

APPROVED, OPEN = {"signup": True}, {"signup": True, "approval": False}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)


async def names(hub: Hub) -> list[str]:
    return [each.name for each in await hub.entrances.sign_ups.listing()]


async def test_closed_unless_the_settings_open_it(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path) as hub:
        assert not hub.entrances.sign_ups.open
        with pytest.raises(NotFound):
            await hub.entrances.sign_ups.ask("eve", PASSWORD, REQUEST)


async def test_an_administrator_decides(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        assert (hub.entrances.sign_ups.open, hub.entrances.sign_ups.decided, hub.entrances.sign_ups.by) == (
            True,
            True,
            "native",
        )
        await hub.entrances.sign_ups.ask(" EVE ", PASSWORD, REQUEST)
        assert await hub.entrances.sign_ups.listing() == [SignUp("eve", "native", "192.0.2.7", world.now)]
        with pytest.raises(Forbidden):
            await log_in(hub, "eve")
        assert await hub.users.get("eve") is None
        await hub.entrances.sign_ups.approve("eve", "user:root")
        assert (await log_in(hub, "eve")).session.user == "eve"
        assert await names(hub) == []
        actions = [(row.actor, row.action, row.subject) for row in await hub.store(audit.listing)]
        assert ("user:root", "user.add", "eve") in actions and ("", "signup", "eve") in actions
        with pytest.raises(NotFound):
            await hub.entrances.sign_ups.approve("eve", "user:root")


async def test_who_is_turned_down_leaves_nothing(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        await hub.entrances.sign_ups.ask("eve", PASSWORD, REQUEST)
        await hub.entrances.sign_ups.refuse("eve", "user:root")
        assert await names(hub) == []
        assert not await hub.authenticators[0].has_password("eve")
        with pytest.raises(NotFound):
            await hub.entrances.sign_ups.known("eve")


async def test_the_answer_is_the_same_whether_the_name_is_free_or_not(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, APPROVED, blocked_users=["blocked"]) as hub:
        await hub.users.add("alice")
        await hub.authenticators[0].set_password("alice", PASSWORD)
        await hub.entrances.sign_ups.ask("waiting", PASSWORD, REQUEST)
        rows = len(await hub.store(audit.listing))
        for number, name in enumerate(("free", "alice", "waiting", "blocked"), 1):
            await hub.entrances.sign_ups.ask(name, "quite another password", REQUEST)
            assert len(await hub.store(audit.listing)) == rows + number, "the same work, so that time tells nothing"
        assert await names(hub) == ["waiting", "free"]
        assert (await log_in(hub, "alice")).session.user == "alice", "the password of who is there stays"
        await hub.entrances.sign_ups.approve("waiting", "user:root")
        assert await log_in(hub, "waiting"), "the first one to ask has it"


async def test_nobody_decides(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, OPEN) as hub:
        await hub.entrances.sign_ups.ask("eve", PASSWORD, REQUEST)
        assert (await log_in(hub, "eve")).session.user == "eve"
        user = await hub.users.get("eve")
        assert user and not user.admin


async def test_names_of_others_cannot_be_had(world: World, tmp_path: Path) -> None:
    people = {"blocked_users": ["blocked"], "admin_users": ["boss"], "allowed_users": ["invited"]}
    async with natives(world, tmp_path, OPEN, **people) as hub:
        await hub.users.add("alice")
        for name in ("alice", "ALICE", "blocked", "boss", "invited"):
            with pytest.raises(Conflict, match="cannot be had"):
                await hub.entrances.sign_ups.ask(name, PASSWORD, REQUEST)
            assert not await hub.authenticators[0].has_password(name)


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "a b", "аdmin", "ünï", "x" * 65, "a\0b", "-a", "x" * 100_000, "<b>"], ids=lambda n: n[:9]
)
async def test_names_that_nobody_may_choose(world: World, tmp_path: Path, name: str) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        with pytest.raises(BadInput, match="user name must"):
            await hub.entrances.sign_ups.ask(name, PASSWORD, REQUEST)


@pytest.mark.parametrize("password", ["short", "password1234", "eve-eve-eve-1", "x" * 5000])
async def test_passwords_that_nobody_may_have(world: World, tmp_path: Path, password: str) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        with pytest.raises(BadInput, match="password must"):
            await hub.entrances.sign_ups.ask("eve", password, REQUEST)
        assert await names(hub) == []


async def test_only_so_many_wait(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 2)
    async with natives(world, tmp_path, APPROVED) as hub:
        await hub.users.add("alice")
        for name in ("one", "two"):
            await hub.entrances.sign_ups.ask(name, PASSWORD, REQUEST)
        for name in ("three", "alice", "two"):
            with pytest.raises(TooMany, match="another day"):
                await hub.entrances.sign_ups.ask(name, PASSWORD, REQUEST)


async def test_an_address_may_ask_so_often(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        began = time.monotonic()
        with pytest.raises(TooMany) as caught:
            for number in range(100):
                try:
                    await hub.entrances.sign_ups.ask(f"eve{number}", "short", REQUEST)
                except BadInput:
                    continue
        assert caught.value.retry_after and time.monotonic() - began < 10
        await hub.entrances.sign_ups.ask("bob", PASSWORD, LoginRequest("192.0.2.8", {}))


async def test_one_name_asked_for_and_made_in_the_meantime(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        await hub.entrances.sign_ups.ask("eve", PASSWORD, REQUEST)
        await hub.users.add("eve")
        with pytest.raises(Conflict):
            await hub.entrances.sign_ups.approve("eve", "user:root")
        assert not await hub.authenticators[0].has_password("eve"), "who is there does not get a stranger's password"
        assert await names(hub) == ["eve"]


async def test_an_authenticator_that_keeps_what_it_should_not(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with natives(world, tmp_path, APPROVED) as hub:
        for said in ({"admin": True}, "a hash", None):

            async def registered(*_: object, said: object = said) -> object:
                return said

            monkeypatch.setattr(NativeAuthenticator, "registered", registered)
            with pytest.raises(HubgateError, match="does not work"):
                await hub.entrances.sign_ups.ask("eve", PASSWORD, REQUEST)
            assert await names(hub) == []


async def test_open_sign_up_beside_another_authenticator_is_warned_of(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path / "one", OPEN) as hub:
        assert hub.entrances.sign_ups.warnings() == []
    async with natives(world, tmp_path / "two", OPEN, plugin=["native", "door"]) as hub:
        assert "approval = true" in hub.entrances.sign_ups.warnings()[0]
