"""What goes wrong in words, and what a server gets, is told by `test_local.py` with real processes."""

from __future__ import annotations

import gc
import os
import stat
import time
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from plugins.spawners import launching, procfs
from plugins.spawners.launching import Order


def test_the_first_fit_program_of_the_path_is_taken(tmp_path: Path) -> None:
    for folder, mode in (("a", 0o644), ("b", 0o755), ("c", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "run").touch(mode)
    (tmp_path / "d" / "run").mkdir(parents=True)
    path = ":".join(str(tmp_path / name) for name in "dabc")
    assert launching.find_program("run", path, "/") == str(tmp_path / "b" / "run")
    assert launching.find_program("b/run", "", str(tmp_path)) == str(tmp_path / "b" / "run")
    assert launching.find_program(str(tmp_path / "c" / "run"), "", "/") == str(tmp_path / "c" / "run")
    with pytest.raises(StartFailed, match="not executable"):
        launching.find_program("run", str(tmp_path / "a"), "/")
    with pytest.raises(StartFailed, match="not found"):
        launching.find_program("run", str(tmp_path / "d"), "/")


def test_a_log_is_continued(tmp_path: Path) -> None:
    log = tmp_path / "new" / "server.log"
    for title in ("one", "two"):
        os.close(launching.open_log(log, title))
    assert [line.split()[-1] for line in log.read_text().splitlines()] == ["one", "two"]
    os.close(launching.open_log(log, "three \ud800"))
    assert log.read_text().endswith("three \\ud800\n")


def test_a_log_that_is_emptied_goes_on_at_its_beginning(tmp_path: Path) -> None:
    """The hub relies on it when it puts a long log aside."""
    descriptor = launching.open_log(tmp_path / "server.log", "one")
    os.truncate(tmp_path / "server.log", 0)
    os.write(descriptor, b"after")
    os.close(descriptor)
    assert (tmp_path / "server.log").read_bytes() == b"after"


def test_a_log_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.touch(0o666)
    log.chmod(0o666)
    os.close(launching.open_log(log, "t"))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_is_never_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "server.log").symlink_to(tmp_path / "precious")
    with pytest.raises(StartFailed, match="log cannot be opened"):
        launching.open_log(tmp_path / "server.log", "t")
    assert not (tmp_path / "precious").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, "fchmod", lambda descriptor, mode: None)  # not of a device
    with pytest.raises(StartFailed, match="log cannot be written: No space left"):
        launching.open_log(Path("/dev/full"), "t")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.sockets
def test_a_child_is_named_with_its_start_time_and_may_be_lost(tmp_path: Path) -> None:
    order = Order(("sleep", "300"), dict(os.environ), str(tmp_path), tmp_path / "log", "t")
    process, child = launching.fork(order)
    pid = child.pid
    status = procfs.status(pid)
    assert status is not None
    assert status.process == process
    del child
    gc.collect()  # an ordinary Popen would warn here
    assert procfs.alive(process)
    os.kill(pid, 9)
    assert os.waitpid(pid, 0) == (pid, 9)


@pytest.mark.sockets
def test_a_child_that_ends_at_once_is_named_all_the_same(tmp_path: Path) -> None:
    order = Order(("true",), dict(os.environ), str(tmp_path), tmp_path / "log", "t")
    process, child = launching.fork(order)
    time.sleep(0.05)
    assert process.start_time > 0
    assert child.wait() == 0
