"""Every error names what happened, whose move it is, and the number by which it stands in the access log."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from html import unescape

import httpx
import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.wire import NAVIGATION, Reply, Wire

pytestmark = pytest.mark.sockets

PASSWORD = "for everybody here"
SERVER = """
import socket, sys
door, kept = socket.create_server((sys.argv[1], int(sys.argv[2]))), []
while True:
    caller, _ = door.accept()
    asked = caller.recv(65536)
    if b"/silent " in asked:
        kept.append(caller)
    elif asked:
        caller.sendall(b"good morning" if b"/rude " in asked else b"HTTP/1.0 200 OK\\r\\n\\r\\n")
        caller.close()
"""
SETTINGS = {
    "gateway": {"max_body": 400_000},
    "authenticator": {"plugin": "dummy", "allowed_users": ["alice", "bob"], "dummy": {"password": PASSWORD}},
    "limits": {"requests_per_second": 20},
    "profiles": [
        {
            "name": "odd",
            "command": [sys.executable, "-c", SERVER, "{ip}", "{port}"],
            "auth": "none",
            "response_timeout": 1,
        }
    ],
    "services": [{"name": "away", "url": "http://127.0.0.1:9"}],
    "roles": [{"name": "visitors", "scopes": ["access:services"], "users": ["alice"]}],
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def alice(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in("alice", PASSWORD)
        client.ask_start("odd")
        eventually(lambda: 'href="/user/alice/odd/"' in client.page("hub/home").text, 60, gateway.log)
        yield client


def cookie(client: Client) -> str:
    return "; ".join(f"{each.name}={each.value}" for each in client.http.cookies.jar)


def asked(target: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Callable[[Client, bool], Reply]:
    """One request, as alice's browser sends it, for a page or for a script of one of her servers."""

    def ask(client: Client, page: bool) -> Reply:
        accept = {"Accept": "text/html", **NAVIGATION} if page else {"Accept": "application/json"}
        with Wire(client.gateway) as wire:
            return wire.ask(target, {**accept, "Cookie": cookie(client), **headers}, method, body)

    return ask


def too_often(client: Client, page: bool) -> Reply:
    """All that one token may ask for, and one more."""
    made = client.submit("hub/token", {"note": "", "expires": "hour", "may": "all"})
    found = re.search(r'id="value">([^<]+)<', made.text)
    assert found, made.text
    headers = {"Authorization": f"token {found[1]}"} | ({"Accept": "text/html"} if page else {})
    with Wire(client.gateway) as wire:
        for _ in range(1000):
            reply = wire.ask("/hub/api/user", headers)
            if reply.status == 429:
                return reply
    raise AssertionError("no limit")


PROXY: dict[int, Callable[[Client, bool], Reply]] = {
    400: asked("/user/alice/%2e%2e/x"),
    403: asked("/user/bob/"),
    404: asked("/nothing"),
    405: asked("/user/alice/odd/", method="TRACE"),
    413: asked("/user/alice/odd/", **{"Content-Length": "500000"}),
    414: asked("/user/alice/" + "x" * 20_000),
    421: asked("/hub/home", Host="evil.example"),
    424: asked("/user/alice/lab"),
    429: too_often,
    431: asked("/user/alice/odd/", Cookie="x=" + "y" * 70_000),
    502: asked("/user/alice/odd/rude"),
    503: asked("/services/away/"),
    504: asked("/user/alice/odd/silent"),
}
"""What the proxy says itself."""


def known(gateway: Gateway, reply: Reply) -> dict[str, object]:
    """Its line of the access log, found by the number that the client got."""
    number = reply["x-request-id"]
    assert re.fullmatch(r"[\w-]{8,64}", number)
    sought = f'"id":"{number}"'
    eventually(lambda: sought in gateway.log(10**7), 5, f"{number} is not in the access log")
    line = next(line for line in gateway.log(10**7).splitlines() if sought in line)
    return dict(json.loads(line[line.index("{") :]))


def text(reply: Reply) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", reply.body.decode().partition("<main")[2]))


@pytest.mark.parametrize("status", PROXY)
@pytest.mark.parametrize("page", [True, False], ids=["page", "json"])
def test_what_the_proxy_says(gateway: Gateway, alice: Client, status: int, page: bool) -> None:
    reply = PROXY[status](alice, page)
    assert reply.status == status
    assert known(gateway, reply)["status"] == status
    # No browser sends TRACE, so nobody waits for a page.
    if page and status != 405:
        assert reply["content-type"] == "text/html; charset=utf-8", reply
        assert reply["x-request-id"] in text(reply)
        assert len(re.findall(r"<p>[A-Z][^<]+\.</p>", reply.body.decode())) == 2, "what happened, and whose move it is"
    elif not page:
        assert json.loads(reply.body)["status"] == status
        assert json.loads(reply.body)["message"].endswith(".")


HUB: dict[int, tuple[str, str, dict[str, str]]] = {
    400: ("GET", "hub/spawn/alice/Not-A-Name", {}),
    403: ("POST", "hub/stop/alice", {"_xsrf": "forged"}),
    404: ("GET", "hub/nothing", {}),
    405: ("GET", "hub/stop/alice", {}),
    409: ("POST", "hub/remove/alice/odd", {}),
    413: ("POST", "hub/rename/alice/odd", {"display_name": "x" * 300_000}),
}
"""What the hub says, to a page and to whoever is none."""


@pytest.mark.parametrize("status", HUB)
@pytest.mark.parametrize("page", [True, False], ids=["page", "json"])
def test_what_the_hub_says(gateway: Gateway, alice: Client, status: int, page: bool) -> None:
    method, path, fields = HUB[status]
    found = re.search(r'name="_xsrf" value="([^"]+)"', alice.page("hub/home").text)
    assert found
    data = {"_xsrf": found[1], **fields} if method == "POST" else None
    headers = {"Accept": "text/html" if page else "application/json", "Origin": gateway.origin}
    answer: httpx.Response = alice.http.request(method, path, data=data, headers=headers)
    reply = Reply(answer.status_code, tuple(answer.headers.items()), answer.content)
    assert reply.status == status, text(reply)
    assert known(gateway, reply)["status"] == status
    if page:
        assert reply["x-request-id"] in text(reply)
        assert re.search(r'<p class="move">[A-Z][^<]+\.</p>', reply.body.decode())
    else:
        assert json.loads(reply.body)["status"] == status
