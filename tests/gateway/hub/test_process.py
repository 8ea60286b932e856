"""The hub's process: what it leaves behind at each kind of end, and what it says when it cannot begin."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gateway.hub.process import RESTART
from gateway.inheritance import Inherited, to_pipe
from gateway.settings import Settings

pytestmark = pytest.mark.sockets

CODE = """
import sys
from gateway import inheritance
from gateway.errors import HubgateError
from gateway.hub import process
inherited = inheritance.from_pipe(int(sys.argv[1]))
try:
    sys.exit(process.run(inherited.settings, inherited))
except HubgateError as error:
    sys.stderr.write(error.message)
    sys.exit(1)
"""
SECRET = "s" * 40


class Process:
    """One hub, started as the supervisor starts it."""

    def __init__(self, folder: Path, **sections: object) -> None:
        self.run_dir = folder / "data" / "run"
        database = f"sqlite:{folder}/data/hubgate.sqlite"
        gateway = {"data_dir": folder / "data"}
        settings = Settings.model_validate({"gateway": gateway, "store": {"url": database}, **sections})
        self._ready, ready = os.pipe()
        document = to_pipe(Inherited(SECRET, ready=ready, address="http://hub.example/", settings=settings))
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-c", CODE, str(document)],
            pass_fds=(document, ready),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(document)
        os.close(ready)

    def await_ready(self) -> None:
        with os.fdopen(self._ready, "rb") as pipe:
            assert pipe.read() == b"ready\n", self.popen.communicate()[1]

    def get(self, path: str, secret: str = SECRET) -> httpx.Response:
        transport = httpx.HTTPTransport(uds=str(self.run_dir / "hub.sock"))
        with httpx.Client(transport=transport, base_url="http://hub", headers={"X-Hubgate-Secret": secret}) as client:
            return client.get(path)

    def end(self, number: int) -> tuple[int, str, str]:
        self.popen.send_signal(number)
        out, err = self.popen.communicate(timeout=30)
        return self.popen.returncode, out, err

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.run_dir.iterdir()}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    made: list[Process] = []

    def start(**sections: object) -> Process:
        made.append(Process(tmp_path, **sections))
        return made[-1]

    yield start
    for process in made:
        process.popen.kill()
        process.popen.communicate()


def test_from_the_first_start_to_the_clean_end(start: Callable[..., Process]) -> None:
    process = start()
    process.await_ready()
    assert process.files == {"hub.lock", "hub.pid", "hub.sock", "status.json"}
    assert (process.run_dir / "hub.pid").read_text() == f"{process.popen.pid}\n"
    assert process.run_dir.stat().st_mode & 0o777 == 0o700
    status = json.loads((process.run_dir / "status.json").read_text())
    assert status["address"] == "http://hub.example/"
    assert status["workers"] == [] and abs(status["started"] - time.time()) < 60
    assert process.get("/hub/login").status_code == 200
    assert process.get("/hub/login", "wrong").status_code == 403
    code, out, _ = process.end(signal.SIGTERM)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "admin user: admin" and lines[1].startswith("admin password: ") and len(lines) == 2
    assert process.files == {"hub.lock"}


def test_users_of_the_settings_do_not_stand_in_for_the_first_admin(start: Callable[..., Process]) -> None:
    roles = [{"name": "reader", "users": ["bob"]}, {"name": "user", "scopes": ["self"]}, {"name": "admin"}]
    process = start(groups=[{"name": "class", "users": ["alice"]}], roles=roles)
    process.await_ready()
    _, out, _ = process.end(signal.SIGTERM)
    assert out.startswith("admin user: admin\n")


def test_told_to_leave_it_asks_to_be_started_again(start: Callable[..., Process]) -> None:
    process = start()
    process.await_ready()
    code, _, _ = process.end(signal.SIGHUP)
    assert code == RESTART == 75
    again = start()
    again.await_ready()
    assert (again.run_dir / "hub.pid").read_text() == f"{again.popen.pid}\n"
    code, out, _ = again.end(signal.SIGINT)
    assert (code, out) == (0, ""), "the first start was another one"


def test_after_a_sudden_death_the_next_one_begins(start: Callable[..., Process]) -> None:
    process = start()
    process.await_ready()
    assert process.end(signal.SIGKILL)[0] == -signal.SIGKILL
    assert "hub.sock" in process.files
    again = start()
    again.await_ready()
    assert again.get("/hub/login").status_code == 200


def test_a_second_hub_is_refused_and_the_first_one_serves_on(start: Callable[..., Process]) -> None:
    first = start()
    first.await_ready()
    second = start()
    _, err = second.popen.communicate(timeout=30)
    assert second.popen.returncode == 1
    assert "another hub is at work here already" in err
    assert first.get("/hub/login").status_code == 200
    assert (first.run_dir / "hub.pid").read_text() == f"{first.popen.pid}\n"


def test_a_place_that_cannot_be_listened_on_is_one_message(start: Callable[..., Process], tmp_path: Path) -> None:
    process = start(channel={"bind": f"unix:{tmp_path}/nowhere/hub.sock"})
    _, err = process.popen.communicate(timeout=30)
    assert process.popen.returncode == 1
    assert f"cannot listen on {tmp_path}/nowhere/hub.sock" in err
    assert "Traceback" not in err
    assert process.files == {"hub.lock"}
