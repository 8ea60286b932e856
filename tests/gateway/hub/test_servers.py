"""What may be asked of servers: records, starts, waiting, progress, logs, removal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BadInput, Conflict, Forbidden, NotFound, Unavailable
from gateway.hub import logs
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.model import Progress, Server
from gateway.settings import Settings
from gateway.store import audit, servers, users
from tests.gateway.hub.world import World, a_hub, eventually, in_state, settings


async def steps(hub: Hub, user: str = "alice", name: str = "") -> list[Progress]:
    return [step async for step in hub.servers.progress(user, name)]


async def test_a_default_server_always_has_a_record(hub: Hub) -> None:
    assert await hub.servers.get("alice") == Server("alice", "")
    assert await hub.servers.get("alice", "gpu") is None
    assert await hub.servers.of_user("alice") == [Server("alice", "")]
    assert hub.servers.live("alice") is None


async def test_records_are_current_and_sorted(hub: Hub, world: World) -> None:
    world.behaviour["start"] = "slow"
    await hub.servers.start("alice", "zeta")
    await hub.servers.start("alice", "alpha")
    for name in ("alpha", "zeta"):
        await in_state(hub, State.SPAWNING, name=name)
    found = await hub.servers.of_user("alice")
    assert [(server.name, server.state != "stopped") for server in found] == [
        ("", False),
        ("alpha", True),
        ("zeta", True),
    ]
    assert found[1] == hub.servers.live("alice", "alpha") == await hub.servers.get("alice", "alpha")


async def test_the_last_use_is_that_of_the_store(hub: Hub, world: World) -> None:
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    world.now = 5000.0
    hub.activity.note({}, {"alice/": 4000.0})
    await hub.activity.flush()
    server = await hub.servers.get("alice")
    assert server and server.last_activity == 4000.0
    assert await hub.servers.of_user("alice") == [server]
    await hub.servers.stop("alice")
    await in_state(hub, State.STOPPED)
    server = await hub.servers.get("alice")
    assert server and server.last_activity == 4000.0


async def test_a_second_start_is_a_conflict_in_every_state(hub: Hub, world: World) -> None:
    world.behaviour |= {"answer": "never", "stop": "ignore"}
    for state in (State.QUEUED, State.BOOTING, State.STOPPING):
        if state is State.QUEUED:
            await hub.servers.start("alice")
        elif state is State.STOPPING:
            await hub.servers.stop("alice")
        await in_state(hub, state) if state is not State.QUEUED else None
        with pytest.raises(Conflict):
            await hub.servers.start("alice")
    assert world.calls.count("start alice/") == 1


async def test_two_at_the_same_moment_start_one(hub: Hub, world: World) -> None:
    both = await asyncio.gather(hub.servers.start("alice"), hub.servers.start("alice"), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) == ["Conflict", "Server"]
    await in_state(hub, State.READY)
    assert world.calls.count("start alice/") == 1


async def test_the_limit_of_named_servers_holds_for_those_who_hurry(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path, spawner={"servers_per_user": 2}), "alice") as hub:
        many = [hub.servers.start("alice", f"s{number}") for number in range(6)]
        done = await asyncio.gather(*many, return_exceptions=True)
        assert sum(isinstance(each, Server) for each in done) == 2
        assert sum(isinstance(each, BadInput) for each in done) == 4


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("nobody",), NotFound),
        (("alice", "Bad Name"), BadInput),
        (("alice", "", "nonsense"), BadInput),
    ],
)
async def test_a_refused_start_leaves_nothing(hub: Hub, arguments: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        await hub.servers.start(*arguments)
    assert hub.servers.active() == []
    assert hub.servers.position("alice") is None
    assert await hub.store(servers.of_user, "alice") == []


async def test_who_is_disabled_starts_nothing(hub: Hub) -> None:
    await hub.users.set_disabled("alice", True)
    with pytest.raises(Forbidden):
        await hub.servers.start("alice")


async def test_a_start_that_cannot_be_kept_gives_its_place_back(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise Unavailable("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(servers, "put", broken)
        with pytest.raises(Unavailable):
            await hub.servers.start("alice")
    assert hub.servers.active() == []
    await hub.servers.start("alice")
    await in_state(hub, State.READY)


async def test_nothing_is_started_while_the_hub_ends(hub: Hub) -> None:
    await hub.end_servers()
    with pytest.raises(Unavailable):
        await hub.servers.start("alice")


async def test_profiles_and_options_are_remembered(world: World, tmp_path: Path) -> None:
    profiles = [{"name": "lab", "command": ["x"]}, {"name": "gpu", "command": ["x"]}]
    async with a_hub(world, settings(tmp_path, profiles=profiles), "alice") as hub:
        user = await hub.users.get("alice")
        assert user and [profile.name for profile in hub.servers.profiles_for(user)] == ["lab", "gpu"]
        for arguments, expected in (((), ("lab", {})), (("gpu", {"n": 1}), ("gpu", {"n": 1})), ((), ("gpu", {"n": 1}))):
            server = await hub.servers.start("alice", "", *arguments)
            assert (server.profile, server.options) == expected
            await hub.servers.stop("alice")
            await hub.servers.stopped("alice", timeout=5)


async def test_who_did_it_is_written_down(hub: Hub) -> None:
    await hub.servers.start("alice", by="user:root")
    await in_state(hub, State.READY)
    await hub.servers.stop("alice", by="user:bob", reason="Because.")
    await hub.servers.stopped("alice", timeout=5)
    rows = [row for row in await hub.store(audit.listing) if row.action.startswith("server")]
    assert [(row.actor, row.action, row.subject, row.detail) for row in rows] == [
        ("user:bob", "server.stopped", "alice/", "Because."),
        ("user:root", "server.start", "alice/", "lab"),
    ]


async def test_waiting(hub: Hub, world: World) -> None:
    world.behaviour["start"] = "slow"
    await hub.servers.start("alice")
    assert (await hub.servers.wait("alice", timeout=0.05)).state in ("queued", "spawning")
    assert not await hub.servers.stopped("alice", timeout=0.05)
    assert await hub.servers.stopped("bob", timeout=0.05)
    assert (await hub.servers.wait("bob", timeout=0.05)).state == "stopped"
    await hub.servers.stop("alice")
    assert (await hub.servers.wait("alice", timeout=5)).state == "stopped"


# ── progress ─────────────────────────────────────────────────────────────────


async def test_progress_is_live_and_replayed(hub: Hub, world: World) -> None:
    world.behaviour["answer"] = "never"
    await hub.servers.start("alice")
    await in_state(hub, State.BOOTING)
    following = asyncio.create_task(steps(hub))
    await asyncio.sleep(0.02)
    assert not following.done()
    await hub.servers.stop("alice")
    told = await asyncio.wait_for(following, 5)
    assert [step.message for step in told] == [
        "Server requested",
        "Starting the server",
        "It runs",
        "Waiting until the server answers",
        "Cleaning up",
        "The start was cancelled.",
    ]
    assert told[-1].failed
    assert await steps(hub) == told, "still there for who comes late"


async def test_a_ready_server_gives_its_ready_step_at_once(hub: Hub) -> None:
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    assert (await steps(hub))[-1].ready


async def test_a_failure_outlives_the_hub(world: World, chosen: Settings) -> None:
    world.behaviour["start"] = "fail"
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await hub.servers.stopped("alice", timeout=5)
    async with a_hub(world, chosen) as hub:
        assert await steps(hub) == [Progress(100, "There is no room for it.", failed=True)]


async def test_one_that_died_after_it_was_ready_is_not_called_ready(hub: Hub, world: World) -> None:
    await hub.servers.start("alice")
    world.die(await in_state(hub, State.READY), 9)
    await in_state(hub, State.STOPPED)
    assert await steps(hub) == [Progress(100, "The server ended by itself (exit code 9).", failed=True)]


async def test_what_is_not_starting_has_no_progress(hub: Hub, world: World) -> None:
    with pytest.raises(NotFound):
        await steps(hub, name="gpu")
    with pytest.raises(BadInput):
        await steps(hub)
    world.behaviour["stop"] = "ignore"
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await hub.servers.stop("alice")
    await in_state(hub, State.STOPPING)
    with pytest.raises(BadInput):
        await steps(hub)
    hub.hurry()
    await in_state(hub, State.STOPPED)
    with pytest.raises(BadInput):
        await steps(hub)


# ── the rest ─────────────────────────────────────────────────────────────────


async def test_the_log(hub: Hub, chosen: Settings) -> None:
    assert await hub.servers.log_tail("alice") == []
    (logs.folder(chosen.gateway.data_dir) / "alice@gpu.log").write_text("one\ntwo\nthree\n")
    assert await hub.servers.log_tail("alice", "gpu", 2) == ["two", "three"]
    looks = hub.servers.log_follow("alice", "gpu", 1)
    assert [lines async for lines in looks] == [["three"], []], "it is stopped, so nothing follows"


async def test_remove(hub: Hub, chosen: Settings) -> None:
    with pytest.raises(NotFound):
        await hub.servers.remove("alice", "gpu")
    await hub.servers.start("alice", "gpu")
    await hub.servers.start("alice")
    await eventually(lambda: all(server.state == "ready" for server in hub.servers.active()))
    with pytest.raises(Conflict):
        await hub.servers.remove("alice", "gpu")
    log = logs.folder(chosen.gateway.data_dir) / "alice@gpu.log"
    log.touch()
    await hub.servers.stop("alice", "gpu")
    await hub.servers.stopped("alice", "gpu", timeout=5)
    assert set(hub.routes.table.by_id) >= {"server:alice/", "server:alice/gpu"}
    await hub.servers.remove("alice", "gpu")
    assert await hub.servers.get("alice", "gpu") is None
    assert "server:alice/gpu" not in hub.routes.table.by_id
    assert not log.exists()


async def test_the_spawner(hub: Hub) -> None:
    assert hub.servers.spawner().name == "scripted"
    assert hub.servers.spawner("scripted") is hub.servers.spawner()


async def test_groups_reach_the_routes(hub: Hub) -> None:
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await hub.changes.write(users.set_groups, "alice", ["class"])
    await eventually(lambda: hub.routes.table.by_id["server:alice/"].owner_groups == ("class",))
