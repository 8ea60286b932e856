"""The supervisor with small real children: what dies comes back, and signals do what is written."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import runfiles
from tests.gateway.supervised import DRIVER, Supervised, alive, eventually

pytestmark = pytest.mark.sockets


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    it = Supervised(tmp_path)
    yield it
    if it.process:
        it.process.kill()
        it.process.wait()
        assert it.process.stdout
        it.process.stdout.close()
    for name in ("hub", "worker-1", "worker-2"):  # they end by themselves, unless the test made them stubborn
        with contextlib.suppress(OSError):
            if (tmp_path / f"{name}.stubborn").exists():
                os.kill(it.pid(name), signal.SIGKILL)


# ── starting ─────────────────────────────────────────────────────────────────


def test_one_line_when_all_are_ready(supervised: Supervised) -> None:
    supervised.settings["gateway"]["workers"] = 2
    supervised.settings["gateway"]["base_path"] = "/x/"
    supervised.start()
    assert supervised.line.startswith("Hubgate is ready at http://127.0.0.1:")
    assert supervised.line.endswith("/x/\n")
    supervised.line = supervised.line.replace("/x/", "/")
    assert supervised.port() != 0
    assert supervised.ask().startswith("worker-")
    (hub,) = supervised.documents("hub")
    (one,) = supervised.documents("worker-1")
    (two,) = supervised.documents("worker-2")
    assert hub["secret"] == one["secret"] == two["secret"]
    assert len(hub["secret"]) >= 32
    assert (hub["listeners"], one["listeners"]) == ([], two["listeners"])
    assert one["settings"]["gateway"]["bind"] == [f"127.0.0.1:{supervised.port()}"]
    assert one["address"] == f"http://127.0.0.1:{supervised.port()}/x/"
    run = supervised.folder / "data/run"
    assert runfiles.read_pid(run / "supervisor.pid") == supervised.process.pid  # type: ignore[union-attr]
    assert (supervised.folder / "data").stat().st_mode & 0o777 == 0o700
    assert supervised.end() == 0
    assert not (run / "supervisor.pid").exists()


def test_not_ready_before_the_last_one_is(supervised: Supervised) -> None:
    supervised.wish("worker-1", "mute")
    supervised.start(ready=False)
    eventually(lambda: supervised.pid("worker-1") and supervised.pid("hub"))
    (supervised.folder / "worker-1.mute").unlink()
    os.kill(supervised.pid("worker-1"), signal.SIGKILL)
    assert supervised.process
    assert supervised.process.stdout
    assert supervised.process.stdout.readline().startswith("Hubgate is ready")
    assert len(supervised.documents("worker-1")) == 2


@pytest.mark.parametrize(("name", "code", "result"), [("hub", "2", 2), ("hub", "1", 1), ("worker-1", "3", 1)])
def test_a_child_that_says_no_at_the_first_start_ends_the_gateway(
    supervised: Supervised, name: str, code: str, result: int
) -> None:
    supervised.wish(name, "exit", code)
    supervised.start(ready=False)
    assert supervised.wait() == result
    assert f"{name} cannot start: it ended with code {code}" in supervised.said()
    pids = [int(line.split()[0]) for each in ("hub", "worker-1") for line in supervised.notes(each)]
    assert not any(alive(pid) for pid in pids)


def test_a_child_that_is_killed_again_and_again_ends_the_gateway(supervised: Supervised) -> None:
    supervised.wish("hub", "kill")
    supervised.start(ready=False)
    assert supervised.wait() == 1
    assert "hub cannot start: it was killed by SIGKILL, 4 times" in supervised.said()


def test_not_ready_in_time(supervised: Supervised) -> None:
    supervised.wish("hub", "mute")
    (supervised.folder / "START_TIMEOUT").write_text("0.5")
    supervised.start(ready=False)
    assert supervised.wait() == 1
    assert "not ready within 0.5 s: hub" in supervised.said()


def test_a_port_in_use(supervised: Supervised) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        supervised.settings["gateway"]["bind"] = bind
        supervised.start(ready=False)
        assert supervised.wait() == 1
    assert supervised.said() == f"cannot listen on {bind}: address already in use, perhaps by an older gateway\n"
    assert supervised.notes("hub") == []


def test_a_second_one_is_refused(supervised: Supervised) -> None:
    supervised.start()
    other = subprocess.run(
        [sys.executable, "-c", DRIVER, str(supervised.folder)], capture_output=True, text=True, timeout=20, check=False
    )
    assert other.returncode == 1
    assert other.stderr.startswith("another supervisor is at work here already")
    assert supervised.end() == 0


# ── what dies ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["hub", "worker-1"])
def test_what_is_killed_is_back_within_two_seconds(supervised: Supervised, name: str) -> None:
    supervised.start()
    first = supervised.pid(name)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervised.pid(name) not in (0, first), 2)
    before, after = supervised.documents(name)
    assert before["secret"] == after["secret"]
    assert not alive(first)
    assert f"{name} (pid {first}) was killed by SIGKILL; it starts again at once" in supervised.said()


def test_a_crash_loop_gets_slower(supervised: Supervised) -> None:
    supervised.start()
    wish = supervised.wish("worker-1", "exit", "1")
    os.kill(supervised.pid("worker-1"), signal.SIGKILL)
    eventually(lambda: "it starts again in 1 s" in supervised.said())
    wish.unlink()
    last = supervised.pid("worker-1")
    eventually(lambda: supervised.pid("worker-1") != last)
    assert [text in supervised.said() for text in ("at once", "in 0.5 s", "in 1 s")] == [True] * 3
    assert supervised.ask().startswith("worker-1")


def spare(supervised: Supervised) -> int:
    """The process that waits for a worker's death."""
    (supervised.folder / "SPARE").write_text("0.1")
    supervised.start()
    known = {supervised.pid("hub"), supervised.pid("worker-1")}
    eventually(lambda: len(supervised.children()) == 3)
    (pid,) = set(supervised.children()) - known
    return pid


def test_one_waits_and_takes_the_place_of_a_dead_worker(supervised: Supervised) -> None:
    (supervised.folder / "slow").write_text("")
    waiting = spare(supervised)
    time.sleep(2)  # it takes this long to load its program
    os.kill(supervised.pid("worker-1"), signal.SIGKILL)
    eventually(lambda: supervised.pid("worker-1") == waiting, 1)
    assert supervised.ask() == f"worker-1 {waiting}"
    assert supervised.documents("worker-1")[0]["secret"] == supervised.documents("worker-1")[1]["secret"]
    eventually(lambda: len(supervised.children()) == 3)
    assert supervised.end() == 0
    assert not alive(waiting)


def test_the_death_of_the_one_that_waits_harms_nobody(supervised: Supervised) -> None:
    waiting = spare(supervised)
    os.kill(waiting, signal.SIGKILL)
    eventually(lambda: f"(pid {waiting}) was killed by SIGKILL" in supervised.said())
    first = supervised.pid("worker-1")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervised.pid("worker-1") not in (0, first), 2)
    assert supervised.end() == 0


def test_no_queued_connection_is_lost_when_a_worker_is_killed(supervised: Supervised) -> None:
    supervised.start()
    pid = supervised.pid("worker-1")
    os.kill(pid, signal.SIGSTOP)
    queued = [socket.create_connection(("127.0.0.1", supervised.port()), timeout=10) for _ in range(40)]
    os.kill(pid, signal.SIGKILL)
    answers = []
    for connection in queued:
        with connection:
            answers.append(connection.recv(100).decode())
    # The stopped one may have taken one connection before it stopped.
    assert sum(answer.startswith("worker-1") for answer in answers) >= 39


def test_orphans_are_adopted_and_reaped(supervised: Supervised) -> None:
    supervised.wish("hub", "orphan")
    supervised.start()
    (orphan,) = supervised.orphans()
    first = supervised.pid("hub")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervised.pid("hub") not in (0, first))
    assert orphan in supervised.children()
    os.kill(orphan, signal.SIGKILL)
    eventually(lambda: orphan not in supervised.children())
    for pid in supervised.orphans()[1:]:
        os.kill(pid, signal.SIGKILL)
    assert supervised.end() == 0


def test_a_hub_that_ends_by_itself_ends_the_gateway(supervised: Supervised) -> None:
    supervised.start()
    os.kill(supervised.pid("hub"), signal.SIGTERM)
    assert supervised.wait() == 0
    assert supervised.notes("worker-1")[-1].endswith(" SIGTERM")


def test_a_killed_supervisor_takes_its_children_along_and_another_can_start(supervised: Supervised) -> None:
    supervised.start()
    pids = [supervised.pid("hub"), supervised.pid("worker-1")]
    supervised.settings["gateway"]["bind"] = f"127.0.0.1:{supervised.port()}"
    assert supervised.end(signal.SIGKILL) == -signal.SIGKILL
    assert supervised.process
    assert supervised.process.stdout
    supervised.process.stdout.close()
    supervised.start()
    assert not any(alive(pid) for pid in pids)
    assert supervised.notes("hub")[1].endswith(" SIGHUP")  # it leaves users' servers alone
    assert supervised.notes("worker-1")[1].endswith(" SIGTERM")
    assert supervised.ask().startswith("worker-1")
    assert supervised.end() == 0


# ── signals ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop(supervised: Supervised, number: int) -> None:
    supervised.start()
    assert supervised.end(number) == 0
    for name in ("hub", "worker-1"):
        assert supervised.notes(name)[-1].endswith(" SIGTERM")
        assert not alive(supervised.pid(name))


def test_what_does_not_end_is_killed(supervised: Supervised) -> None:
    supervised.settings["gateway"] |= {"drain_seconds": 0.2, "stop_servers_on_exit": False}
    (supervised.folder / "GRACE").write_text("0.3")
    supervised.wish("worker-1", "stubborn")
    supervised.wish("hub", "stubborn")
    supervised.start()
    pids = [supervised.pid("hub"), supervised.pid("worker-1")]
    began = time.monotonic()
    assert supervised.end() == 0
    assert 0.4 < time.monotonic() - began < 5
    assert not any(alive(pid) for pid in pids)
    assert supervised.said().count("does not end and is killed") == 2


def test_a_second_interrupt_hurries(supervised: Supervised) -> None:
    supervised.settings["gateway"] |= {"drain_seconds": 60}
    (supervised.folder / "HURRY").write_text("0.2")
    supervised.wish("worker-1", "stubborn")
    supervised.wish("hub", "stubborn")
    supervised.start()
    supervised.send(signal.SIGINT)
    eventually(lambda: supervised.notes("worker-1")[-1].endswith(" SIGTERM"))
    assert alive(supervised.pid("worker-1"))
    began = time.monotonic()
    assert supervised.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 5


def test_a_reload_restarts_the_hub_and_tells_the_workers(supervised: Supervised) -> None:
    supervised.start()
    hub, worker = supervised.pid("hub"), supervised.pid("worker-1")
    supervised.settings["gateway"] |= {"max_body": 7, "base_path": "/new/", "bind": "127.0.0.1:1"}
    supervised.write(session={"max_age": 777})
    supervised.send(signal.SIGHUP)
    eventually(lambda: supervised.pid("hub") not in (0, hub))
    eventually(lambda: supervised.notes("worker-1")[-1].endswith(" SIGHUP"))
    assert supervised.pid("worker-1") == worker
    assert supervised.notes("hub")[1] == f"{hub} SIGHUP"
    before, after = supervised.documents("hub")
    assert after["secret"] == before["secret"]
    assert (after["settings"]["gateway"]["max_body"], after["settings"]["session"]["max_age"]) == (7, 777)
    for key in ("base_path", "bind"):
        assert after["settings"]["gateway"][key] == before["settings"]["gateway"][key]
    assert "only a restart of the gateway changes gateway.bind, gateway.base_path" in supervised.said()
    assert supervised.ask() == f"worker-1 {worker}"
    assert supervised.end() == 0


def test_bad_settings_change_nothing(supervised: Supervised) -> None:
    supervised.start()
    hub = supervised.pid("hub")
    (supervised.folder / "settings.json").write_text("nonsense")
    supervised.send(signal.SIGHUP)
    eventually(lambda: "the settings were not changed" in supervised.said())
    assert "a: first mistake" in supervised.said()
    assert "b: second mistake" in supervised.said()
    os.kill(hub, signal.SIGKILL)  # and the next hub gets the good ones
    eventually(lambda: supervised.pid("hub") not in (0, hub))
    assert supervised.documents("hub")[0]["settings"] == supervised.documents("hub")[1]["settings"]
    assert not any("HUP" in line for line in supervised.notes("worker-1"))


def test_a_hub_that_does_not_leave_is_killed(supervised: Supervised) -> None:
    (supervised.folder / "LEAVE").write_text("0.2")
    stubborn = supervised.wish("hub", "stubborn")
    supervised.start()
    hub = supervised.pid("hub")
    supervised.send(signal.SIGHUP)
    eventually(lambda: supervised.pid("hub") not in (0, hub))
    stubborn.unlink()
    assert not alive(hub)
    assert supervised.end() == 0
