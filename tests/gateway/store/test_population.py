"""How many, and how many of late."""

from __future__ import annotations

from gateway.store import activity, population, users
from gateway.store.population import DAY, Population
from gateway.store.store import Store

NOW = 1_800_000_000.0


async def test_users_and_the_active_ones(store: Store) -> None:
    assert await store(population.count, NOW) == Population(0, 0, 0, 0)
    for name, days in (("alice", 0.5), ("bob", 3.0), ("carol", 20.0), ("dave", 100.0), ("erin", None)):
        await store(users.add, name, False, NOW - 200 * DAY)
        if days is not None:
            await store(activity.seen, name, NOW - days * DAY, {})
    assert await store(population.count, NOW) == Population(5, 1, 2, 3)
