"""Activity: collected, bounded, written in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from gateway.hub import activity
from gateway.hub.activity import ActivityLog
from gateway.hub.core import Hub
from gateway.model import digest

type Times = Mapping[str, float]


class Store:
    def __init__(self) -> None:
        self.writes: list[tuple[dict[str, float], dict[str, float]]] = []
        self.broken = False

    async def __call__(self, credentials: Times, servers: Times) -> None:
        if self.broken:
            raise OSError("disk full")
        self.writes.append((dict(credentials), dict(servers)))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def log(store: Store) -> ActivityLog:
    return ActivityLog(store, lambda: 100.0)


async def test_the_latest_counts_and_the_future_does_not(store: Store, log: ActivityLog) -> None:
    log.note({"a": 5.0, "b": 7.0}, {"alice/": 9e9})
    log.note({"a": 3.0, "b": 8.0}, {})
    await log.flush()
    await log.flush()
    assert store.writes == [({"a": 5.0, "b": 8.0}, {"alice/": 100.0})]


async def test_memory_is_bounded(store: Store, log: ActivityLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "KEPT", 2)
    log.note({str(number): 1.0 for number in range(10)}, {})
    log.note({"0": 2.0}, {})
    await log.flush()
    assert store.writes == [({"0": 2.0, "1": 1.0}, {})]


async def test_a_store_that_is_away_ends_nothing(
    store: Store, log: ActivityLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(activity, "EVERY", 0.01)
    store.broken = True
    log.note({"a": 5.0}, {})
    running = asyncio.create_task(log.run())
    await asyncio.sleep(0.05)
    assert "is lost" in caplog.text
    store.broken = False
    log.note({"b": 6.0}, {})
    await asyncio.sleep(0.05)
    running.cancel()
    assert store.writes == [({"b": 6.0}, {})]


async def test_what_waits_is_written_at_the_end(hub: Hub) -> None:
    _, token = await hub.tokens.make("alice")
    value, _ = await hub.tokens.make("alice")
    hub.activity.note({digest(value): 999.0}, {})
    await hub.activity.flush()
    used = {each.id: each.last_used for each in await hub.tokens.of_user("alice")}
    assert used.pop(token.id) is None
    assert list(used.values()) == [999.0]
