"""Plugins' own routes: never open by mistake, and their failures are theirs alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pluggy
import pytest
from falcon import testing

from api.app import create_app
from api.resources import plugins as resource
from gateway.errors import Gone
from gateway.hookspecs import PROJECT, ApiAnswer, ApiCall, ApiRoute, Hookspecs, HubView, hookimpl
from gateway.hub.core import Hub
from gateway.model import Json, digest
from gateway.pluginmanager import Hooks
from plugins.authenticators import dummy, native
from plugins.shares import code, direct, view
from tests.api.conftest import settings
from tests.api.person import Person
from tests.api.scripted import Plugin


async def fine(call: ApiCall) -> Json:
    """Say what was asked."""
    return {"by": call.caller.name, "fields": dict(call.fields), "query": dict(call.query), "body": call.body}


async def created(call: ApiCall) -> ApiAnswer:
    return ApiAnswer({"made": True}, 201)


async def gone(call: ApiCall) -> Json:
    raise Gone("It was here once.")


async def raises(call: ApiCall) -> Json:
    raise ZeroDivisionError("a secret of the plugin")


async def turns(call: ApiCall) -> Json:
    while True:
        pass


async def waits(call: ApiCall) -> Json:
    await asyncio.sleep(60)
    return None


async def nonsense(call: ApiCall) -> Any:
    return {1, 2}


async def odd(call: ApiCall) -> Any:
    return ApiAnswer(None, 1000)


def sync(call: ApiCall) -> Any:
    return "not async"


GOOD = ("read:hub",)
FAILURES = (raises, turns, waits, nonsense, odd)
ROUTES = [
    ApiRoute("said/{user}", fine, ("read:users",)),
    ApiRoute("said/{user}", fine, ("admin:users",), "POST"),
    ApiRoute("mine", created, ("custom:plugin:make", "read:hub"), "PUT", summary="Make one"),
    ApiRoute("gone", gone, GOOD, answers={410: "it is over"}),
    *(ApiRoute(failure.__name__, failure, GOOD) for failure in FAILURES),
]
BAD = [
    ApiRoute("open", fine, ()),
    ApiRoute("open", fine, "read:hub"),  # type: ignore[arg-type]
    ApiRoute("open", fine, ("no:such",)),
    ApiRoute("open", fine, ("inherit",)),
    ApiRoute("open", fine, ("read:users!user=alice",)),
    ApiRoute("open", sync, GOOD),
    ApiRoute("open", fine, GOOD, "CONNECT"),  # type: ignore[arg-type]
    ApiRoute("../users", fine, GOOD),
    ApiRoute("/open", fine, GOOD),
    ApiRoute("", fine, GOOD),
    ApiRoute("open/{user}/{user}", fine, GOOD),
    ApiRoute("open/{x:path}", fine, GOOD),
    ApiRoute("said/{user}", fine, GOOD),
    ApiRoute("said/{name}", fine, GOOD),
]


class Routes:
    @hookimpl
    def gateway_api_routes(self, hub: HubView) -> Sequence[ApiRoute]:
        return ROUTES + BAD


@pytest.fixture
async def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr(native.NativeAuthenticator, "rounds", 4)
    monkeypatch.setattr(resource, "LIMIT", 0.2)
    monkeypatch.setattr(resource, "STEP", 0.1)
    chosen = settings(tmp_path)
    given = chosen.model_dump(mode="json", exclude_defaults=True)
    given.setdefault("custom_scopes", {})["custom:plugin:make"] = {"description": "Make"}
    chosen = type(chosen).model_validate(given)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for plugin in (dummy, native, code, direct, view, Plugin()):
        manager.register(plugin)
    manager.register(Routes(), "demo")
    hub = await Hub.open(chosen, hooks=Hooks(manager, chosen))
    await hub.start()
    for name in ("alice", "bob"):
        await hub.users.add(name)
    await hub.users.add("root", admin=True)
    yield hub
    await hub.close(stop_servers=True)


@pytest.fixture
async def conductor(hub: Hub) -> AsyncIterator[testing.ASGIConductor]:
    async with testing.ASGIConductor(create_app(hub)) as conductor:  # type: ignore[arg-type]  # any ASGI app will do
        yield conductor


class Caller:
    """Calls of the demo plugin's routes with a token of somebody's."""

    def __init__(self, hub: Hub, conductor: testing.ASGIConductor) -> None:
        self.hub = hub
        self.conductor = conductor

    async def __call__(
        self, name: str, path: str, method: str = "GET", scopes: Sequence[str] | None = None, body: str = ""
    ) -> testing.Result:
        headers = {"Content-Type": "application/json"}
        if name:
            value, _ = await self.hub.tokens.make(name, scopes)
            headers["X-Hubgate-Credential"] = f"token {digest(value)}"
        where, _, query = path.partition("?")
        return await self.conductor.simulate_request(
            method, f"/hub/api/plugins/demo/{where}", query_string=query, headers=headers, body=body
        )


@pytest.fixture
def call(hub: Hub, conductor: testing.ASGIConductor) -> Caller:
    return Caller(hub, conductor)


async def test_what_makes_no_sense_is_not_there(hub: Hub, call: Caller) -> None:
    assert len([fault for fault in hub.hooks.faults if fault.plugin == "demo"]) == len(BAD) - 1  # two of one word
    assert "which says no scopes: it would be open to all" in str(hub.hooks.faults[0])
    for name in ("", "alice", "root"):
        for path in ("open", "open/alice", "../users", ""):
            assert (await call(name, path)).status_code == 404


async def test_each_route_is_behind_its_scopes(call: Caller) -> None:
    for route in ROUTES:
        path = route.path.replace("{user}", "alice")
        assert (await call("", path, route.method)).status_code == 403
    assert (await call("bob", "raises")).status_code == 403
    answer = await call("alice", "said/alice?a=1&a=2&b")
    assert answer.json == {"by": "alice", "fields": {"user": "alice"}, "query": {"a": "2", "b": ""}, "body": {}}
    assert (await call("alice", "said/bob")).status_code == 404
    assert (await call("root", "said/bob")).status_code == 200
    assert (await call("root", "said/bob", scopes=["read:users!user=alice"])).status_code == 404
    assert (await call("root", "said/bob", scopes=["read:hub"])).status_code == 403
    assert (await call("alice", "said/alice", "POST")).status_code == 403
    assert (await call("root", "said/ALICE", "POST", body='{"x": 1}')).json["body"] == {"x": 1}
    assert (await call("root", "said/alice", "POST", body="[1]")).status_code == 400
    assert (await call("root", "said/alice", "PUT")).status_code == 405


async def test_forged_calls_do_not_come_through(conductor: testing.ASGIConductor) -> None:
    """The same middleware: another site's form with the cookie of somebody who may."""
    root = Person(conductor)
    await root.log_in("root")
    headers = {**root.added({}), "Content-Type": "text/plain", "Origin": "http://evil.example"}
    for method in ("POST", "PUT"):
        path = "/hub/api/plugins/demo/" + ("said/alice" if method == "POST" else "mine")
        answer = await conductor.simulate_request(method, path, headers=headers, body="{}")
        assert answer.status_code == 403


async def test_what_a_handler_says(call: Caller) -> None:
    made = await call("root", "mine", "PUT")
    assert (made.status_code, made.json) == (201, {"made": True})
    over = await call("root", "gone")
    assert (over.status_code, over.json["message"]) == (410, "It was here once.")


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
async def test_a_handler_that_fails(call: Caller, failure: Any, caplog: pytest.LogCaptureFixture) -> None:
    began = time.monotonic()
    answer = await call("root", failure.__name__)
    assert (answer.status_code, answer.json["message"]) == (500, resource.BROKEN)
    assert time.monotonic() - began < 5
    assert f"plugin 'demo' failed in GET {failure.__name__}" in caplog.text


async def test_they_are_in_the_documentation(conductor: testing.ASGIConductor) -> None:
    paths = (await conductor.simulate_get("/hub/api/openapi.json")).json["paths"]
    assert paths["/plugins/demo/said/{user}"]["get"]["summary"] == "Say what was asked. (plugin demo)"
    assert paths["/plugins/demo/mine"]["put"]["summary"] == "Make one (plugin demo)"
    assert "410" in paths["/plugins/demo/gone"]["get"]["responses"]
    assert not [path for path in paths if "open" in path and "plugins" in path]
