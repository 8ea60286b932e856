from __future__ import annotations

import os
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from plugins.spawners import procfs
from plugins.spawners.procfs import Listener, Process


def test_one_knows_oneself() -> None:
    status = procfs.status(os.getpid())
    assert status is not None
    assert (status.process.pid, status.parent) == (os.getpid(), os.getppid())
    assert (status.session, status.group, status.dead) == (os.getsid(0), os.getpgid(0), False)
    assert procfs.alive(status.process)
    assert status in list(procfs.everything())


def test_a_pid_with_another_start_time_is_another_process() -> None:
    status = procfs.status(os.getpid())
    assert status is not None
    assert not procfs.alive(Process(os.getpid(), status.process.start_time + 1))


def test_nobody_has_pid_zero() -> None:
    assert procfs.status(0) is None
    assert procfs.environ(0) == {}
    assert procfs.sockets(0) == set()


STAT = "77 (a) b (c) {state} 5 6 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 {threads} 0 12345 1 2 3"


@pytest.mark.parametrize(
    ("state", "threads", "dead"), [("S", 1, False), ("R", 4, False), ("Z", 1, True), ("Z", 3, False), ("X", 0, True)]
)
def test_a_name_with_brackets_and_the_dead(state: str, threads: int, dead: bool) -> None:
    status = procfs.parsed(77, STAT.format(state=state, threads=threads))
    assert status == procfs.Status(Process(77, 12345), parent=5, group=6, session=7, dead=dead)


@pytest.mark.sockets
def test_a_zombie_is_dead_and_an_environment_is_read() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={"MARK": "x=ü", "E": ""})
    status = procfs.status(child.pid)
    assert status is not None
    try:
        while not procfs.environ(child.pid):  # until exec
            pass
        assert procfs.environ(child.pid) == {"MARK": "x=ü", "E": ""}
        assert procfs.carries(child.pid, "MARK", "x=ü")
        assert not procfs.carries(child.pid, "MARK", "x")
    finally:
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Path(f"/proc/{child.pid}").exists()
    assert not procfs.alive(status.process)
    child.communicate()


LINE = "  0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000 0 99887 1 0 100 0 0 10 0"


@pytest.mark.skipif(sys.byteorder != "little", reason="the lines are those of a little-endian machine")
@pytest.mark.parametrize(
    ("local", "state", "found"),
    [
        ("0100007F:1F90", "0A", "127.0.0.1"),
        ("00000000:1F90", "0A", "0.0.0.0"),
        ("00000000000000000000000001000000:1F90", "0A", "::1"),
        ("0000000000000000FFFF00000100007F:1F90", "0A", "::ffff:127.0.0.1"),
        ("0100007F:1F91", "0A", None),
        ("0100007F:1F90", "01", None),
    ],
)
def test_lines_of_the_socket_tables(local: str, state: str, found: str | None) -> None:
    expected = Listener(ip_address(found), 99887) if found else None
    assert procfs.listener(LINE.format(local=local, state=state), 8080) == expected


@pytest.mark.parametrize(
    ("address", "loopback", "reached"),
    [
        ("127.0.0.1", True, True),
        ("127.0.0.2", True, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("::1", True, False),
        ("::ffff:127.0.0.1", True, True),
        ("192.0.2.1", False, False),
        ("::ffff:192.0.2.1", False, False),
    ],
)
def test_which_addresses_are_reached_by_loopback(address: str, loopback: bool, reached: bool) -> None:
    assert procfs.loopback(ip_address(address)) is loopback
    assert procfs.reached_by_loopback(ip_address(address)) is reached


def test_the_boot_has_an_id() -> None:
    assert len(procfs.boot_id()) == 36
    assert procfs.boot_id() == procfs.boot_id()
