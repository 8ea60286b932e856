"""Servers that nobody uses are stopped, with a scripted clock and scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.hub import culling
from gateway.hub.core import Hub
from gateway.hub.idle import LAG, Ending
from gateway.hub.lifecycle import State
from gateway.hub.notices import Starts
from gateway.model import Idle, Launch
from tests.gateway.hub.world import World, a_hub, in_state, settings

RULES = {"timeout": 3600, "warn_before": 300}
PROFILES = [
    {"name": "lab", "command": ["x"]},
    {"name": "short", "command": ["x"], "idle": {"timeout": 600, "warn_before": 60}},
    {"name": "aged", "command": ["x"], "idle": {"timeout": 0, "max_age": 7200}},
    {"name": "free", "command": ["x"], "idle": {"timeout": 0}},
]


class Answers:
    """What servers say of their work."""

    def __init__(self) -> None:
        self.at: float | None = None
        self.asked: list[str] = []
        self.workers = ["1"]

    async def __call__(self, launch: Launch, now: float) -> float | None:
        self.asked.append(launch.server.full_name)
        return None if self.at is None else min(self.at, now)


@pytest.fixture
async def made(world: World, tmp_path: Path) -> AsyncIterator[tuple[Hub, Answers]]:
    answers = Answers()
    async with a_hub(world, settings(tmp_path, idle=RULES, profiles=PROFILES), "alice", "bob") as hub:
        hub.culling._ask = answers
        hub.culling._workers = answers.workers
        yield hub, answers


async def looked(hub: Hub, world: World, after: float) -> None:
    """Time passes, with a look now and then, as a hub takes them."""
    until = world.now + after
    while world.now < until:
        world.now = min(until, world.now + 15)
        await hub.culling.look()


async def test_when_it_would_be_stopped(made: tuple[Hub, Answers], world: World) -> None:
    """Known of each server at any time, of those that nobody has to be warned of as well."""
    hub, _ = made
    begun = world.now
    for name in ("lab", "short", "aged", "free"):
        await hub.servers.start("alice", name, name)
        await hub.servers.wait("alice", name, 5)
    found = {server.name: hub.culling.expected(server) for server in hub.servers.active()}
    assert {name: each and (each.at - begun, each.why) for name, each in found.items()} == {
        "lab": (3600, "idle"),
        "short": (600, "idle"),
        "aged": (7200, "age"),
        "free": None,
    }
    assert hub.culling.ending("alice", "short") is None


async def test_warned_kept_alive_and_stopped_at_last(made: tuple[Hub, Answers], world: World) -> None:
    hub, answers = made
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await looked(hub, world, 3299)
    assert hub.culling.ending("alice") is None
    assert answers.asked == []  # nobody is asked before it matters
    await looked(hub, world, 2)
    warned = hub.culling.ending("alice")
    assert warned is not None
    assert warned.at == 1000 + 3600
    await hub.culling.keep_alive("alice")
    assert hub.culling.ending("alice") is None
    await looked(hub, world, 3590)
    assert hub.culling.ending("alice") is not None
    assert (await in_state(hub, State.READY)).state == State.READY
    await looked(hub, world, 10 + LAG)
    server = await in_state(hub, State.STOPPED)
    assert server.message == "It was stopped because nobody had used it for 1 hour."
    entry = next(each for each in await hub.audit(10) if each.action == "server.stopped")
    assert (entry.actor, entry.detail) == ("hub:idle", server.message)
    assert ("stopped", server.message) in world.told


async def test_what_a_worker_tells_is_use(made: tuple[Hub, Answers], world: World) -> None:
    hub, _ = made
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await looked(hub, world, 3590)
    hub.activity.note({}, {"alice/": world.now})
    await looked(hub, world, 100)
    assert (await in_state(hub, State.READY)).last_activity == 4590


async def test_a_busy_kernel_spares_it_and_its_end_begins_the_hour(made: tuple[Hub, Answers], world: World) -> None:
    hub, answers = made
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    answers.at = 1000 + 5000
    await looked(hub, world, 8000 - world.now)
    assert (await in_state(hub, State.READY)).last_activity == 6000  # the API tells it, too
    assert hub.culling.ending("alice") is None
    await looked(hub, world, 6000 + 3600 - world.now)
    assert (await in_state(hub, State.READY)).state == State.READY
    await looked(hub, world, LAG)
    await in_state(hub, State.STOPPED)


async def test_drained(made: tuple[Hub, Answers], world: World) -> None:
    """What nobody uses ends soon, whatever its profile says; what works goes on, and an end of the drain is one."""
    hub, answers = made
    for name in ("lab", "free"):
        await hub.servers.start("alice", name, name)
        await in_state(hub, State.READY, name=name)
    await hub.notices.set_starts(Starts(False, drain=True), by="user:root")
    answers.at = world.now + 200
    await looked(hub, world, 200 + 290)
    assert {server.name for server in hub.servers.active()} == {"lab", "free"}
    await hub.notices.set_starts(Starts(True, drain=True), by="user:root")
    await looked(hub, world, 100)
    assert {server.name for server in hub.servers.active()} == {"lab", "free"}
    await hub.notices.set_starts(Starts(False, drain=True), by="user:root")
    await looked(hub, world, 200)
    server = await in_state(hub, State.STOPPED, name="free")
    assert server.message == "It was stopped because nobody had used it for 5 minutes."
    await in_state(hub, State.STOPPED, name="lab")


async def test_each_profile_has_its_own_rules(made: tuple[Hub, Answers], world: World) -> None:
    hub, answers = made
    for name in ("short", "aged", "free"):
        await hub.servers.start("alice", name, name)
        await in_state(hub, State.READY, name=name)
    await looked(hub, world, 600 + LAG)
    await in_state(hub, State.STOPPED, name="short")
    answers.at = 9000
    await looked(hub, world, 7200 - world.now + 1000)
    assert hub.culling.ending("alice", "aged") is not None
    await hub.culling.keep_alive("alice", "aged")
    assert hub.culling.ending("alice", "aged") is not None  # of no avail against its age
    await looked(hub, world, 1000 + LAG)
    aged = await in_state(hub, State.STOPPED, name="aged")
    assert aged.message == "It was stopped because it had run for 2 hours, which is as long as it may."
    await looked(hub, world, 50_000)
    assert (await in_state(hub, State.READY, name="free")).state == State.READY
    assert set(answers.asked) == {"alice/short"}


async def test_while_no_worker_tells_anything_and_after_a_sleep_all_are_warned_first(
    made: tuple[Hub, Answers], world: World
) -> None:
    hub, answers = made
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    answers.workers.clear()
    await looked(hub, world, 10_000)
    assert (await in_state(hub, State.READY)).state == State.READY
    answers.workers.append("1")
    world.now += 50_000  # the machine has slept
    await hub.culling.look()
    assert hub.culling.ending("alice") is not None
    await looked(hub, world, 290)
    assert (await in_state(hub, State.READY)).state == State.READY
    await looked(hub, world, 20)
    await in_state(hub, State.STOPPED)


async def test_over_a_restart_nothing_is_forgotten_and_nothing_stopped_at_once(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, idle=RULES, profiles=PROFILES)
    answers = Answers()
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
    world.now += 100_000
    async with a_hub(world, chosen) as hub:
        hub.culling._ask = answers
        hub.culling._workers = answers.workers
        await in_state(hub, State.READY)
        await looked(hub, world, 280)
        assert hub.culling.ending("alice") is not None
        assert (await in_state(hub, State.READY)).last_activity == 1000
        await looked(hub, world, 20 + LAG)
        await in_state(hub, State.STOPPED)


async def test_without_rules_nobody_looks_unless_it_is_drained(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = asyncio.Semaphore(0)

    async def look() -> None:
        looks.release()

    monkeypatch.setattr(culling, "LATEST", 0.01)
    monkeypatch.setattr(hub.culling, "look", look)
    running = asyncio.create_task(hub.culling.run())
    await asyncio.sleep(0.1)
    assert looks.locked()
    await hub.notices.set_starts(Starts(False, drain=True), by="user:root")
    await asyncio.wait_for(looks.acquire(), 5)
    hub.culling._endings[("alice", "")] = Ending(0, 0, "idle", 300)
    await hub.notices.set_starts(Starts(), by="user:root")
    async with asyncio.timeout(5):
        while hub.culling.ending("alice"):
            await asyncio.sleep(0.01)
    running.cancel()


async def test_a_failed_look_is_not_the_last(
    made: tuple[Hub, Answers], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hub, _ = made
    looks: list[int] = []

    async def look() -> None:
        looks.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(hub.culling, "look", look)
    monkeypatch.setattr(hub.culling, "_every", 0.01)
    task = asyncio.create_task(hub.culling.run())
    async with asyncio.timeout(5):
        while len(looks) < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    assert "could not be looked for" in caplog.text


@pytest.mark.parametrize(("rule", "every"), [(Idle(3600, 300, 0), culling.LATEST), (Idle(2, 1, 0), culling.SOONEST)])
def test_how_often(rule: Idle, every: float) -> None:
    assert culling._every([Idle(0, 0, 0), rule]) == every
