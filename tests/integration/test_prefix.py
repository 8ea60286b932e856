"""An app at its own root behind a long path: requests, redirects, cookies and WebSockets, in both lanes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, plugin

pytestmark = pytest.mark.sockets

PROFILE = {**echo.PROFILE, "strip_prefix": True, "max_body": 1000}

ADDON = """
from gateway.hookspecs import Addon, Match, hookimpl

class Marks:
    def responseheaders(self, flow):
        flow.response.headers["X-Lane"] = "flow"

@hookimpl
def gateway_addons():
    return [Addon("marks", Match(), Marks())]
"""


@pytest.fixture(scope="module", params=["express", "flow"])
def me(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    settings = {"gateway": {"base_path": "/x/"}, "profiles": [PROFILE]}
    gateway = Gateway(tmp_path_factory.mktemp("prefix"), settings)
    if request.param == "flow":
        plugin(gateway, "marks", ADDON)
    with gateway, Client(gateway) as client:
        client.log_in()
        client.start_server("gpu")
        assert (client.http.get(client.server("", "gpu")).headers.get("X-Lane") == "flow") is (request.param == "flow")
        yield client


def asked(client: Client, path: str) -> dict[str, object]:
    document: dict[str, object] = client.http.get(client.server(path, "gpu")).json()
    return document


def test_it_is_asked_as_if_it_were_alone(me: Client) -> None:
    document = asked(me, "a%2Fb/c?d=%20e")
    assert document["target"] == "/a%2Fb/c?d=%20e"
    assert ["x-forwarded-prefix", "/x/user/admin/gpu"] in document["headers"]  # type: ignore[operator]  # a list
    assert asked(me, "")["target"] == "/"
    assert asked(me, "/evil.example/")["target"] == "/evil.example/"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/login?next=/", "/x/user/admin/gpu/login?next=/"),
        ("{origin}/login", "/x/user/admin/gpu/login"),
        ("http://other.example/login", "http://other.example/login"),
        ("login", "login"),
        ("/x/user/admin/gpu/there", "/x/user/admin/gpu/there"),
    ],
)
def test_where_it_sends_people(me: Client, said: str, told: str) -> None:
    said = said.format(origin=me.gateway.origin)
    answer = me.http.get(me.server("", "gpu"), params={"status": "302", "header": f"Location: {said}"})
    assert answer.headers["location"] == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("a=b; Path=/", "a=b; Path=/x/user/admin/gpu/"),
        ("a=b; Path=/app", "a=b; Path=/x/user/admin/gpu/app"),
        ("a=b; Path=/../../../", "a=b; Path=/x/user/admin/gpu/"),
        ("a=b; Path=/; Domain=127.0.0.1; HttpOnly", "a=b; Path=/x/user/admin/gpu/; HttpOnly"),
    ],
)
def test_what_it_lets_browsers_keep(me: Client, said: str, told: str) -> None:
    answer = me.http.get(me.server("", "gpu"), params={"header": f"Set-Cookie: {said}"})
    assert answer.headers["set-cookie"] == told
    for cookie in [each for each in me.http.cookies.jar if each.name == "a"]:
        me.http.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)


def test_it_speaks_websocket(me: Client) -> None:
    with me.websocket(me.server("socket?x=1", "gpu")) as socket:
        assert json.loads(socket.recv(timeout=10))["target"] == "/socket?x=1"
        socket.send("echo")
        assert socket.recv(timeout=10) == "echo"


def test_its_bodies_have_a_limit_of_their_own(me: Client) -> None:
    headers = {"Origin": me.gateway.origin, "X-XSRFToken": "x"}
    me.http.cookies.set("_xsrf", "x", domain="127.0.0.1", path="/x/user/admin/gpu/")
    for size, status in ((1000, 200), (1001, 413)):
        answer = me.http.post(me.server("up", "gpu"), content=b"x" * size, headers=headers)
        assert answer.status_code == status
