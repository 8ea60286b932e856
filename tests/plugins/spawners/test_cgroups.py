"""Control groups: on the kernel's own interface where the tests may make one, and on folders that look like it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from plugins.spawners import cgroups
from plugins.spawners.cgroups import Groups
from plugins.spawners.local import LocalSpawner
from plugins.spawners.options import LocalOptions
from tests.plugins.launches import Launches, ignore, python, shell, sleepers, started, unique_seconds, until
from tests.plugins.storage import MemoryStorage

MB = 1024 * 1024


def real_folder() -> Path | None:
    """A group in which memory can be limited, made for the tests; None where there can be none."""
    for root, file in (("/sys/fs/cgroup", "cgroup.controllers"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")):
        folder = Path(root) / f"hubgate-tests-{uuid.uuid4().hex[:8]}"
        if not (Path(root) / file).exists() or not os.access(root, os.W_OK):
            continue
        try:
            folder.mkdir()
        except OSError:
            continue
        if any((folder / name).exists() for name in cgroups.MEMORY):
            return folder
        folder.rmdir()
    return None


@pytest.fixture
def folder() -> Iterator[Path]:
    made = real_folder()
    if made is None:
        pytest.skip("no control group with a limit of memory can be made here")
    yield made
    made.rmdir()


def test_what_is_a_folder_of_groups(tmp_path: Path) -> None:
    assert cgroups.problem("") == ""
    assert "an absolute path of a control group" in cgroups.problem(str(tmp_path))
    assert "an absolute path of a control group" in cgroups.problem("sys/fs/cgroup")
    (tmp_path / cgroups.PROCESSES).touch()
    assert cgroups.problem(str(tmp_path)) == ""


def test_without_a_folder_nothing_is_done() -> None:
    groups = Groups("")
    assert not groups
    assert groups.make("id", 1) is None
    assert groups.members("id") == set()
    groups.remove("id")


def test_memory_is_enabled_for_groups_below(tmp_path: Path) -> None:
    (tmp_path / "cgroup.subtree_control").write_text("cpu pids\n")
    Groups(str(tmp_path)).make("id", 0)
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory"


def test_a_group_that_cannot_limit_memory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="cannot limit memory"):
        Groups(str(tmp_path)).make("id", MB)


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="cannot be made: No such file"):
        Groups(str(tmp_path / "gone")).make("id", 0)


def test_a_group_that_cannot_be_entered_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="cannot be entered"):
        cgroups.enter(tmp_path / "gone", 1)


def test_members_of_groups_below_count(tmp_path: Path) -> None:
    group = Groups(str(tmp_path)).make("id", 0)
    assert group is not None
    (group / "inner").mkdir()
    (group / cgroups.PROCESSES).write_text("1\n2\n")
    (group / "inner" / cgroups.PROCESSES).write_text("3\n")
    assert Groups(str(tmp_path)).members("id") == {1, 2, 3}


def local(folder: Path) -> LocalSpawner:
    return LocalSpawner(LocalOptions(cgroup=str(folder)), MemoryStorage())


@pytest.mark.sockets
async def test_a_servers_processes_share_one_limit(folder: Path, launches: Launches, tmp_path: Path) -> None:
    spawner = local(folder)
    child = "import time; x = bytearray(40 * 2**20); time.sleep(300)"
    script = (
        "import subprocess, sys\n"
        f"children = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in range(4)]\n"
        "codes = [c.wait() for c in children]"
    )
    launch = launches(python(script), memory=100 * MB)
    launch = started(launch, await spawner.start(launch, ignore))
    (group,) = folder.glob("hubgate-*")
    limit = next(group / name for name in cgroups.MEMORY if (group / name).exists())
    assert int(limit.read_text()) == 100 * MB
    killed = group / ("memory.oom_control" if limit.name.endswith("in_bytes") else "memory.events")
    await until(lambda: "oom_kill 0" not in killed.read_text())
    await spawner.stop(launch, now=True)
    assert list(folder.glob("hubgate-*")) == []


@pytest.mark.sockets
async def test_who_cuts_all_ties_is_found_by_the_group(folder: Path, launches: Launches) -> None:
    """Another session, no parent, an empty environment."""
    spawner, seconds = local(folder), unique_seconds()
    launch = launches(shell(f"(setsid env -i sleep {seconds} &) & exec sleep 300"))
    launch = started(launch, await spawner.start(launch, ignore))
    await until(lambda: bool(sleepers(seconds)))
    await spawner.stop(launch, now=False)
    assert sleepers(seconds) == set()
    assert list(folder.glob("hubgate-*")) == []
