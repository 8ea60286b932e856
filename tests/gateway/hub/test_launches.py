"""The acts by which a spawner is asked, with a spawner that misbehaves."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import StartFailed
from gateway.hookspecs import NoOptions, Spawner, Storage
from gateway.hub import launches
from gateway.model import Launch, Profile, Server, Target
from tests.gateway.hub.world import Scripted, World

PROFILE = Profile("lab", "Lab", ("x",))


@pytest.fixture
def spawner(world: World, storage: Storage) -> Spawner:
    cls = type("Here", (Scripted,), {"world": world})
    return cls(NoOptions(), storage)


def launch(target: Target | None = None, start_id: str = "id1") -> Launch:
    return Launch(Server("alice", "", start_id=start_id, target=target), PROFILE, "/user/alice/", "/dev/null")


def ignored(_percent: int, _message: str) -> None:
    pass


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://",
        "https://127.0.0.1:1",
        "http://127.0.0.1",
        "http://127.0.0.1:x",
        "http://127.0.0.1:1/path",
        "unix:/x",
    ],
)
async def test_an_address_that_is_none_is_a_failed_start(
    world: World, spawner: Spawner, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(Scripted, "_target", lambda *_: Target(url))
    with pytest.raises(StartFailed, match="did not say where"):
        await launches.spawned(spawner, launch(), ignored)


async def test_without_a_target_it_is_looked_for_before_it_is_ended(world: World, spawner: Spawner) -> None:
    await launches.ended(spawner, launch())
    await launches.killed(spawner, launch())
    assert world.calls == ["adopt alice/", "adopt alice/"]
    world.running["id1"] = asyncio.get_running_loop().create_future()
    await launches.ended(spawner, launch())
    assert world.calls[2:] == ["adopt alice/", "stop alice/"]


async def test_killing_does_not_give_up(world: World, spawner: Spawner) -> None:
    world.behaviour["kill"] = "bug"
    killing = asyncio.create_task(launches.killed(spawner, launch(Target("http://127.0.0.1:9"))))
    await asyncio.sleep(0.05)
    assert world.calls.count("kill alice/") > 1
    assert not killing.done()
    world.behaviour.clear()
    await asyncio.wait_for(killing, 5)


async def test_looking_for_a_server_is_tried_again(world: World, spawner: Spawner) -> None:
    world.behaviour["adopt"] = "bug"
    with pytest.raises(StartFailed, match="could not be found"):
        await launches.adopted(spawner, launch())
    assert world.calls == ["adopt alice/"] * launches.ADOPT_TRIES


async def test_looking_for_a_server_does_not_last_for_ever(
    world: World, spawner: Spawner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> None:
        world.calls.append("adopt")
        await asyncio.sleep(3600)

    monkeypatch.setattr(Scripted, "adopt", slow)
    monkeypatch.setattr(launches, "ADOPT_SECONDS", 0.01)
    with pytest.raises(StartFailed, match="could not be found"):
        await launches.adopted(spawner, launch())
    assert len(world.calls) == launches.ADOPT_TRIES


async def test_what_is_adopted_is_looked_at(world: World, spawner: Spawner, monkeypatch: pytest.MonkeyPatch) -> None:
    world.running["id1"] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(Scripted, "_target", lambda *_: "nonsense")
    with pytest.raises(StartFailed, match="could not be found"):
        await launches.adopted(spawner, launch())


async def test_death_wins_over_an_answer(world: World, spawner: Spawner) -> None:
    """Both at once: what died must not be called ready."""
    target = Target("http://127.0.0.1:9")
    assert await launches.booted(spawner, launch(target, start_id="gone")) == 0
    world.running["id1"] = asyncio.get_running_loop().create_future()
    assert await launches.booted(spawner, launch(target)) is None


async def test_what_does_not_obey_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(launches, "LET_GO", 0.02)
    over = asyncio.Event()

    async def stubborn() -> None:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await launches.let_go(task)
    assert "does not obey" in caplog.text
    over.set()
    await task
