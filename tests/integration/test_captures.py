"""Captures end to end: two workers, real requests and WebSockets, files that other programs open, and no secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually

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
    assert [each["target"] for each in admin.flows(capture, 2)] == ["/user/admin/seen/x?y=1", "/user/admin/seen/ws"]
    eventually(lambda: admin.flow(capture, 2)["end"], 10)
    assert [each.get("data") for each in admin.flow(capture, 2)["messages"]][1:] == ["hello", "hello"]
    assert admin.http.post(f"/{capture}/stop").json()["running"] is False
    user.http.get(user.server("seen/later"))
    assert admin.get(f"/{capture}/flows")["newest"] == 2


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
