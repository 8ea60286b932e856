"""Users: made, changed, removed; what is half done goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.errors import BadInput, Conflict, NotFound, Unavailable
from gateway.hub import logs
from gateway.hub import users as module
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.hub.plugindata import PluginData
from gateway.model import Session, digest
from gateway.settings import Settings
from gateway.store import audit, servers, sessions, users
from tests.gateway.hub.world import World, a_hub, eventually, in_state, in_time, settings


async def actions(hub: Hub) -> list[tuple[str, str, str]]:
    return [(row.actor, row.action, row.subject) for row in await hub.store(audit.listing)]


async def test_add(hub: Hub) -> None:
    assert (await hub.users.add("  Ünï ", admin=True, by="user:root")).name == "ünï"
    user = await hub.users.get("ünï")
    assert user and user.admin
    assert (await actions(hub))[0] == ("user:root", "user.add", "ünï")
    with pytest.raises(Conflict):
        await hub.users.add("ÜNÏ")
    assert await hub.users.count() == 3


@pytest.mark.parametrize("name", ["", "..", "a/b", "a%2fb", "a\\b", "a\nb", "x" * 256, "../x"])
async def test_names_that_are_refused(hub: Hub, name: str) -> None:
    with pytest.raises(BadInput):
        await hub.users.add(name)


@pytest.mark.parametrize("name", ["a@b.c", "x y", "ünï", "x" * 255])
async def test_names_that_are_fine(hub: Hub, name: str) -> None:
    await hub.users.add(name)
    assert await hub.users.get(name)


async def test_the_settings_make_administrators(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, authenticator={"admin_users": ["alice"]})
    async with a_hub(world, chosen, "alice", "bob") as hub:
        assert {user.name: user.admin for user in await hub.users.listing()} == {"alice": True, "bob": False}
        stored = await hub.store(users.get, "alice")
        assert stored and not stored.admin, "taken out of the settings, she is none any more"


async def test_a_disabled_user_is_out_at_once(hub: Hub, world: World) -> None:
    await hub.changes.write(sessions.add, Session("", "alice", 1.0, 9e9, 1.0), "d")
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    assert (await hub.identities.resolve("session", "d"))[0]
    await hub.users.set_disabled("alice", True)
    assert (await hub.identities.resolve("session", "d"))[0] is None
    server = await in_state(hub, State.STOPPED)
    assert server.message == "The user may not use the gateway any more."
    await hub.users.set_disabled("alice", False)
    assert (await hub.identities.resolve("session", "d"))[0] is None, "the old session is not good again"


async def test_removing_stops_everything_first_and_forgets_everywhere(hub: Hub, world: World, chosen: Settings) -> None:
    world.behaviour["stop"] = "ignore"
    await hub.servers.start("alice")
    server = await in_state(hub, State.READY)
    await hub.servers.start("alice", "gpu")
    await in_state(hub, State.READY, name="gpu")
    log = logs.of(logs.folder(chosen.gateway.data_dir), server)
    log.write_text("secret words")
    removing = asyncio.create_task(hub.users.remove("alice", by="user:root"))
    await in_state(hub, State.STOPPING)
    user = await hub.users.get("alice")
    assert user and user.removing, "still there, but locked out"
    assert not hub.users.may_log_in(user, "alice")
    hub.hurry()
    await removing
    assert await hub.users.get("alice") is None
    assert world.running == {}
    assert await hub.store(servers.of_user, "alice") == []
    assert not log.exists()
    assert await PluginData(hub.store, "door").get("forgotten") == "alice"
    assert await PluginData(hub.store, "side").get("forgotten") == "alice"
    assert ("user:root", "user.remove", "alice") in await actions(hub)
    with pytest.raises(NotFound):
        await hub.users.remove("alice")


async def test_a_user_of_the_same_name_inherits_nothing(hub: Hub) -> None:
    value, _ = await hub.tokens.make("alice")
    await hub.users.remove("alice")
    await hub.users.add("alice")
    assert (await hub.identities.resolve("token", digest(value)))[0] is None
    assert await hub.servers.get("alice", "gpu") is None


async def test_a_removal_that_a_crash_has_cut_goes_on(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice", "bob") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
        await hub.store(users.mark_removing, "bob")
        await hub.close()
    async with a_hub(world, chosen, start=False) as hub:
        await hub.store(users.mark_removing, "alice")
    async with a_hub(world, chosen) as hub:

        async def nobody() -> bool:
            return await hub.users.count() == 0

        await in_time(nobody)
        assert world.running == {}


# ── beside a running hub, as a command does it ───────────────────────────────


async def test_a_command_leaves_the_servers_to_the_running_hub(hub: Hub, world: World, chosen: Settings) -> None:
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    async with a_hub(world, chosen, start=False) as command:
        await command.users.remove("alice", by="command")
        assert command.servers.active() == []
    assert await hub.users.get("alice") is None
    assert world.running == {}
    assert world.calls.count("stop alice/") == 1


async def test_a_command_does_not_wait_for_ever(
    hub: Hub, world: World, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMOVAL", 1)
    world.behaviour["stop"] = "ignore"
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    async with a_hub(world, chosen, start=False) as command:
        with pytest.raises(Unavailable, match="the removal goes on"):
            await command.users.remove("alice")
    hub.hurry()
    await eventually(lambda: not hub.servers.active())


async def test_without_a_hub_a_command_does_all_of_it(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
    async with a_hub(world, chosen, start=False) as command:
        await command.users.remove("alice")
        assert await command.users.get("alice") is None
    assert world.running == {}, "a server that a hub has left is found and stopped"
