"""All lives together: turns, and what a hub finds that comes after a killed one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import TooMany
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.settings import Settings
from gateway.store import servers, users
from tests.gateway.hub.world import World, a_hub, eventually, in_state, settings


def states(hub: Hub) -> dict[str, str]:
    return {server.full_name: server.state for server in hub.servers.active()}


async def test_only_so_many_start_at_a_time_and_users_take_turns(world: World, tmp_path: Path) -> None:
    world.behaviour["start"] = "slow"
    chosen = settings(tmp_path, spawner={"concurrent_starts": 1, "queue": 3})
    async with a_hub(world, chosen, "alice", "bob") as hub:
        for name in ("", "two", "three"):
            await hub.servers.start("alice", name)
        await hub.servers.start("bob")
        with pytest.raises(TooMany) as caught:
            await hub.servers.start("bob", "two")
        assert caught.value.retry_after
        assert await hub.servers.get("bob", "two") is None, "what was refused leaves nothing"
        assert [hub.servers.position("alice", name) for name in ("", "two", "three")] == [None, 1, 3]
        assert hub.servers.position("bob") == 2
        world.behaviour.clear()
        await hub.servers.stop("alice")
        await eventually(lambda: set(states(hub).values()) == {"ready"})
        assert [call for call in world.calls if call.startswith("start")] == [
            "start alice/",
            "start alice/two",
            "start bob/",
            "start alice/three",
        ]


async def test_a_ready_server_is_ready_again_at_once_on_the_same_route(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        before = await in_state(hub, State.READY)
        route = hub.routes.table.by_id["server:alice/"]
    async with a_hub(world, chosen) as hub:
        assert hub.servers.live("alice") == before
        assert hub.routes.table.by_id["server:alice/"] == route
        assert [step.ready async for step in hub.servers.progress("alice")][-1]
        world.die(before)
        assert await hub.servers.stopped("alice", timeout=5), "it is watched again"
    assert world.told == [("started", "alice/"), ("stopped", "The server ended by itself (exit code 1).")]


async def test_a_server_that_was_found_elsewhere_is_another_generation(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        before = await in_state(hub, State.READY)
    world.port = 10
    async with a_hub(world, chosen) as hub:
        after = hub.servers.live("alice")
        assert after and after.generation == before.generation + 1
        assert hub.routes.table.by_id["server:alice/"].url == "http://127.0.0.1:10"
        assert await hub.store(servers.get, "alice", "") == after


async def test_a_server_that_died_meanwhile_is_stopped_with_a_word(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
    world.running.clear()
    async with a_hub(world, chosen) as hub:
        server = await in_state(hub, State.STOPPED)
        assert server.message == "The server ended while the gateway was away."
        assert world.calls[-2:] == ["adopt alice/", "kill alice/"], "its children may be left"
        assert "server:alice/" not in hub.routes.table.by_id


async def test_one_that_booted_goes_on_booting(world: World, chosen: Settings) -> None:
    world.behaviour["answer"] = "never"
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.BOOTING)
    world.behaviour.clear()
    async with a_hub(world, chosen) as hub:
        server = await in_state(hub, State.READY)
        assert server.generation == 1001
        assert world.calls.count("start alice/") == 1


async def test_killed_between_the_fork_and_the_record(world: World, chosen: Settings) -> None:
    world.behaviour["start"] = "forked"
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await eventually(lambda: world.running)
        assert states(hub) == {"alice/": "spawning"}
    async with a_hub(world, chosen) as hub:
        server = await in_state(hub, State.READY)
        assert server.target and server.target.state == {"id": server.start_id}
        assert world.calls.count("start alice/") == 1


async def test_killed_before_the_fork(world: World, chosen: Settings) -> None:
    world.behaviour["start"] = "slow"
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await eventually(lambda: world.calls)
    async with a_hub(world, chosen) as hub:
        server = await in_state(hub, State.STOPPED)
        assert server.message == "The server ended while it was being started."
        assert world.running == {}
        world.behaviour.clear()
        await hub.servers.start("alice")
        assert (await hub.servers.wait("alice", timeout=5)).state == "ready"


async def test_those_who_waited_wait_on(world: World, tmp_path: Path) -> None:
    world.behaviour["start"] = "slow"
    chosen = settings(tmp_path, spawner={"concurrent_starts": 1, "queue": 1})
    async with a_hub(world, chosen, "alice", "bob") as hub:
        await hub.servers.start("alice")
        await eventually(lambda: world.calls)
        await hub.servers.start("bob")
    world.behaviour.clear()
    async with a_hub(world, chosen) as hub:
        await in_state(hub, State.READY, "bob")


@pytest.mark.parametrize("state", [State.STOPPING, State.KILLING])
async def test_one_that_was_ending_is_ended(world: World, chosen: Settings, state: State) -> None:
    world.behaviour |= {"stop": "ignore", "kill": "ignore"}
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
        await hub.servers.stop("alice")
        await in_state(hub, State.STOPPING)
        if state is State.KILLING:
            hub.hurry()
            await in_state(hub, State.KILLING)
    assert world.running
    world.behaviour.clear()
    async with a_hub(world, chosen) as hub:
        server = await in_state(hub, State.STOPPED)
        assert server.message == ""
        assert world.running == {}


async def test_one_that_nobody_can_look_for_is_killed(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
    world.behaviour["adopt"] = "bug"
    async with a_hub(world, chosen) as hub:
        server = await in_state(hub, State.STOPPED)
        assert server.message == "The server could not be found again after a restart of the gateway."
        assert world.running == {}


async def test_only_what_is_not_stopped_is_touched(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice", "bob") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
        await hub.servers.start("bob")
        await in_state(hub, State.READY, "bob")
        await hub.servers.stop("bob")
        await hub.servers.stopped("bob", timeout=5)
    world.calls.clear()
    async with a_hub(world, chosen):
        assert world.calls == ["adopt alice/"]


async def test_a_profile_that_the_settings_have_lost_keeps_its_server(world: World, tmp_path: Path) -> None:
    gone = {"profiles": [{"name": "old", "command": ["x"]}]}
    async with a_hub(world, settings(tmp_path, **gone), "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
    async with a_hub(world, settings(tmp_path)) as hub:
        assert states(hub) == {"alice/": "ready"}
        assert hub.routes.table.by_id["server:alice/"].auth == "token"


async def test_adopted_servers_of_users_who_may_not_enter_stop(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path), "alice", "bob") as hub:
        for name in ("alice", "bob"):
            await hub.servers.start(name)
            await in_state(hub, State.READY, name)
    async with a_hub(world, settings(tmp_path, authenticator={"blocked_users": ["alice"]})) as hub:
        server = await in_state(hub, State.STOPPED)
        assert server.message == "The user may not use the gateway any more."
        assert states(hub) == {"bob/": "ready"}


async def test_the_clean_end_stops_everything(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice", "bob") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
        world.behaviour["start"] = "slow"
        await hub.servers.start("bob")
        await hub.end_servers()
        assert hub.servers.active() == []
        assert world.running == {}
        assert await hub.store(servers.active) == []
        assert {server.message for server in await hub.servers.of_user("alice")} == {"The gateway was stopped."}


async def test_the_end_is_not_held_up_for_ever(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that cannot be written at the end: the next hub finds that nothing is left."""
    await hub.servers.start("alice")
    await in_state(hub, State.READY)

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(servers, "put", broken)
    for name, value in (("SLACK", 0.1), ("KILL_SECONDS", 0.0)):
        monkeypatch.setattr(f"gateway.hub.lives.{name}", value)
    hub._lives._limits = replace(hub._lives._limits, stop=0.1)
    await hub.end_servers()
    assert "server alice/ does not come to its end" in caplog.text
    assert world.running == {}


async def test_a_user_who_is_removed_under_a_server_keeps_nothing_up(hub: Hub, world: World) -> None:
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await hub.store(users.remove, "alice")
    await in_state(hub, State.STOPPED)
    assert world.running == {}
