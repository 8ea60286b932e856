"""A hub that is killed leaves servers that are not its successor's children."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model import Launch, Target
from plugins.spawners import procfs
from plugins.spawners.local import LocalSpawner
from tests.plugins.launches import IDLE, WEB, Launches, listens, pids, shell, started, until

pytestmark = pytest.mark.sockets

ROOT = Path(__file__).parents[3]

HUB = """
import asyncio, dataclasses, json, pickle, sys, time
from plugins.spawners.local import LocalOptions, LocalSpawner
launch = pickle.loads(sys.stdin.buffer.read())
async def main():
    target = await LocalSpawner(LocalOptions(), None).start(launch, print_nothing)
    print(json.dumps(dataclasses.asdict(target)), flush=True)
    time.sleep(300)
def print_nothing(percent, message): pass
asyncio.run(main())
"""
"""Starts one server, says where, and never reaps anything."""


@asynccontextmanager
async def another_hub(launch: Launch) -> AsyncIterator[tuple[Target, subprocess.Popen[bytes]]]:
    pipe = asyncio.subprocess.PIPE
    hub = subprocess.Popen([sys.executable, "-c", HUB], stdin=pipe, stdout=pipe, cwd=ROOT)
    with hub:
        assert hub.stdin
        assert hub.stdout
        await asyncio.to_thread(hub.stdin.write, pickle.dumps(launch))
        hub.stdin.close()
        line = await asyncio.to_thread(hub.stdout.readline)
        try:
            yield Target(**json.loads(line)), hub
        finally:
            hub.kill()


async def orphaned(launch: Launch) -> Target:
    """The target of a server whose hub was killed."""
    async with another_hub(launch) as (target, hub):
        os.kill(hub.pid, signal.SIGKILL)
    return target


@pytest.mark.parametrize("kept", [True, False], ids=["its target was kept", "only its start id was"])
async def test_an_orphan_is_adopted_watched_and_stopped(spawner: LocalSpawner, launches: Launches, kept: bool) -> None:
    launch = launches((*WEB, "--directory", "/nonexistent"), auth="token")
    target = await orphaned(launch)
    await listens(target)
    adopted = await spawner.adopt(started(launch, target if kept else None))
    assert adopted == target
    assert adopted.secret == launch.server.secret
    launch = started(launch, adopted)
    assert await spawner.poll(launch) is None
    watch = asyncio.create_task(spawner.died(launch))
    await asyncio.sleep(0.05)
    assert not watch.done()
    await spawner.stop(launch, now=False)
    assert await asyncio.wait_for(watch, 3) == 0
    assert await spawner.poll(launch) == 0
    assert pids(launch) == set()


async def test_an_orphans_own_death_is_told_at_once(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE)
    launch = started(launch, await spawner.adopt(started(launch, await orphaned(launch))))
    watch = asyncio.create_task(spawner.died(launch))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    os.kill(pids(launch).pop(), signal.SIGKILL)
    assert await asyncio.wait_for(watch, 3) == 0
    assert time.monotonic() - begun < 1


async def test_the_secret_is_found_where_the_record_was_lost(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE, auth="token")
    await orphaned(launch)
    adopted = await spawner.adopt(replace(launch, server=replace(launch.server, secret="")))
    assert adopted is not None
    assert adopted.secret == launch.server.secret


@pytest.mark.parametrize("kept", [True, False])
async def test_a_zombie_is_dead(spawner: LocalSpawner, launches: Launches, kept: bool) -> None:
    """Its parent lives and does not reap it."""
    launch = launches(shell("exit 5"))
    async with another_hub(launch) as (target, _):
        pid = int(target.state["pid"])  # type: ignore[index,call-overload]
        await until(lambda: (status := procfs.status(pid)) is not None and status.dead)
        assert Path(f"/proc/{pid}").exists()
        assert await spawner.poll(started(launch, target)) == 0
        assert await asyncio.wait_for(spawner.died(started(launch, target)), 3) == 0
        assert await spawner.adopt(started(launch, target if kept else None)) is None
        await asyncio.wait_for(spawner.stop(started(launch, target), now=False), 3)


@pytest.mark.parametrize("kept", [True, False])
async def test_what_outlives_its_leader_is_not_adopted_but_ended(
    spawner: LocalSpawner, launches: Launches, kept: bool
) -> None:
    launch = launches(shell("sleep 300 & sleep 300 & sleep 0.1; exit 0"))
    target = await orphaned(launch)
    await until(lambda: len(pids(launch)) == 2)
    assert await spawner.adopt(started(launch, target if kept else None)) is None
    assert pids(launch) == set()


async def test_kernels_that_outlive_a_recorded_server_are_ended(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(shell("setsid sleep 300 & sleep 0.2; exit 0"))
    target = await orphaned(launch)
    await until(lambda: len(pids(launch)) == 1)
    await asyncio.sleep(0.3)
    assert len(pids(launch)) == 1
    assert await spawner.adopt(started(launch, target)) is None
    assert pids(launch) == set()


async def test_of_several_session_leaders_the_server_is_adopted(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(shell("setsid sleep 300 & (setsid sleep 300 &) & sleep 300 & exec sleep 300"))
    target = await orphaned(launch)
    await until(lambda: len(pids(launch)) == 4)
    assert await spawner.adopt(started(launch, None)) == target
    assert len(pids(launch)) == 4


async def test_a_server_without_its_port_cannot_be_adopted_and_is_ended(
    spawner: LocalSpawner, launches: Launches
) -> None:
    """It threw the mark of its port away; nobody could say where it answers."""
    launch = launches(("env", "-u", "SERVER_PORT", *IDLE))
    target = await orphaned(launch)
    await until(lambda: "SERVER_PORT" not in procfs.environ(int(target.state["pid"])))  # type: ignore[index,call-overload]
    assert await spawner.adopt(started(launch, None)) is None
    assert pids(launch) == set()


async def test_without_a_start_id_nothing_is_anybodys(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE)
    assert await spawner.adopt(replace(launch, server=replace(launch.server, start_id=""))) is None
    await spawner.stop(replace(launch, server=replace(launch.server, start_id="")), now=True)
