"""Captures over time: restarts, people who go, room, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.captures import RUNNING, Scope
from gateway.channel.messages import Captured, Captures, Reconnect
from gateway.errors import BadInput, Conflict
from gateway.hub import captures as module
from gateway.hub.captures import SIZE
from gateway.hub.core import Hub
from gateway.settings import Settings, TrafficSettings
from tests.gateway.hub.test_recording import compact
from tests.gateway.hub.world import World, a_hub, settings

ALICE = Scope(user="alice")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAST_WORDS", 0.01)
    monkeypatch.setattr(module, "EVERY", 0.01)


async def until(check: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not check():
            await asyncio.sleep(0.01)


def told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> list[Captures | Reconnect]:
    messages: list[Captures | Reconnect] = []
    monkeypatch.setattr(hub.captures, "_tell", messages.append)
    return messages


async def test_workers_are_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = told(hub, monkeypatch)
    capture = await hub.captures.start("why", ALICE, by="user:root", seconds=60)
    await hub.captures.reconnect(capture.id, "user:root")
    await hub.captures.stop(capture.id, "user:root")
    first, again, last = messages
    assert isinstance(first, Captures)
    assert (first.orders[0].id, first.orders[0].scope, first.orders[0].until) == (capture.id, ALICE, capture.until)
    assert (again, last) == (Reconnect(capture.id), Captures(()))
    assert hub.workers.captures() == Captures(())


async def test_it_ends_at_its_time(world: World, hub: Hub) -> None:
    capture = await hub.captures.start("why", ALICE, by="user:root", seconds=60)
    world.now += 60
    await until(lambda: not hub.captures.get(capture.id).running)
    ended = hub.captures.get(capture.id)
    assert (ended.ended, ended.why) == (capture.until, "its time is over")
    hub.captures.received(Captured(capture.id, (compact(),), 0))
    await asyncio.sleep(0.05)
    assert hub.captures.get(capture.id).flows == 0


async def test_it_goes_on_after_a_restart_and_never_longer(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        short = await hub.captures.start("short", ALICE, by="user:root", seconds=10)
        long = await hub.captures.start("long", ALICE, by="user:root", seconds=100)
        hub.captures.received(Captured(long.id, (compact(),), 0))
        key = hub.captures.orders().orders[0].key
    world.now += 50
    async with a_hub(world, chosen) as hub:
        assert not hub.captures.get(short.id).running
        assert hub.captures.get(long.id).flows == 1
        (order,) = hub.captures.orders().orders
        assert (order.id, order.until) == (long.id, long.until)
        assert key
        world.now += 50
        await until(lambda: not hub.captures.get(long.id).running)


async def test_another_one_of_the_same_name_is_not_meant(world: World, hub: Hub) -> None:
    mine = await hub.captures.start("why", ALICE, by="user:root", seconds=60)
    other = await hub.captures.start("why", Scope(server="bob/"), by="user:root", seconds=60)
    world.now += 1
    await hub.users.remove("alice")
    await until(lambda: not hub.captures.get(mine.id).running)
    assert hub.captures.get(other.id).running
    assert "alice" in hub.captures.get(mine.id).why


async def test_full(world: World, hub: Hub) -> None:
    capture = await hub.captures.start("why", ALICE, by="user:root", seconds=60, size=module.MIN_SIZE)
    for number in range(200):
        hub.captures.received(Captured(capture.id, (compact(flow=f"a-{number}"),), 0))
    await until(lambda: not hub.captures.get(capture.id).running)
    ended = hub.captures.get(capture.id)
    assert (ended.why, ended.bytes <= module.MIN_SIZE, ended.dropped > 0) == ("it is full", True, True)


async def test_room_for_all_of_them(tmp_path: Path, world: World) -> None:
    chosen = settings(tmp_path).model_copy(update={"traffic": TrafficSettings(capture_space=SIZE + 1_000_000)})
    async with a_hub(world, chosen, "alice") as hub:
        first = await hub.captures.start("why", ALICE, by="user:root")
        with pytest.raises(Conflict, match="no room"):
            await hub.captures.start("why", ALICE, by="user:root")
        await hub.captures.stop(first.id, "user:root")
        await hub.captures.start("why", ALICE, by="user:root")


async def test_limits_count_for_those_that_are_asked_for_at_once(hub: Hub) -> None:
    asked = (hub.captures.start("why", ALICE, by="user:root", size=module.MIN_SIZE) for _ in range(RUNNING + 3))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3
    assert hub.captures.running == RUNNING


async def test_old_ones_go(world: World, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP", 1.0)
    capture = await hub.captures.start("why", ALICE, by="user:root")
    await hub.captures.stop(capture.id, "user:root")
    world.now += 7 * 86400 - 10
    await asyncio.sleep(0.1)
    assert hub.captures.listing()
    world.now += 20
    await until(lambda: not hub.captures.listing())


async def test_who_is_in_it_and_who_may_know(tmp_path: Path, world: World) -> None:
    async with a_hub(world, settings(tmp_path), "alice", "bob") as hub:
        capture = await hub.captures.start("why", Scope(path="/user/x"), by="user:root")
        hub.captures.received(Captured(capture.id, (compact(user="bob", owner="alice"),), 0))
        await until(lambda: hub.captures.get(capture.id).users == ("alice", "bob"))
        async with asyncio.timeout(5):
            while not await hub.captures.history("bob"):
                await asyncio.sleep(0.01)
        assert [row.detail for row in await hub.captures.history("bob")] == [f"{capture.id}: why"]
        assert len(hub.captures.covering("anybody")) == 1
        await hub.captures.stop(capture.id, "user:root")
        assert hub.captures.covering("bob") == []
    quiet = settings(tmp_path).model_copy(update={"traffic": TrafficSettings(notify_users=False)})
    async with a_hub(world, quiet) as hub:
        await hub.captures.start("why", ALICE, by="user:root")
        assert hub.captures.covering("alice") == []


async def test_unredacted(tmp_path: Path, world: World) -> None:
    chosen = settings(tmp_path)
    async with a_hub(world, chosen, "alice") as hub:
        with pytest.raises(BadInput, match="allow_unredacted"):
            await hub.captures.start("why", ALICE, by="user:root", redact=False)
    chosen = chosen.model_copy(update={"traffic": TrafficSettings(allow_unredacted=True)})
    async with a_hub(world, chosen) as hub:
        capture = await hub.captures.start("why", ALICE, by="user:root", redact=False)
        assert hub.captures.orders().orders[0].redact is False
        (row, *_) = [each for each in await hub.audit(10) if each.action == "capture.start"]
        assert (row.subject, "UNREDACTED" in row.detail) == (capture.id, True)


async def test_a_failure_is_not_the_end(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    capture = await hub.captures.start("why", ALICE, by="user:root")
    broken = True

    async def write(*_: Any) -> set[str]:
        if broken:
            raise ZeroDivisionError("a bug")
        return set()

    monkeypatch.setattr("gateway.hub.recording.Recording.write", write)
    await until(lambda: "captures cannot be looked after" in caplog.text)
    broken = False
    await hub.captures.stop(capture.id, "user:root")
    assert not hub.captures.get(capture.id).running
