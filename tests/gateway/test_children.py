"""When a child starts again, and what it gets when it starts."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from gateway.children import SLOWEST, STABLE, Child, described, pause, prepare
from gateway.inheritance import Inherited


def test_the_first_restart_is_at_once_and_a_loop_gets_slower() -> None:
    pauses = [pause(failures) for failures in range(12)]
    assert pauses[:5] == [0, 0, 0.5, 1, 2]
    assert pauses == sorted(pauses)
    assert pauses[-1] == SLOWEST


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with code 0"), (-9, "was killed by SIGKILL"), (-99, "was killed by signal 99")],
)
def test_an_exit_in_words(code: int, words: str) -> None:
    assert described(code) == words


def test_roles_and_names() -> None:
    assert [(child.role, child.name) for child in (Child(0), Child(2))] == [("hub", "hub"), ("proxy", "worker-2")]


def test_a_crash_loop_is_told_from_single_crashes() -> None:
    child = Child(1)
    assert [child.ended(1, 0.0) for _ in range(3)] == [0.0, 0.5, 1.0]
    child.ready_since = 100.0
    assert child.ended(1, 100.0 + STABLE) == 0.0
    assert child.failures == 1
    child.ready_since = 200.0
    assert child.ended(1, 200.1) == 0.5
    child.restart_asked = True
    assert child.ended(75, 300.0) == 0.0
    assert child.failures == 0


CHILD = """
import json, os, signal, sys
fd = int(sys.argv[sys.argv.index("--inherit") + 1])
document = json.load(os.fdopen(fd))
open_fds = sorted(int(name) for name in os.listdir("/proc/self/fd"))
out = open(sys.argv[1], "w")
json.dump({"document": document, "fds": open_fds, "argv": sys.argv, "group": os.getpgid(0) == os.getpid(),
           "stdin": os.readlink("/proc/self/fd/0"), "environ": dict(os.environ)}, out)
out.close()
os.write(document["ready"], b"ready\\n")
"""


@pytest.mark.sockets
def test_a_child_gets_its_descriptors_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    secret = "s3same" * 6
    own = os.open("/dev/null", os.O_RDONLY)
    listener = os.open("/dev/null", os.O_RDONLY)
    prepared = prepare("proxy", [sys.executable, "-c", CHILD, str(out)], [listener])
    child = Child(1)
    child.start(prepared, lambda ready: Inherited(secret, (listener,), 1, ready), time.monotonic())
    pid = child.pid
    os.set_blocking(child.ready_fd, True)
    assert os.read(child.ready_fd, 64) == b"ready\n"
    assert os.read(child.ready_fd, 64) == b""
    os.close(child.ready_fd)
    assert child.running
    assert not child.ready
    _, status = os.waitpid(pid, 0)
    child.ended(os.waitstatus_to_exitcode(status), time.monotonic())
    assert (status, child.running, child.pid) == (0, False, 0)
    child.signal(signal.SIGKILL)  # nobody's any more
    told = json.loads(out.read_text())
    assert told["document"]["secret"] == secret
    assert told["group"]
    assert told["stdin"] == "/dev/null"
    assert listener in told["fds"]
    assert own not in told["fds"]
    assert secret not in json.dumps([told["argv"], told["environ"]])
    os.close(own)
    os.close(listener)


@pytest.mark.sockets
def test_a_program_that_is_not_there_leaves_nothing_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        prepare("hub", ["/no/such/program"], [])
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.sockets
def test_one_that_is_dead_before_it_is_told_anything() -> None:
    prepared = prepare("proxy", ["true"], [])
    os.waitid(os.P_PID, prepared.process.pid, os.WEXITED | os.WNOWAIT)
    child = Child(1)
    child.start(prepared, lambda ready: Inherited("x", ready=ready), 0.0)
    assert child.pid == prepared.process.pid
    os.waitpid(child.pid, 0)
    child.ended(0, 1.0)
    os.close(child.ready_fd)
