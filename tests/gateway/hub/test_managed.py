from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.hub.managed import Managed, as_server
from gateway.model import Launch, Profile, ServiceProcess
from tests.gateway.hub.world import LONG, Scripted, World, eventually


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Restarts come at once; the pauses that there would have been are written down."""
    pauses: list[float] = []

    def pause(failures: int) -> float:
        pauses.append(failures)
        return 0.0

    monkeypatch.setattr("gateway.hub.managed.pause", pause)
    monkeypatch.setattr("gateway.hub.managed.SOONEST", 0.0)
    monkeypatch.setattr("gateway.hub.managed.GRACE", 0.05)
    monkeypatch.setattr("gateway.hub.managed.KILL_SECONDS", 0.05)
    return pauses


@dataclass
class Notes:
    """What is kept, as the store would."""

    process: ServiceProcess | None = None
    starts: list[ServiceProcess] = field(default_factory=list)

    async def started(self, name: str, process: ServiceProcess) -> str:
        self.starts.append(process)
        self.process = process
        return "a-token"

    async def kept(self, name: str, process: ServiceProcess | None) -> None:
        self.process = process


def made(world: World, notes: Notes, order: str = "o") -> Managed:
    async def reachable() -> None:
        return

    def launch(process: ServiceProcess, token: str) -> Launch:
        profile = Profile("s", "s", ("run",), {"TOKEN": token}, auth="none")
        return Launch(as_server("s", process), profile, "/services/s/", "/nowhere")

    spawner: Any = type("Here", (Scripted,), {"world": world})
    return Managed("s", order, spawner=spawner(None, None), launch=launch, keeper=notes, reachable=reachable)


@pytest.fixture
def notes() -> Notes:
    return Notes()


async def running(managed: Managed) -> ServiceProcess:
    await eventually(lambda: managed.process)
    assert managed.process is not None
    return managed.process


async def test_its_record_is_kept_before_the_fork(world: World, notes: Notes) -> None:
    world.behaviour["start"] = "slow"
    managed = made(world, notes)
    managed.begin(None)
    await eventually(lambda: world.calls == ["start services/s"])
    assert notes.process and notes.process.start_id and notes.process.target is None
    await managed.leave()


async def test_it_is_started_again_when_it_ends(world: World, notes: Notes, no_pause: list[float]) -> None:
    managed = made(world, notes)
    managed.begin(None)
    for number in (1, 2, 3):
        process = await running(managed)
        assert process.generation == number
        world.running[process.start_id].set_result(1)
        await eventually(lambda was=process: managed.process is not was)
    await running(managed)
    assert no_pause == [1, 2, 3]
    assert len({process.start_id for process in notes.starts}) == 4
    await managed.end()


@pytest.mark.parametrize("how", ["fail", "bug", "nonsense"])
async def test_a_start_that_fails_is_tried_again(world: World, notes: Notes, how: str) -> None:
    world.behaviour["start"] = how
    managed = made(world, notes)
    managed.begin(None)
    await eventually(lambda: len(notes.starts) > 2)
    world.behaviour["start"] = "ok"
    await running(managed)
    await managed.end()
    assert world.running == {}


async def test_the_next_hub_adopts_what_runs(world: World, notes: Notes) -> None:
    first = made(world, notes)
    first.begin(None)
    process = await running(first)
    await first.leave()
    second = made(world, notes)
    second.begin(process)
    assert (await running(second)).start_id == process.start_id
    assert len(notes.starts) == 1
    await second.end()
    assert world.running == {} and notes.process is None


async def test_a_process_of_which_only_the_start_is_known_is_found(world: World, notes: Notes) -> None:
    """The hub was killed between the fork and the keeping of what came of it."""
    world.behaviour["start"] = "forked"
    first = made(world, notes)
    first.begin(None)
    await eventually(lambda: world.running)
    await first.leave()
    world.behaviour.clear()
    kept = notes.process
    assert kept and kept.target is None
    second = made(world, notes)
    second.begin(kept)
    assert (await running(second)).start_id == kept.start_id
    assert list(world.running) == [kept.start_id]
    await second.end()


async def test_what_should_run_otherwise_is_replaced_and_never_doubled(world: World, notes: Notes) -> None:
    first = made(world, notes)
    first.begin(None)
    process = await running(first)
    await first.leave()
    second = made(world, notes, "another order")
    second.begin(process)
    now = await running(second)
    assert now.start_id != process.start_id and now.generation == process.generation + 1
    assert list(world.running) == [now.start_id]
    await second.end()


async def test_what_is_gone_meanwhile_is_started_anew(world: World, notes: Notes) -> None:
    managed = made(world, notes)
    managed.begin(ServiceProcess("gone", "o", 7))
    assert (await running(managed)).generation == 8
    await managed.end()


async def test_while_one_cannot_be_killed_no_other_is_started(world: World, notes: Notes) -> None:
    managed = made(world, notes)
    managed.begin(None)
    process = await running(managed)
    world.behaviour |= {"kill": "ignore"}
    world.running[process.start_id].set_result(1)
    await eventually(lambda: "kill services/s" in world.calls)
    await asyncio.sleep(0.2)
    assert len(notes.starts) == 1
    await managed.leave()


async def test_one_that_does_not_end_is_killed(world: World, notes: Notes) -> None:
    world.behaviour["stop"] = "ignore"
    managed = made(world, notes)
    managed.begin(None)
    await running(managed)
    await managed.end(0.05)
    assert world.running == {} and notes.process is None


async def test_one_that_cannot_be_killed_keeps_its_record(world: World, notes: Notes) -> None:
    world.behaviour |= {"stop": "ignore", "kill": "ignore"}
    managed = made(world, notes)
    managed.begin(None)
    process = await running(managed)
    async with asyncio.timeout(LONG):
        await managed.end(0.05)
    assert notes.process == process


async def test_its_pid_is_what_the_spawner_says(world: World, notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    managed = made(world, notes)
    assert managed.pid == 0
    managed.begin(None)
    process = await running(managed)
    assert managed.pid == 0
    assert process.target and isinstance(process.target.state, dict)
    process.target.state["pid"] = 77
    assert managed.pid == 77
    await managed.end()
