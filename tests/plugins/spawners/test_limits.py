"""Which limits a profile means, and that real processes have them, with all that they start."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from gateway.model import Profile
from plugins.spawners import limits
from plugins.spawners.local import LocalSpawner
from tests.plugins.launches import IDLE, Launches, ignore, pids, python, shell, started, until

MB = 1024 * 1024


def profile(**keys: int) -> Profile:
    return Profile("p", "P", ("run",), **keys)  # type: ignore[arg-type]  # limits only


def test_no_limit_is_none() -> None:
    assert limits.of(profile(), grouped=False) == {}


def test_each_limit_is_one_of_the_kernels() -> None:
    all_three = profile(memory=MB, cpu_seconds=10, open_files=64)
    assert limits.of(all_three, grouped=False) == {
        resource.RLIMIT_DATA: (MB, MB),
        resource.RLIMIT_CPU: (10, 15),
        resource.RLIMIT_NOFILE: (64, 64),
    }
    assert resource.RLIMIT_DATA not in limits.of(all_three, grouped=True)


def test_a_limit_above_the_gateways_own_is_named() -> None:
    with pytest.raises(StartFailed, match=r"open_files is above the gateway's own limit, which is \d+"):
        limits.of(profile(open_files=2**40), grouped=False)


def test_what_a_shell_does() -> None:
    assert limits.script({}) == ""
    found = limits.of(profile(memory=MB, cpu_seconds=10), grouped=False)
    assert limits.script(found) == ("ulimit -S -d 1024 && ulimit -H -d 1024 && ulimit -S -t 10 && ulimit -H -t 15 && ")


@pytest.mark.sockets
async def test_a_server_and_its_children_have_them(spawner: LocalSpawner, launches: Launches, tmp_path: Path) -> None:
    script = 'sh -c "ulimit -n; ulimit -d; ulimit -t" > out; exec sleep 300'
    launch = launches(shell(script), memory=512 * MB, cpu_seconds=77, open_files=99)
    await spawner.start(launch, ignore)
    out = tmp_path / "out"
    await until(lambda: out.exists() and len(out.read_text().split()) == 3)
    assert out.read_text().split() == ["99", str(512 * 1024), "77"]
    (pid,) = pids(launch)
    assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == (99, 99)


@pytest.mark.sockets
async def test_too_much_memory_is_refused_to_the_program(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path
) -> None:
    script = "try: bytearray(10**9)\nexcept MemoryError: open('out', 'w').write('refused')"
    await spawner.start(launches(python(script), memory=300 * MB), ignore)
    await until(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text() == "refused")


@pytest.mark.sockets
async def test_too_much_computing_ends_it(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(python("while True: pass"), cpu_seconds=1)
    launch = started(launch, await spawner.start(launch, ignore))
    assert await spawner.died(launch) < 0


@pytest.mark.sockets
async def test_a_limited_server_is_what_an_unlimited_one_is(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path
) -> None:
    """Held back by a shell first, but with the same arguments, folder, environment and no input."""
    script = "import os, sys; open('out', 'w').write(repr((sys.argv[1:], os.getcwd(), sys.stdin.read(), os.getsid(0))))"
    words = ("a b", "$(id)", "", "'\"", "-x")
    launch = launches((sys.executable, "-c", script, *words), open_files=99, env={"MINE": "$x"})
    target = await spawner.start(launch, ignore)
    out = tmp_path / "out"
    await until(lambda: out.exists() and out.read_text() != "")
    assert isinstance(target.state, dict)
    assert out.read_text() == repr((list(words), str(tmp_path), "", target.state["pid"]))


@pytest.mark.sockets
async def test_a_limit_beyond_the_machines_starts_nothing(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE, open_files=2**40)
    with pytest.raises(StartFailed, match="open_files"):
        await spawner.start(launch, ignore)
    assert pids(launch) == set()


@pytest.mark.sockets
async def test_no_descriptor_of_the_hold_is_left(spawner: LocalSpawner, launches: Launches, tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    launch = launches(shell("ls /proc/self/fd > out; exec sleep 300"), open_files=99)
    await spawner.start(launch, ignore)
    out = tmp_path / "out"
    await until(lambda: out.exists() and len(out.read_text().split()) >= 4)
    assert out.read_text().split() == ["0", "1", "2", "3"]  # the last is that of `ls` itself
    assert len(list(Path("/proc/self/fd").iterdir())) == before
