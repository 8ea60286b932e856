"""The profiles that are shipped: each started by a person and by a program, and used behind its path."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually

pytestmark = pytest.mark.sockets

EXAMPLES = Path(__file__).parents[2] / "configs/profiles"
READY = 90.0
"""Seconds for a JupyterLab on a busy machine."""


def shipped() -> list[dict[str, Any]]:
    return [tomllib.loads(file.read_text("utf-8"))["profiles"][0] for file in sorted(EXAMPLES.glob("*.toml"))]


@pytest.fixture(scope="module", params=["/", "/x/"])
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {"gateway": {"base_path": request.param}, "profiles": shipped(), "spawner": {"start_timeout": READY}}
    with Gateway(tmp_path_factory.mktemp("profiles"), settings) as gateway:
        site = gateway.home / "site"
        (site / "deep").mkdir(parents=True)
        (site / "index.html").write_text("<a href='deep/'>deep</a> and <b>here</b>", "utf-8")
        (site / "deep" / "page.txt").write_text("deep down", "utf-8")
        yield gateway


@pytest.fixture
def me(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        yield client


class Starter:
    """Starts a profile for me, by the form or by the API, and stops it again."""

    def __init__(self, way: str, client: Client) -> None:
        self.way = way
        self.client = client

    def __call__(self, profile: str, **options: Any) -> None:
        if self.way == "form":
            fields = {"profile": profile, **{f"opt-{name}": str(value) for name, value in options.items()}}
            answer = self.client.submit("hub/spawn", fields)
            assert answer.status_code == 302, answer.text[:2000]
        else:
            answer = self.call("POST", {"user_options": {"profile": profile, **options}})
            assert answer.status_code in (201, 202), answer.text
        eventually(self._ready, READY, lambda: f"not ready: {self.call('GET').text}\n{self.client.gateway.log()}")

    def _ready(self) -> bool:
        model = self.call("GET").json()
        assert not model["stopped"], f"{model}\n{self.client.gateway.log()}"
        return bool(model["ready"])

    def call(self, method: str, body: Any = None) -> httpx.Response:
        gateway = self.client.gateway
        token = gateway.run("token", self.client.user).stdout.strip() if not hasattr(self, "token") else self.token
        self.token = token
        url = gateway.url(f"hub/api/users/{self.client.user}/server")
        headers = {"Authorization": f"token {token}", "Host": gateway.authority}
        return httpx.request(method, url, json=body, headers=headers, trust_env=False, timeout=READY)


@pytest.fixture(params=["form", "api"])
def start(request: pytest.FixtureRequest, me: Client) -> Iterator[Starter]:
    starter = Starter(request.param, me)
    yield starter
    me.stop_server()


def test_jupyterlab(start: Starter, me: Client) -> None:
    start("lab")
    page = me.page(me.server("lab"))
    assert page.status_code == 200
    assert f'"baseUrl": "{me.gateway.base_path}user/admin/"' in page.text
    with me.kernel() as kernel:
        assert kernel.execute("print(6 * 7)") == "42\n"
        limits = kernel.execute("import resource as r; print(r.getrlimit(r.RLIMIT_DATA), r.getrlimit(r.RLIMIT_NOFILE))")
    assert limits == f"({4 * 2**30}, {4 * 2**30}) (4096, 4096)\n"


def test_a_jupyter_server_without_interface(start: Starter, me: Client) -> None:
    start("server")
    status = me.jupyter("GET", "api/status")
    assert status.status_code == 200
    assert status.json()["kernels"] == 0
    assert me.page(me.server("lab")).status_code == 404
    with me.kernel() as kernel:
        assert kernel.execute("print('served')") == "served\n"


def test_marimo(start: Starter, me: Client) -> None:
    start("marimo")
    page = me.page(me.server())
    assert page.status_code == 200
    assert "<marimo-" in page.text
    script = re.search(r'src="(\./assets/[^"]+\.js)"', page.text)
    assert script
    assert "javascript" in me.http.get(me.server(script[1].removeprefix("./"))).headers["content-type"]
    with me.websocket(me.server("ws?session_id=s_abc123&file=__new__s_abc123")) as socket:
        first = json.loads(socket.recv(timeout=60))
    assert first["op"] == "kernel-ready", first


def test_a_folder(start: Starter, me: Client) -> None:
    """An app that knows nothing of the path under which it is."""
    start("folder", folder="site")
    assert "<b>here</b>" in me.page(me.server()).text
    assert me.page(me.server("deep/page.txt")).text == "deep down"
    redirect = me.page(me.server("deep?x=1"))
    assert redirect.status_code == 301
    assert redirect.headers["location"] == f"{me.gateway.base_path}user/admin/deep/?x=1"
    assert "page.txt" in me.page(me.server("deep"), follow_redirects=True).text
    assert me.page(me.server("none")).status_code == 404
    (server,) = [process for process in me.gateway.servers() if "http.server" in " ".join(process.cmdline())]
    assert "--directory=site" in server.cmdline()


def test_what_is_chosen_stays_one_argument(me: Client) -> None:
    start = Starter("form", me)
    hostile = "site $(touch owned) ; --bind=0.0.0.0 {port}"
    start("folder", folder=hostile)
    try:
        (server,) = [process for process in me.gateway.servers() if "http.server" in " ".join(process.cmdline())]
        assert f"--directory={hostile}" in server.cmdline()
        assert not (me.gateway.home / "owned").exists()
    finally:
        me.stop_server()


def test_a_wrong_option_starts_nothing(me: Client) -> None:
    start = Starter("api", me)
    answer = start.call("POST", {"user_options": {"profile": "folder", "folder": "/etc", "colour": 1}})
    assert answer.status_code == 400
    assert "folder does not have the right form: Below your home" in answer.json()["message"]
    assert "colour is no option of folder; there are: folder" in answer.json()["message"]
    assert me.gateway.servers() == []
