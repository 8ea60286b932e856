"""Stopping leaves nothing, whatever the server has done to its descendants; and hits nobody else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.model import Launch, Target
from plugins.spawners import procfs, signals
from plugins.spawners.local import LocalSpawner
from plugins.spawners.record import Record
from tests.plugins.launches import (
    IDLE,
    Launches,
    ignore,
    pids,
    python,
    shell,
    sleepers,
    started,
    unique_seconds,
    until,
)

pytestmark = pytest.mark.sockets

FAMILIES = {
    "one process": ("exec sleep 300", 1),
    "a child": ("sleep 300 & exec sleep 300", 2),
    "a child in a session of its own": ("setsid sleep 300 & exec sleep 300", 2),
    "a double fork": ("(setsid sleep 300 &) & exec sleep 300", 2),
    "a family in sessions of their own": ("setsid sh -c 'setsid sleep 300 & exec sleep 300' & exec sleep 300", 3),
    "one that ignores SIGTERM": ("trap '' TERM; sleep 300 & exec sleep 300", 2),
    "a child that ignores SIGTERM": ("(trap '' TERM; exec setsid sleep 300) & exec sleep 300", 2),
    "one that is stopped": ("sh -c 'kill -STOP $$' & exec sleep 300", 2),
}


async def family(spawner: LocalSpawner, launches: Launches, script: str, size: int) -> Launch:
    launch = launches(shell(script))
    launch = started(launch, await spawner.start(launch, ignore))
    # Those that exec are the same processes afterwards, those that fork first end at once.
    await until(lambda: len(pids(launch)) == size)
    await asyncio.sleep(0.1)
    assert len(pids(launch)) == size
    return launch


@pytest.mark.parametrize("now", [False, True], ids=["asked", "killed"])
@pytest.mark.parametrize(("script", "size"), FAMILIES.values(), ids=FAMILIES)
async def test_nothing_is_left(hasty: LocalSpawner, launches: Launches, script: str, size: int, now: bool) -> None:
    launch = await family(hasty, launches, script, size)
    await hasty.stop(launch, now)
    assert pids(launch) == set()
    assert await hasty.poll(launch) is not None


@pytest.fixture
def bystander() -> Iterator[procfs.Process]:
    """Somebody else's process."""
    with subprocess.Popen(IDLE, start_new_session=True) as other:
        status = procfs.status(other.pid)
        assert status is not None
        yield status.process
        other.kill()


async def test_who_cut_all_ties_under_our_eyes_is_not_forgotten(hasty: LocalSpawner, launches: Launches) -> None:
    """No mark, a session of its own; an orphan as soon as the leader ends."""
    seconds = unique_seconds()
    launch = launches(shell(f"env -i setsid sleep {seconds} & exec sleep 300"))
    launch = started(launch, await hasty.start(launch, ignore))
    await until(lambda: len(sleepers(seconds)) == 1)
    await asyncio.sleep(0.1)
    await hasty.stop(launch, now=False)
    assert sleepers(seconds) == set()


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_server_has_its_time_to_end(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path, frozen: bool
) -> None:
    script = """
import pathlib, signal, time
def end(*_):
    time.sleep(0.7)
    pathlib.Path("saved").touch()
    raise SystemExit(0)
signal.signal(signal.SIGTERM, end)
pathlib.Path("listening").touch()
while True: time.sleep(1)
"""
    launch = launches(python(script))
    launch = started(launch, await spawner.start(launch, ignore))
    await until((tmp_path / "listening").exists)
    if frozen:
        os.kill(pids(launch).pop(), signal.SIGSTOP)
    await asyncio.wait_for(spawner.stop(launch, now=False), 10)
    assert (tmp_path / "saved").exists()
    assert await spawner.poll(launch) == 0


async def test_now_means_now(spawner: LocalSpawner, launches: Launches) -> None:
    launch = await family(spawner, launches, "trap '' TERM; exec sleep 300", 1)
    begun = time.monotonic()
    await spawner.stop(launch, now=True)
    assert time.monotonic() - begun < 1
    assert await spawner.poll(launch) == -signal.SIGKILL


async def test_a_cancelled_stop_is_finished_by_the_next(spawner: LocalSpawner, launches: Launches) -> None:
    """The orphan has no mark: only the first call could see whose it was."""
    seconds = unique_seconds()
    stubborn = f"trap '' TERM; exec sleep {seconds}"
    launch = launches(shell(f"trap 'exit 0' TERM; env -i setsid sh -c \"{stubborn}\" & wait"))
    launch = started(launch, await spawner.start(launch, ignore))
    await until(lambda: len(sleepers(seconds)) == 1)
    stopping = asyncio.create_task(spawner.stop(launch, now=False))
    await until(lambda: pids(launch) == set())
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
    assert len(sleepers(seconds)) == 1
    await spawner.stop(launch, now=True)
    assert sleepers(seconds) == set()


async def test_what_outlives_a_dead_server_is_found(hasty: LocalSpawner, launches: Launches) -> None:
    launch = launches(shell("sleep 300 & setsid sleep 300 & exit 0"))
    launch = started(launch, await hasty.start(launch, ignore))
    assert await hasty.died(launch) == 0
    assert len(pids(launch)) == 2
    await hasty.stop(launch, now=False)
    assert pids(launch) == set()


async def test_a_reused_pid_is_not_touched(
    spawner: LocalSpawner, launches: Launches, bystander: procfs.Process
) -> None:
    """The record names its pid, with the start time of a process that is gone."""
    launch = launches(IDLE)
    late = Record(bystander.pid, bystander.start_time - 1, 4711, launch.server.start_id, procfs.boot_id())
    launch = started(launch, Target("http://127.0.0.1:4711", state=late.to_json()))
    assert await spawner.poll(launch) == 0
    assert await spawner.died(launch) == 0
    for now in (False, True):
        await spawner.stop(launch, now)
    assert await spawner.adopt(launch) is None
    assert procfs.alive(bystander)


async def test_a_record_of_another_boot_or_start_is_not_believed(
    spawner: LocalSpawner, launches: Launches, bystander: procfs.Process
) -> None:
    launch = launches(IDLE)
    for start_id, boot in ((launch.server.start_id, "another"), ("another", procfs.boot_id())):
        other = Record(bystander.pid, bystander.start_time, 4711, start_id, boot)
        launch = started(launch, Target("http://127.0.0.1:4711", state=other.to_json()))
        assert await spawner.poll(launch) == 0
        assert await spawner.adopt(launch) is None
        await spawner.stop(launch, now=True)
    assert procfs.alive(bystander)


async def test_one_servers_end_is_not_anothers(spawner: LocalSpawner, launches: Launches) -> None:
    one, other = launches(IDLE), launches(IDLE)
    one = started(one, await spawner.start(one, ignore))
    other = started(other, await spawner.start(other, ignore))
    await spawner.stop(one, now=False)
    assert await spawner.poll(other) is None


async def test_what_may_not_be_killed_is_reported_and_not_waited_for(
    spawner: LocalSpawner, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = await family(spawner, launches, "exec sleep 300", 1)
    with monkeypatch.context() as patch:
        patch.setattr(signals, "send", lambda process, number: False)
        await asyncio.wait_for(spawner.stop(launch, now=True), 5)
    assert len(pids(launch)) == 1
