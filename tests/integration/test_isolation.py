"""What a user's server never receives, and what nobody else ever receives of it.

Every row of the table "The gate's own answers" is here, for somebody who waits for a
page and for a program, over HTTP and WebSocket.
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import MARK, Hostile
from tests.integration.wire import FETCH, NAVIGATION, Reply, Wire, ask, cookie, people, session, start, upgrade

pytestmark = pytest.mark.sockets

WAYS = {"page": NAVIGATION, "accept": {"Accept": "text/html,*/*;q=0.1"}, "fetch": FETCH, "program": {}}
PAGES = ("page", "accept")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    """alice's default server runs, bob's is stopped, carol's starts for ever; dave has none."""
    with Gateway(tmp_path_factory.mktemp("gw"), hostile.settings("alice", "bob", "carol", "dave")) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="people")
def _people(gateway: Gateway) -> Iterator[dict[str, Client]]:
    with people(gateway, "alice", "bob", "carol", "dave", "admin") as clients:
        start(clients, "alice", "alice/gpu", "bob")
        clients["bob"].submit("hub/stop/bob", {}, form="hub/home")
        eventually(lambda: clients["bob"].http.get("user/bob/").json()["message"].startswith("The server is not"), 10)
        clients["carol"].ask_start(profile="slow")
        yield clients


def refusal(reply: Reply, status: int, way: str) -> str:
    """The message, once the answer has been found to have the right form; nothing of the server is in it."""
    assert reply.status == status, (reply.status, reply.body[:500])
    assert MARK.encode() not in reply.raw
    assert reply["cache-control"] == "no-store"
    assert reply["x-jupyterhub-version"] == "6.1.1"
    assert reply["x-hubgate-version"]
    if way in PAGES:
        assert reply["content-type"].startswith("text/html")
        return reply.body.decode()
    assert reply["content-type"] == "application/json"
    told = json.loads(reply.body)
    assert told.keys() == {"status", "message"}
    assert told["status"] == status
    return str(told["message"])


def comparable(reply: Reply) -> tuple[int, list[tuple[str, str]], bytes]:
    """Without what differs from request to request."""
    headers = [pair for pair in reply.headers if pair[0].lower() not in ("x-request-id", "date")]
    return reply.status, headers, re.sub(rb"<footer>Request [^<]*", b"", reply.body)


# ── what a server gets ───────────────────────────────────────────────────────


FORGED = {
    "X-Hubgate-User": "admin",
    "x_hubgate_user": "admin",
    "X-HUBGATE-Identity": "forged",
    "X-Hubgate-Secret": "forged",
    "X-Hubgate-Credential": "session " + "0" * 64,
    "X-Forwarded-User": "admin",
    "X_Forwarded_For": "6.6.6.6",
}


@pytest.mark.parametrize("server", ["", "gpu/"])
def test_no_session_and_no_credential_reaches_a_server(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, server: str
) -> None:
    """Cookies of both names, however they are spelled; what looks like the gateway's own word."""
    alice, mark = people["alice"], hostile.mark()
    mine = session(alice)
    sent = f"a=1; hubgate-session={mine}; __Host-hubgate-session={mine}; Hubgate-Session={mine}; b=2"
    assert ask(gateway, f"/user/alice/{server}one", {"Cookie": sent, **FORGED}).status == 200
    handshake = {"Cookie": sent, **FORGED, **upgrade(gateway)}
    with Wire(gateway) as wire:
        assert wire.ask(f"/user/alice/{server}two", handshake).status == 101
    seen = hostile.since(mark)
    assert len(seen) == 2, seen
    for received in seen:
        assert mine not in received.text
        assert "hubgate-session" not in received.text.lower()
        assert received.values("cookie") == ["a=1; b=2"]
        assert received.values("x-hubgate-user") == ["alice"]
        assert len(received.values("x-hubgate-identity")) == 1
        assert "forged" not in received.text
        assert "6.6.6.6" not in received.text
        assert "admin" not in received.text


def test_a_visitors_token_and_session_do_not_reach_the_server_visited(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile
) -> None:
    token = gateway.run("token", "admin").stdout.strip()
    headers = {"Authorization": f"token {token}", "Cookie": f"hubgate-session={session(people['admin'])}"}
    for server in ("", "gpu/"):
        mark = hostile.mark()
        assert ask(gateway, f"/user/alice/{server}x", headers).status == 200
        (received,) = hostile.since(mark)
        assert token not in received.text
        assert session(people["admin"]) not in received.text
        assert received.values("x-hubgate-user") == ["admin"]
        secret = hostile.start(f"/user/alice/{server}")["environ"].get("JUPYTER_TOKEN", "")
        assert received.values("authorization") == ([f"token {secret}"] if server else [])


def test_a_server_never_learns_anothers_secret(people: dict[str, Client], hostile: Hostile) -> None:
    secret = hostile.start("/user/alice/gpu/")["environ"]["JUPYTER_TOKEN"]
    assert people["alice"].http.get("user/alice/gpu/x").status_code == 200
    assert "".join(received.text for received in hostile.since(0, "/user/alice/gpu/")).count(secret) > 0
    others = [received for received in hostile.since(0) if received.url != "/user/alice/gpu/"]
    assert others
    assert all(secret not in received.text for received in others)


# ── what others get ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["user/alice/x?y=1&z=%2F", "user/bob/", "user/carol/", "user/dave/", "user/nobody/"])
def test_nobody_without_a_credential(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, path: str, way: str
) -> None:
    mark = hostile.mark()
    for headers in ({}, {"Cookie": f"hubgate-session={'A' * 43}"}, {"Cookie": "hubgate-session=short"}):
        reply = ask(gateway, f"/{path}", WAYS[way] | headers)
        if way in PAGES:
            assert reply.status == 302
            assert reply["location"] == f"/hub/login?next={quote(f'/{path}', safe='')}"
        else:
            refusal(reply, 403, way)
    assert hostile.bytes_since(mark) == ""


def test_nobody_at_an_api(gateway: Gateway) -> None:
    """JupyterHub's dialect says 403, our own 401."""
    for way in ("fetch", "program"):
        refusal(ask(gateway, "/hub/api/user", WAYS[way]), 403, way)
        bad = WAYS[way] | {"Authorization": "Basic YWRtaW46YWRtaW4="}
        refusal(ask(gateway, "/hub/api/user", bad), 403, way)
        reply = ask(gateway, "/api/user", bad)
        refusal(reply, 401, way)
        assert reply["www-authenticate"] == "Bearer"


STRANGE = ["alice/", "alice/gpu/x", "alice/none/x", "bob/", "bob/x/y", "carol/", "nobody/", "nobody/gpu/"]


@pytest.mark.parametrize("way", WAYS)
def test_a_stranger_gets_one_answer_for_whatever_is_there_or_not(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, way: str
) -> None:
    """Attack 38. Running, stopped, starting, without servers, not existing: status, headers, body."""
    headers = WAYS[way] | {"Cookie": cookie(people["dave"])}
    mark = hostile.mark()
    replies = [ask(gateway, f"/user/{path}", headers) for path in STRANGE]
    for reply in replies:
        refusal(reply, 403, way)
        assert comparable(reply) == comparable(replies[0])
    assert hostile.bytes_since(mark) == ""


@pytest.mark.parametrize("path", ["alice/x", "alice/gpu/x", "bob/", "carol/", "nobody/"])
def test_no_websocket_for_others(gateway: Gateway, people: dict[str, Client], hostile: Hostile, path: str) -> None:
    mark = hostile.mark()
    for headers in ({}, {"Cookie": cookie(people["dave"])}, {"Authorization": "token " + "x" * 43}):
        with Wire(gateway) as wire:
            reply = wire.ask(f"/user/{path}", upgrade(gateway) | headers)
        assert reply.status == 403
        assert MARK.encode() not in reply.raw
    assert hostile.bytes_since(mark) == ""


@pytest.mark.parametrize("way", WAYS)
def test_the_owner_of_a_stopped_server(gateway: Gateway, people: dict[str, Client], way: str) -> None:
    for path, who in (("bob/x", "bob"), ("dave/", "dave"), ("bob/", "admin")):
        reply = ask(gateway, f"/user/{path}", WAYS[way] | {"Cookie": cookie(people[who])})
        refusal(reply, 424, way)
        assert int(reply["retry-after"]) > 0


@pytest.mark.parametrize("way", WAYS)
def test_the_owner_of_a_starting_server(gateway: Gateway, people: dict[str, Client], way: str) -> None:
    reply = ask(gateway, "/user/carol/x?y", WAYS[way] | {"Cookie": cookie(people["carol"])})
    if way in PAGES:
        assert reply.status == 302
        assert reply["location"].startswith("/hub/spawn-pending/carol")
    else:
        refusal(reply, 424, way)
        assert int(reply["retry-after"]) > 0


@pytest.mark.parametrize("owner", ["bob", "carol"])
def test_no_websocket_to_a_server_that_does_not_run(gateway: Gateway, people: dict[str, Client], owner: str) -> None:
    with Wire(gateway) as wire:
        assert wire.ask(f"/user/{owner}/x", upgrade(gateway) | {"Cookie": cookie(people[owner])}).status == 424


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["nothing", "user", "user/", "users/alice/", "services", "hub/nothing", "hub/api/no"])
def test_unknown_paths(gateway: Gateway, people: dict[str, Client], way: str, path: str) -> None:
    headers = WAYS[way] | {"Cookie": cookie(people["dave"])}
    if path == "hub/nothing" and way == "fetch":
        return  # a script has no business at a page of the hub, known or not
    assert ask(gateway, f"/{path}", headers).status == 404
    if not path.startswith("hub/"):
        assert ask(gateway, f"/{path}", WAYS[way]).status == 404


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}"])
def test_unknown_hosts(gateway: Gateway, people: dict[str, Client], host: str, way: str) -> None:
    name = host.format(port=gateway.port)
    for path in ("", "hub/login", "hub/api/user", "user/alice/x"):
        headers = WAYS[way] | {"Cookie": cookie(people["alice"]), "Host": name}
        refusal(ask(gateway, f"/{path}", headers), 421, way)


# ── the hub is away ──────────────────────────────────────────────────────────


@pytest.fixture
def frozen(gateway: Gateway, people: dict[str, Client]) -> Iterator[Mapping[str, Client]]:
    """The hub hangs, and the worker has noticed; whoever was here before is known."""
    for name in ("alice", "bob", "carol", "dave"):
        people[name].http.get(f"user/{name}/x")
    pid = gateway.pid("hub")
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(60, os.kill, (pid, signal.SIGCONT))
    timer.start()
    try:
        eventually(lambda: ask(gateway, "/hub/health?worker=1").status == 503, 15, "the hub is not missed")
        yield people
    finally:
        timer.cancel()
        os.kill(pid, signal.SIGCONT)
        eventually(gateway.healthy, 15)


def test_while_the_hub_is_away(gateway: Gateway, frozen: Mapping[str, Client]) -> None:
    """Known people are served; what only the hub knows is 503 with `Retry-After`; nobody gets more than before."""
    alice, dave = {"Cookie": cookie(frozen["alice"])}, {"Cookie": cookie(frozen["dave"])}
    unknown = {"Cookie": f"hubgate-session={'B' * 43}"}
    assert MARK.encode() in ask(gateway, "/user/alice/x", alice).body
    for way, headers in WAYS.items():
        refusal(ask(gateway, "/user/alice/x", headers | dave), 403, way)
        refusal(ask(gateway, "/user/bob/", headers | {"Cookie": cookie(frozen["bob"])}), 424, way)
        for path in ("user/alice/x", "hub/api/user", "hub/home", "api/user"):
            if path == "hub/home" and way == "fetch":
                continue
            reply = ask(gateway, f"/{path}", headers | (unknown if path.startswith("user") else alice))
            refusal(reply, 503, way)
            assert int(reply["retry-after"]) > 0
    with Wire(gateway) as wire:
        assert wire.ask("/user/alice/x", upgrade(gateway) | unknown).status == 503
    with Wire(gateway) as wire:
        assert wire.ask("/user/alice/x", upgrade(gateway) | alice).status == 101
