"""50 000 users and 500 running servers: the hub starts, and lists, nearly as fast as with 100 users.

The rows are put into the database; the servers' spawner finds each of them running.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.integration.harness import Gateway, plugin

pytestmark = [pytest.mark.sockets, pytest.mark.long, pytest.mark.timeout(300)]

FEW, MANY, RUNNING = 100, 50_000, 500
TIMES_SLOWER = 3
STARTS = 3
CALLS = 40

PAPER = """
import asyncio
from gateway.hookspecs import Spawner, hookimpl

class Paper(Spawner):
    name = "paper"

    async def start(self, launch, report):
        raise NotImplementedError

    async def poll(self, launch):
        return None

    async def stop(self, launch, now):
        return None

    async def adopt(self, launch):
        return launch.server.target

@hookimpl
def gateway_spawners():
    return {"paper": Paper}
"""


def populated(folder: Path, users: int, running: int) -> Gateway:
    gateway = Gateway(
        folder,
        {
            "gateway": {"stop_servers_on_exit": False},
            "spawner": {"plugin": "paper"},
            "traffic": {"access_log": False},
            "profiles": [{"name": "plain", "command": ["true"], "auth": "none"}],
        },
    )
    plugin(gateway, "paper", PAPER)
    with gateway:
        pass  # makes the database
    with closing(sqlite3.connect(gateway.data_dir / "hubgate.sqlite")) as database, database:
        database.executemany(
            "INSERT INTO users (name, admin, disabled, removing, created) VALUES (?, 0, 0, 0, 1)",
            ((f"user-{number:05}",) for number in range(users)),
        )
        ids = [id for (id,) in database.execute("SELECT id FROM users WHERE name <> 'admin' LIMIT ?", (running,))]
        target = json.dumps({"url": "http://127.0.0.1:9", "secret": "", "state": None})
        database.executemany(
            "INSERT INTO servers (user_id, slot, state, generation, display_name, profile, options_json, start_id,"
            " secret, target_json, created, started, message)"
            " VALUES (?, '', 'ready', 1, '', 'plain', '{}', ?, '', ?, 1, 1, '')",
            ((id, f"start-{id}", target) for id in ids),
        )
    return gateway


def started(gateway: Gateway) -> float:
    """Seconds until log-ins work. The command's output is one file, so it begins anew."""
    gateway.output("run", "out").unlink()
    before = time.perf_counter()
    gateway.start()
    return time.perf_counter() - before


def listed(gateway: Gateway, running: int) -> Iterator[float]:
    """Seconds of each call of the first page, on which `running` servers are ready."""
    headers = {"Authorization": f"token {gateway.run('token', 'admin').stdout.strip()}"}
    with httpx.Client(base_url=gateway.url(), headers=headers, trust_env=False) as http:
        while True:
            before = time.perf_counter()
            users = http.get("hub/api/users?limit=50").json()
            yield time.perf_counter() - before
            assert len(users) == 50
            assert sum(server["ready"] for user in users for server in user["servers"].values()) == running


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Gateway, Gateway]:
    folder = tmp_path_factory.mktemp("scale")
    return populated(folder / "few", FEW, 0), populated(folder / "many", MANY, RUNNING)


def test_many_users_and_servers_cost_little(
    both: tuple[Gateway, Gateway], record_property: Callable[[str, object], None]
) -> None:
    starts: tuple[list[float], list[float]] = ([], [])
    for _ in range(STARTS):
        for gateway, times in zip(both, starts, strict=True):
            times.append(started(gateway))
            gateway.stop()
    few, many = (statistics.median(times) for times in starts)
    record_property("start", measured := f"{few:.2f} s and {many:.2f} s: {many / few:.2f} times")
    assert many <= TIMES_SLOWER * few, measured


def test_a_page_of_many_users_costs_little(
    both: tuple[Gateway, Gateway], record_property: Callable[[str, object], None]
) -> None:
    for gateway in both:
        started(gateway)
    try:
        # The admin, who has no server, is on the first page.
        calls = [listed(gateway, running) for gateway, running in zip(both, (0, 49), strict=True)]
        times = [list(pair) for pair in zip(*(itertools.islice(each, CALLS) for each in calls), strict=True)]
        few, many = (statistics.median(side) for side in zip(*times, strict=True))
    finally:
        for gateway in both:
            gateway.stop()
    record_property("page", measured := f"{few * 1000:.1f} ms and {many * 1000:.1f} ms: {many / few:.2f} times")
    assert many <= TIMES_SLOWER * few, measured
