"""Captures end to end: two workers, real requests and WebSockets, files that other programs open, and no secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually
from tests.integration.wire import Wire

pytestmark = pytest.mark.sockets


class Admin:
    """Who looks, by a token."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.token = gateway.run("token", "admin").stdout.strip()
        headers = {"Host": gateway.authority, "Authorization": f"token {self.token}"}
        self.http = httpx.Client(base_url=gateway.url("hub/api/traffic/captures"), headers=headers, trust_env=False)

    def start(self, **wish: Any) -> str:
        answer = self.http.post("", json={"reason": "a test", **wish})
        assert answer.status_code == 201, answer.text
        time.sleep(1)  # by then it is in force in every worker
        return str(answer.json()["id"])

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def flows(self, capture: str, number: int = 1) -> list[dict[str, Any]]:
        """Once there are so many."""
        eventually(lambda: self.get(f"/{capture}/flows")["newest"] >= number, 15)
        items: list[dict[str, Any]] = self.get(f"/{capture}/flows?limit=1000")["items"]
        return items

    def flow(self, capture: str, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/{capture}/flows/{number}")
        return found

    def file(self, capture: str, form: str) -> bytes:
        answer = self.http.get(f"/{capture}/file/{form}", timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {"gateway": {"workers": 2}, "profiles": [PROFILE]}
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> Iterator[Admin]:
    admin = Admin(gateway)
    with admin.http:
        yield admin


@pytest.fixture(scope="module")
def user(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        client.start_server()
        yield client


def test_what_is_covered_is_recorded_and_nothing_else(admin: Admin, user: Client) -> None:
    user.http.get(user.server("before"))
    capture = admin.start(user="admin", path="/user/admin/seen", seconds=60)
    user.http.get(user.server("other"))
    token = {"Authorization": f"token {admin.token}"}
    user.http.post(user.server("seen/x?y=1"), json={"a": 1, "password": "hunter2hunter2"}, headers=token)
    with user.websocket(user.server("seen/ws")) as socket:
        socket.recv(timeout=10)
        socket.send("hello")
        assert socket.recv(timeout=10) == "hello"
    flows = {each["target"]: each["number"] for each in admin.flows(capture, 2)}
    assert flows.keys() == {"/user/admin/seen/x?y=1", "/user/admin/seen/ws"}
    number = flows["/user/admin/seen/ws"]
    eventually(lambda: admin.flow(capture, number)["end"], 10)
    assert [each.get("data") for each in admin.flow(capture, number)["messages"]][1:] == ["hello", "hello"]
    assert admin.http.post(f"/{capture}/stop").json()["running"] is False
    user.http.get(user.server("seen/later"))
    assert admin.get(f"/{capture}/flows")["newest"] == 2


def test_what_others_send_on_the_same_connection_is_not_recorded(gateway: Gateway, admin: Admin, user: Client) -> None:
    """31: as a front proxy sends them, one after the other; also once the connection has gone to the flow lane."""
    gateway.run("user", "add", "other")
    other = gateway.run("token", "other").stdout.strip()
    bearers = {"mine": admin.token, "others": other, "nobodys": ""}
    capture = admin.start(user="admin", seconds=60)
    with Wire(gateway) as wire:
        for number in range(3):
            for who, token in bearers.items():
                headers = {"Authorization": f"token {token}"} if token else {}
                status = wire.ask(f"/user/admin/{who}-{number}", headers).status
                assert (status == 200) is (who == "mine"), (who, status)
    targets = [each["target"] for each in admin.flows(capture, 3)]
    assert targets == [f"/user/admin/mine-{number}" for number in range(3)]
    assert admin.get(f"/{capture}")["users"] == ["admin"]
    for form in ("har", "mitmproxy"):
        assert b"others-" not in admin.file(capture, form) and b"nobodys-" not in admin.file(capture, form)
    admin.http.delete(f"/{capture}")


def test_both_files_open_in_mitmproxy(admin: Admin, user: Client, tmp_path: Path) -> None:
    capture = admin.start(server="admin/", seconds=60)
    user.http.get(user.server("a-page?token=a-secret-in-a-query"))
    admin.flows(capture)
    for form in ("mitmproxy", "har"):
        file = tmp_path / form
        file.write_bytes(admin.file(capture, form))
        command = [Path(sys.executable).with_name("mitmdump"), "-nr", file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "/user/admin/a-page?token=hidden-" in done.stdout
        assert "200 OK" in done.stdout
    assert admin.http.delete(f"/{capture}").status_code == 204


def test_an_open_websocket_comes_back_recorded(admin: Admin, user: Client) -> None:
    with user.websocket(user.server("early")) as socket:
        socket.recv(timeout=10)
        capture = admin.start(user="admin", seconds=60)
        socket.send("not seen")
        assert socket.recv(timeout=10) == "not seen"
        assert admin.http.post(f"/{capture}/reconnect").status_code == 202
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    with user.websocket(user.server("early")) as socket:
        socket.recv(timeout=10)
        assert admin.http.post(f"/{capture}/reconnect").status_code == 202
        socket.send("seen")
        assert socket.recv(timeout=10) == "seen"
    eventually(lambda: admin.flows(capture) and admin.flow(capture, 1)["end"], 15)
    assert [each["target"] for each in admin.flows(capture)] == ["/user/admin/early"]
    assert [each.get("data") for each in admin.flow(capture, 1)["messages"]][1:] == ["seen", "seen"]
    admin.http.delete(f"/{capture}")


def test_it_goes_on_when_the_hub_dies(gateway: Gateway, admin: Admin, user: Client) -> None:
    capture = admin.start(user="admin", path="/user/admin/crash", seconds=120)
    user.http.get(user.server("crash-not-below"))
    user.http.get(user.server("crash/before"))
    admin.flows(capture)
    os.kill(gateway.pid("hub"), signal.SIGKILL)
    user.http.get(user.server("crash/meanwhile"))
    eventually(gateway.healthy, 60)
    # By one worker; the one that is asked here may know the hub a moment later.
    eventually(lambda: admin.http.get(f"/{capture}").status_code == 200, 60)
    user.http.get(user.server("crash/after"))
    found = {each["target"].rpartition("/")[2] for each in admin.flows(capture, 3)}
    assert found == {"before", "meanwhile", "after"}
    assert admin.get(f"/{capture}")["running"]
    admin.http.delete(f"/{capture}")


def test_it_stays_within_its_size_under_load(gateway: Gateway, admin: Admin, user: Client) -> None:
    capture = admin.start(user="admin", seconds=120, size=2_000_000)
    deadline = time.monotonic() + 60
    while admin.get(f"/{capture}")["running"] and time.monotonic() < deadline:
        for _ in range(100):
            assert user.http.get(user.server("load?" + "x" * 2000)).status_code == 200
    found = admin.get(f"/{capture}")
    assert found["why"] == "it is full"
    assert found["bytes"] <= 2_000_000
    folder = gateway.data_dir / "captures" / capture
    assert sum(each.stat().st_size for each in folder.iterdir()) <= 2_010_000
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    admin.http.delete(f"/{capture}")
    assert not folder.exists()


def test_addon_scripts(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(
        'match = {"path": "/user/admin/"}\ndef responseheaders(flow):\n    flow.response.headers["x-mine"] = "yes"\n'
    )
    (tmp_path / "bad.py").write_text("match = {")
    settings = {"profiles": [PROFILE], "traffic": {"addons": ["bad.py", "good.py"]}}
    with Gateway(tmp_path, settings) as gateway, Client(gateway) as client:
        client.log_in()
        client.start_server()
        assert client.http.get(client.server("x")).headers["x-mine"] == "yes"
        assert "bad.py is broken and ignored" in gateway.log(10**6)
