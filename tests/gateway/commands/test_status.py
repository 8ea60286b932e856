"""status: what runs, by its run files; what does not run is not shown."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.commands.conftest import Run

pytestmark = pytest.mark.sockets


@pytest.fixture
def run_dir(folder: Path) -> Path:
    path = folder / "hubgate-data/run"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_nothing_runs(hubgate: Run, folder: Path) -> None:
    code, out, err = hubgate("status")
    assert (code, out, err) == (1, "", f"no gateway runs on {folder}/hubgate-data\n")
    code, out, _ = hubgate("status", "--json")
    assert code == 1
    assert json.loads(out)["processes"] == []


def test_all_of_it(hubgate: Run, run_dir: Path, worker: subprocess.Popen[bytes]) -> None:
    (run_dir / "supervisor.pid").write_text(f"{os.getpid()}\n")
    (run_dir / "hub.pid").write_text(f"{os.getpid()}\n")
    (run_dir / "worker-1.pid").write_text(f"{worker.pid}\n")
    (run_dir / "worker-2.pid").write_text(f"{os.getpid()}\n")
    status = {
        "address": "http://127.0.0.1:1234/x/",
        "version": "9.9",
        "workers": [{"worker": "1", "pid": worker.pid, "since": 1.0}],
    }
    (run_dir / "status.json").write_text(json.dumps(status))
    code, out, err = hubgate("status", "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["address"], told["version"]) == ("http://127.0.0.1:1234/x/", "9.9")
    assert [(each["name"], each["role"], each["pid"], each["connected"]) for each in told["processes"]] == [
        ("supervisor", "supervisor", os.getpid(), None),
        ("hub", "hub", os.getpid(), None),
        ("worker-1", "worker", worker.pid, True),
        ("worker-2", "worker", os.getpid(), False),
    ]
    assert 0 <= told["processes"][2]["uptime"] < 60
    lines = hubgate("status").out.splitlines()
    assert lines[:2] == ["address\thttp://127.0.0.1:1234/x/", "version\t9.9"]
    assert lines[4].startswith(f"worker-1\tpid {worker.pid}\tup ")
    assert lines[4].endswith("\tconnected")
    assert lines[5].endswith("\tnot connected")


def test_no_worker_is_connected_when_the_hub_is_gone(
    hubgate: Run, run_dir: Path, worker: subprocess.Popen[bytes]
) -> None:
    (run_dir / "worker-1.pid").write_text(f"{worker.pid}\n")
    (run_dir / "status.json").write_text(json.dumps({"workers": [{"pid": worker.pid}]}))
    (process,) = json.loads(hubgate("status", "--json").out)["processes"]
    assert process["connected"] is False


def test_a_zombie_is_gone(hubgate: Run, run_dir: Path, worker: subprocess.Popen[bytes]) -> None:
    (run_dir / "hub.pid").write_text(f"{worker.pid}\n")
    worker.kill()
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    assert hubgate("status").code == 1


def test_a_pid_in_other_hands_is_gone(hubgate: Run, run_dir: Path, worker: subprocess.Popen[bytes]) -> None:
    path = run_dir / "hub.pid"
    path.write_text(f"{worker.pid}\n")
    assert hubgate("status").code == 0
    os.utime(path, (time.time() - 1000, time.time() - 1000))
    assert hubgate("status").code == 1


@pytest.mark.parametrize("text", ["", "x", "-1", "99999999"])
def test_a_pid_file_with_nonsense(hubgate: Run, run_dir: Path, text: str) -> None:
    (run_dir / "hub.pid").write_text(text)
    (run_dir / "status.json").write_text("{")
    assert hubgate("status").code == 1


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0s"), (61, "1m 1s"), (3600, "1h 0m"), (90061, "1d 1h"), (59, "59s")]
)
def test_a_duration(seconds: float, shown: str) -> None:
    from gateway.commands.status import _duration

    assert _duration(seconds) == shown
