"""One server's life with a scripted spawner: every way down, in every state, and what is kept of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import StartFailed
from gateway.hub import life
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.model import Progress, Said, Server
from gateway.store import servers
from tests.gateway.hub.world import World, a_hub, eventually, in_state, settings


async def kept(hub: Hub, name: str = "") -> Server:
    """What the store says, not the memory."""
    server = await hub.store(servers.get, "alice", name)
    assert server is not None
    return server


async def steps(hub: Hub, name: str = "") -> list[Progress]:
    return [step async for step in hub.servers.progress("alice", name)]


async def test_the_usual_way(hub: Hub, world: World) -> None:
    queued = await hub.servers.start("alice")
    assert (queued.state, queued.generation) == ("queued", 1001)
    ready = await hub.servers.wait("alice", timeout=5)
    assert ready.state == "ready"
    assert ready.target is not None and ready.target.secret == ready.secret
    assert ready.secret.startswith("server.") and len(ready.secret) > 40
    assert ready.started == world.now
    assert await kept(hub) == ready
    told = await steps(hub)
    assert told[-1] == Progress(100, "Server ready at /user/alice/", ready=True, url="/user/alice/")
    assert "It runs" in [step.message for step in told]
    await hub.servers.stop("alice")
    assert await hub.servers.stopped("alice", timeout=5)
    assert (await kept(hub)).state == "stopped"
    assert world.running == {}
    assert world.calls == ["start alice/", "check alice/", "stop alice/"]
    assert world.told == [("started", "alice/"), ("stopped", "")]


async def test_each_start_has_a_new_id_secret_and_generation(hub: Hub) -> None:
    seen: set[Any] = set()
    for _ in range(3):
        await hub.servers.start("alice")
        server = await hub.servers.wait("alice", timeout=5)
        seen |= {server.generation, server.start_id, server.secret}
        await hub.servers.stop("alice")
        await hub.servers.stopped("alice", timeout=5)
    assert len(seen) == 9


async def test_the_start_id_is_kept_before_the_spawner_is_asked(hub: Hub, world: World) -> None:
    world.behaviour["start"] = "slow"
    await hub.servers.start("alice")
    await eventually(lambda: world.calls)
    server = await kept(hub)
    assert server.state == "spawning"
    assert len(server.start_id) == 32
    assert server.target is None


async def test_the_target_is_kept_before_its_answer_is_waited_for(hub: Hub, world: World) -> None:
    world.behaviour["answer"] = "never"
    await hub.servers.start("alice")
    await in_state(hub, State.BOOTING)
    server = await kept(hub)
    assert server.state == "booting"
    assert server.target is not None and server.target.state == {"id": server.start_id}


@pytest.mark.parametrize(
    ("key", "about"),
    [
        ("", {}),
        ("x" * 65, {}),
        (7, {}),
        ("k", {"a": "x" * 2000}),
        ("k", {"a": [1]}),
        ("k", {"a": None}),
        ("k", {7: "a"}),
        ("k", {"a": float("nan")}),
        ("k", {"a": float("inf")}),
        ("k", {"a": 10**5000}),
    ],
)
def test_what_a_plugin_brings_and_cannot_be_kept(key: Any, about: Any) -> None:
    assert life.said_of(StartFailed("It would not.", key=key, about=about)) is None


def test_what_an_error_brings_for_other_languages() -> None:
    error = StartFailed("It would not.", key="start-command", about={"what": "pre_start", "code": 3, "share": 0.5})
    assert life.said_of(error) == Said(error.key, error.about)


FAILURES = {
    "fail": "There is no room for it.",
    "bug": "An internal error of the gateway; its log tells more.",
    "nonsense": "The spawner did not say where the server answers.",
}


@pytest.mark.parametrize("how", FAILURES)
async def test_a_start_that_fails_leaves_nothing_and_says_why(hub: Hub, world: World, how: str) -> None:
    world.behaviour["start"] = how
    await hub.servers.start("alice")
    server = await hub.servers.wait("alice", timeout=5)
    assert (server.state, server.message) == ("stopped", FAILURES[how])
    assert (await steps(hub))[-1] == Progress(100, FAILURES[how], failed=True)
    assert await kept(hub) == server
    # It was looked for, for the spawner may have been in the middle of something.
    assert "adopt alice/" in world.calls
    assert hub.routes.table.by_id.keys() == {"hub", "hub-api"}


async def test_one_who_answers_but_is_a_stranger(hub: Hub, world: World) -> None:
    world.behaviour["check"] = "fail"
    await hub.servers.start("alice")
    server = await hub.servers.wait("alice", timeout=5)
    assert (server.state, server.message) == ("stopped", "Somebody else answers there.")
    assert world.running == {}
    assert world.calls[-1] == "kill alice/"


async def test_dead_before_it_answered(hub: Hub, world: World) -> None:
    world.behaviour["answer"] = "never"
    await hub.servers.start("alice")
    world.die(await in_state(hub, State.BOOTING), 3)
    server = await hub.servers.wait("alice", timeout=5)
    assert server.message == "The server ended before it answered (exit code 3)."
    assert server.said == Said("start-ended", {"code": 3})
    assert await kept(hub) == server
    assert world.calls[-1] == "kill alice/", "what it has left behind is ended"


async def test_dead_while_ready(hub: Hub, world: World) -> None:
    await hub.servers.start("alice")
    world.die(await in_state(hub, State.READY), 137)
    assert await hub.servers.stopped("alice", timeout=5)
    assert (await kept(hub)).message == "The server ended by itself (exit code 137)."
    assert world.calls[-1] == "kill alice/"


async def test_a_spawner_that_loses_sight_of_a_server_is_asked_again(hub: Hub, world: World) -> None:
    world.behaviour["died"] = "bug"
    await hub.servers.start("alice")
    server = await in_state(hub, State.READY)
    await asyncio.sleep(0.05)
    assert hub.servers.live("alice") == server
    world.behaviour.clear()
    world.die(server)
    assert await hub.servers.stopped("alice", timeout=5)


# ── deadlines ────────────────────────────────────────────────────────────────


async def hurried(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **behaviour: str
) -> tuple[Server, list[str]]:
    """Start, and if it gets ready stop, with very short deadlines; the record in the end."""
    monkeypatch.setattr(life, "KILL_SECONDS", 0.05)
    world.behaviour |= behaviour
    chosen = settings(tmp_path, spawner={"start_timeout": 0.1, "stop_timeout": 0.05})
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        if (await hub.servers.wait("alice", timeout=5)).state == "ready":
            await hub.servers.stop("alice")
        assert await hub.servers.stopped("alice", timeout=5)
        return await kept(hub), world.calls


async def test_a_start_that_does_not_end(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, calls = await hurried(world, tmp_path, monkeypatch, start="slow")
    assert server.message == "The server was not started within 0.1 seconds."
    assert calls == ["start alice/", "adopt alice/"]


async def test_a_start_that_has_forked_and_does_not_end(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, calls = await hurried(world, tmp_path, monkeypatch, start="forked")
    assert calls == ["start alice/", "adopt alice/", "kill alice/"]
    assert world.running == {}


async def test_never_ready(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, calls = await hurried(world, tmp_path, monkeypatch, answer="never")
    assert server.message == "The server did not answer within 0.1 seconds."
    assert calls == ["start alice/", "stop alice/"]
    assert world.running == {}


async def test_one_that_does_not_stop_is_killed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, calls = await hurried(world, tmp_path, monkeypatch, stop="ignore")
    assert server.message == ""
    assert calls[-2:] == ["stop alice/", "kill alice/"]
    assert world.running == {}


async def test_a_spawner_that_fails_to_stop_is_told_to_kill(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, calls = await hurried(world, tmp_path, monkeypatch, stop="bug")
    assert calls[-2:] == ["stop alice/", "kill alice/"]


@pytest.mark.parametrize("how", ["ignore", "bug"])
async def test_one_that_cannot_be_killed_is_said_to_be(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    server, calls = await hurried(world, tmp_path, monkeypatch, answer="never", stop="ignore", kill=how)
    assert server.message == f"The server did not answer within 0.1 seconds. {life.NOT_KILLED}"
    assert server.said is None, "for both together there are no other words"
    assert calls.count("kill alice/") >= (2 if how == "bug" else 1)


async def test_waiting_for_a_turn_has_an_end_too(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.hub.lives.KILL_SECONDS", 0.0)
    world.behaviour["answer"] = "never"
    chosen = settings(tmp_path, spawner={"concurrent_starts": 1, "queue": 1, "start_timeout": 0.3, "stop_timeout": 0})
    async with a_hub(world, chosen, "alice", "bob") as hub:
        await hub.servers.start("bob")
        hub.servers._lives.queue.take(("ghost", ""))  # a place that is never given back
        await hub.servers.start("alice")
        assert await hub.servers.stopped("alice", timeout=5)
        assert (await kept(hub)).message == "It waited too long for its turn."


# ── cancelled ────────────────────────────────────────────────────────────────


async def test_cancelled_while_it_waits(world: World, tmp_path: Path) -> None:
    world.behaviour["start"] = "slow"
    async with a_hub(world, settings(tmp_path, spawner={"concurrent_starts": 1}), "alice", "bob") as hub:
        await hub.servers.start("bob")
        await hub.servers.start("alice")
        assert hub.servers.position("alice") == 1
        await hub.servers.stop("alice")
        assert await hub.servers.stopped("alice", timeout=5)
        assert hub.servers.position("alice") is None
        assert (await steps(hub))[-1] == Progress(100, "The start was cancelled.", failed=True)
        assert "start alice/" not in world.calls


@pytest.mark.parametrize("how", ["slow", "forked"])
async def test_cancelled_while_it_is_spawned(hub: Hub, world: World, how: str) -> None:
    world.behaviour["start"] = how
    await hub.servers.start("alice")
    await eventually(lambda: world.calls)
    await hub.servers.stop("alice")
    assert await hub.servers.stopped("alice", timeout=5)
    assert world.running == {}
    assert (await kept(hub)).message == ""


async def test_cancelled_while_it_boots(hub: Hub, world: World) -> None:
    world.behaviour["answer"] = "never"
    await hub.servers.start("alice")
    await in_state(hub, State.BOOTING)
    await hub.servers.stop("alice", reason="Because.")
    assert await hub.servers.stopped("alice", timeout=5)
    assert world.running == {}
    assert (await kept(hub)).message == "Because."


async def test_stopping_twice_is_fine_and_the_first_reason_counts(hub: Hub, world: World) -> None:
    world.behaviour["stop"] = "ignore"
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await hub.servers.stop("alice", reason="One.")
    await in_state(hub, State.STOPPING)
    await hub.servers.stop("alice", reason="Two.")
    assert not await hub.servers.stopped("alice", timeout=0.05)
    hub.hurry()
    assert await hub.servers.stopped("alice", timeout=5)
    assert (await kept(hub)).message == "One."
    await hub.servers.stop("alice")


# ── a store that is away ─────────────────────────────────────────────────────


class Sick:
    """Makes the writing of records in some states fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *states: str) -> None:
        self.states = set(states)
        self.failed: list[str] = []
        real = servers.put

        def put(db: Any, server: Server) -> None:
            if server.state in self.states:
                self.failed.append(server.state)
                raise OSError("disk full")
            real(db, server)

        monkeypatch.setattr(servers, "put", put)


async def test_nothing_is_spawned_that_could_not_be_kept(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Sick(monkeypatch, "spawning")
    await hub.servers.start("alice")
    server = await hub.servers.wait("alice", timeout=5)
    assert (server.state, server.message) == ("stopped", "The gateway's database cannot be written.")
    assert world.calls == []


async def test_what_was_spawned_and_cannot_be_kept_is_ended(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Sick(monkeypatch, "booting", "killing")
    await hub.servers.start("alice")
    server = await hub.servers.wait("alice", timeout=5)
    assert server.message == "The gateway's database cannot be written."
    assert world.calls == ["start alice/", "kill alice/"]
    assert world.running == {}


async def test_the_end_is_kept_when_the_store_is_back(hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sick = Sick(monkeypatch, "stopping", "stopped")
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await hub.servers.stop("alice")
    await eventually(lambda: sick.failed.count("stopped") >= 2)
    assert world.running == {}
    assert not await hub.servers.stopped("alice", timeout=0.02)
    sick.states.clear()
    assert await hub.servers.stopped("alice", timeout=5)
    assert (await kept(hub)).state == "stopped"
