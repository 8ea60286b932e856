"""Servers of the system's users: real ones, which only root can make."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import StartFailed
from gateway.model import Launch
from plugins.spawners import account, procfs
from plugins.spawners.local import LocalSpawner
from plugins.spawners.options import LocalOptions
from tests.plugins.launches import IDLE, Launches, ignore, pids, shell, started, until
from tests.plugins.storage import MemoryStorage

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start servers of other users"),
    pytest.mark.skipif(not shutil.which("useradd"), reason="needs useradd"),
]


@pytest.fixture
async def person(launches: Launches) -> AsyncIterator[pwd.struct_passwd]:
    name, group = (f"hg-{kind}{uuid.uuid4().hex[:8]}" for kind in "ug")
    subprocess.run(["groupadd", group], check=True)
    subprocess.run(["useradd", "--create-home", "--groups", group, "--shell", "/bin/sh", name], check=True)
    yield pwd.getpwnam(name)
    await launches.sweep()  # nobody is removed who still runs something
    subprocess.run(["userdel", "--remove", name], check=True, capture_output=True)
    subprocess.run(["groupdel", group], check=True)


def local(**options: Any) -> LocalSpawner:
    return LocalSpawner(LocalOptions(user="system", **options), MemoryStorage())


def of(person: str, launch: Launch) -> Launch:
    return replace(launch, server=replace(launch.server, user=person))


async def test_it_is_that_users_process_in_that_users_home(
    launches: Launches, person: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "/of/the/gateway")
    script = "(id -u; id -g; id -G; umask; pwd; echo $HOME $USER $LOGNAME $SHELL -$TMPDIR-) > out; exec sleep 300"
    launch = of(person.pw_name, launches(shell(script), cwd=""))
    spawner = local(umask="0077")
    launch = started(launch, await spawner.start(launch, ignore))
    out = Path(person.pw_dir) / "out"
    await until(lambda: out.exists() and out.read_text().count("\n") == 6)
    uid, gid, groups, umask, folder, env = out.read_text().splitlines()
    assert (int(uid), int(gid)) == (person.pw_uid, person.pw_gid)
    assert {int(group) for group in groups.split()} == set(os.getgrouplist(person.pw_name, person.pw_gid))
    assert len(groups.split()) == 2
    assert umask == "0077"
    assert folder == person.pw_dir
    assert env == f"{person.pw_dir} {person.pw_name} {person.pw_name} /bin/sh --"
    assert out.stat().st_mode & 0o777 == 0o600
    assert await spawner.adopt(launch) == launch.server.target
    await spawner.stop(launch, now=False)
    assert pids(launch) == set()


async def test_it_has_none_of_roots_rights(launches: Launches, person: pwd.struct_passwd) -> None:
    launch = of(person.pw_name, launches(IDLE, cwd=""))
    await local().start(launch, ignore)
    (pid,) = pids(launch)
    status = dict(line.split(":\t", 1) for line in (procfs.PROC / str(pid) / "status").read_text().splitlines())
    assert status["Uid"].split() == [str(person.pw_uid)] * 4
    assert status["Gid"].split() == [str(person.pw_gid)] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0


async def test_its_folder_is_entered_with_its_own_rights(
    launches: Launches, person: pwd.struct_passwd, tmp_path: Path
) -> None:
    """A link in a home must not lead where only root may go."""
    private = tmp_path / "private"
    (private / "open").mkdir(parents=True)
    private.chmod(0o700)
    (Path(person.pw_dir) / "work").symlink_to(private / "open")
    launch = of(person.pw_name, launches(shell("touch /tmp/hubgate-never; exec sleep 300"), cwd="work"))
    spawner = local()
    launch = started(launch, await spawner.start(launch, ignore))
    assert await spawner.died(launch) != 0
    assert "can't cd" in Path(launch.log_file).read_text()
    assert not Path("/tmp/hubgate-never").exists()


async def test_limits_hold_for_them_too(launches: Launches, person: pwd.struct_passwd) -> None:
    launch = of(person.pw_name, launches(shell("ulimit -n > out; exec sleep 300"), cwd="", open_files=99))
    await local().start(launch, ignore)
    out = Path(person.pw_dir) / "out"
    await until(lambda: out.exists() and out.read_text() == "99\n")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("no-such-user-here", "no user 'no-such-user-here'"),
        ("root", "an account of the system itself"),
        ("daemon", "an account of the system itself"),
        ("0", "no user '0'"),
        ("../x", "no user"),
    ],
)
async def test_who_has_no_account_has_no_server(launches: Launches, name: str, what: str) -> None:
    launch = of(name, launches(IDLE, cwd=""))
    with pytest.raises(StartFailed, match=what):
        await local().start(launch, ignore)
    assert pids(launch) == set()


async def test_groups_that_cannot_be_set_start_nothing(
    launches: Launches, person: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_many = tuple(range(5000, 5000 + os.sysconf("SC_NGROUPS_MAX") + 1))
    monkeypatch.setattr(os, "getgrouplist", lambda name, gid: too_many)
    launch = of(person.pw_name, launches(IDLE, cwd=""))
    with pytest.raises(StartFailed, match=f"cannot be run as {person.pw_name}"):
        await local().start(launch, ignore)
    assert pids(launch) == set()


async def test_a_gateway_that_is_not_root_starts_none(
    launches: Launches, person: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(StartFailed, match="need a gateway that runs as root"):
        account.of_system(person.pw_name, 1000)
    (warning,) = local().warnings()
    assert "no server will start" in warning


def test_as_root_there_is_nothing_to_warn_about() -> None:
    assert local().warnings() == ()
