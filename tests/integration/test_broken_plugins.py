"""Plugins that raise, hang, answer nonsense or are of former times: named, survived, and nobody is let in by them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, plugin

pytestmark = pytest.mark.sockets

RULE = """
import time
from gateway.hookspecs import Denial, hookimpl

@hookimpl
def gateway_policy(request, identity, route):
    if route.kind != "server":
        return None
    what = request.path.rpartition("/")[2]
    if what == "closed":
        return Denial("closed", "It is closed.")
    if what == "raise":
        raise ZeroDivisionError("oops")
    if what == "leave":
        raise SystemExit(3)
    if what == "nonsense":
        return True
    if what == "hang":
        time.sleep(60)
    if what == "turn":
        while True:
            pass
"""
ADDON = """
import time
from gateway.hookspecs import Addon, Match, hookimpl

class Fails:
    def load(self, loader):
        raise ZeroDivisionError("at once")

    def request(self, flow):
        if "addon-raises" in flow.request.path:
            raise ZeroDivisionError("in a hook")
        if "addon-hangs" in flow.request.path:
            time.sleep(60)
        if "addon-leaves" in flow.request.path:
            raise SystemExit(3)

    async def response(self, flow):
        if "addon-raises" in flow.request.path:
            return 42
        if "addon-turns" in flow.request.path:
            while True:
                pass

class Fine:
    def responseheaders(self, flow):
        flow.response.headers["X-Fine"] = "yes"

@hookimpl
def gateway_addons():
    match = Match(below=("flow",))
    return [Addon("fails", match, Fails()), Addon("fine", match, Fine()), Addon("fine", match, Fails()), "nonsense"]
"""
HOOKS = """
import time
from gateway.hookspecs import hookimpl

@hookimpl
def gateway_authenticators():
    return {"native": object}

@hookimpl
def gateway_spawners():
    raise ZeroDivisionError("oops")

@hookimpl
def gateway_share_handlers():
    time.sleep(60)

@hookimpl
def gateway_api_routes():
    return [42]

@hookimpl
def gateway_user_logged_in(name):
    time.sleep(60)

@hookimpl
def gateway_server_started(server):
    raise ZeroDivisionError("oops")
"""
OLD = """
from gateway.hookspecs import hookimpl

@hookimpl
def gateway_policy(request, user):
    return None
"""
LANES = ("express", "flow")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {"policy": {"plugins": ["rule"]}, "profiles": [echo.PROFILE]}
    made = Gateway(tmp_path_factory.mktemp("broken"), settings)
    for name, source in {"rule": RULE, "addon": ADDON, "hooks": HOOKS, "old": OLD, "unimportable": "1 / 0"}.items():
        plugin(made, name, source)
    with made:
        yield made


@pytest.fixture(scope="module")
def me(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        client.start_server()
        yield client


def said(gateway: Gateway, words: str) -> None:
    eventually(lambda: words in gateway.log(10**6), 5, lambda: f"{words!r} is not in\n{gateway.log(6000)}")


def test_each_is_named_and_the_gateway_runs(gateway: Gateway, me: Client) -> None:
    for words in (
        "plugin 'unimportable' (unimportable) cannot be imported: ZeroDivisionError",
        "plugin 'old' does not fit this version of Hubgate",
        "plugin 'hooks' offers authenticator 'native', which is no Authenticator",
        "plugin 'hooks' failed in gateway_spawners: ZeroDivisionError('oops')",
        "plugin 'hooks' failed in gateway_share_handlers: TookTooLong",
        "plugin 'hooks' offers 42, which is no gateway.hookspecs.ApiRoute",
        "plugin 'hooks' failed in gateway_user_logged_in: no answer in 1 s",
        "plugin 'addon' offers the addon 'fine', which is there already: not used",
        "plugin 'addon' offers the addon 'nonsense', which is no gateway.hookspecs.Addon",
        "addon 'fails' failed in load: ZeroDivisionError('at once')",
    ):
        said(gateway, words)
    listed = gateway.run("plugins", "-c", str(gateway.folder / "hubgate.toml")).stdout
    assert "! fault          does not fit this version of Hubgate" in listed
    assert gateway.run("check", "-c", str(gateway.folder / "hubgate.toml")).returncode == 0


def path(lane: str, what: str) -> str:
    return f"flow/{what}" if lane == "flow" else what


@pytest.mark.parametrize("lane", LANES)
def test_a_refusal_stays_one_in_both_lanes(gateway: Gateway, me: Client, lane: str) -> None:
    fine = me.http.get(me.server(path(lane, "x")))
    assert (fine.status_code, "X-Fine" in fine.headers) == (200, lane == "flow")
    closed = me.http.get(me.server(path(lane, "closed")))
    assert (closed.status_code, closed.json()["message"]) == (403, "It is closed.")
    for what in ("raise", "leave", "nonsense"):
        assert me.http.get(me.server(path(lane, what))).status_code == 503
    said(gateway, "policy 'rule' has failed, so the request is refused: it raised ZeroDivisionError('oops')")
    # What the gate refuses stays refused, whatever policies and addons do.
    with Client(gateway) as stranger:
        assert stranger.http.get(f"user/admin/{path(lane, 'x')}").status_code == 403
        assert stranger.http.get(f"user/admin/{path(lane, 'raise')}").status_code == 403
    with me.websocket(me.server(path(lane, "socket"))) as socket:
        assert socket.recv(timeout=10)
    with pytest.raises(InvalidStatus) as refused, me.websocket(me.server(path(lane, "closed"))):
        pass
    assert refused.value.response.status_code == 403


def test_an_addon_that_fails_is_nobody_elses_trouble(gateway: Gateway, me: Client) -> None:
    for what in ("addon-raises", "addon-leaves", "addon-turns", "addon-hangs"):
        began = time.monotonic()
        answer = me.http.get(me.server(f"flow/{what}"))
        assert (answer.status_code, answer.headers.get("X-Fine")) == (200, "yes")
        assert time.monotonic() - began < 5
    said(gateway, "addon 'fails' failed in request: ZeroDivisionError('in a hook')")
    assert gateway.pid("worker-1") in {process.pid for process in gateway.alive()}


@pytest.mark.parametrize("what", ["hang", "turn"])
def test_a_policy_that_hangs_refuses_and_does_not_hold_up_the_worker(gateway: Gateway, me: Client, what: str) -> None:
    """The last tests: for ten seconds it refuses everything on servers; pages go on."""
    pid = gateway.pid("worker-1")

    def rested() -> bool:
        return me.http.get(me.server("x")).status_code == 200

    eventually(rested, 15)
    began = time.monotonic()
    assert me.http.get(me.server(what)).status_code == 503
    assert me.http.get(me.server("x")).status_code == 503
    assert time.monotonic() - began < 3
    with Client(gateway) as client:
        assert client.http.get("hub/health?worker=1").status_code == 200
    said(gateway, "no answer in 0.25 s; it is not asked for 10 s, and all is refused")
    assert gateway.pid("worker-1") == pid
