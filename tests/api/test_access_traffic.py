"""Who may look at traffic, captures, audit and metrics: every endpoint, every kind of caller, one table.

The endpoints are those of the app itself; one that the table does not know fails.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import falcon.inspect
import pytest
from falcon import testing

from api.app import create_app
from api.resources import traffic
from gateway.captures import Scope
from gateway.channel.messages import Captured
from gateway.hub import captures as hub_captures
from gateway.hub import serverenv
from gateway.hub.core import Hub
from gateway.model import Launch, Target
from tests.api.person import FETCH, FORM, NAVIGATE, Person, proof
from tests.api.resources.test_traffic import line
from tests.api.scripted import Scripted
from tests.gateway.hub.test_tape import line as flow

type Logged = Callable[[str], Awaitable[Person]]
type Program = Callable[..., Awaitable[Person]]

ROLES = [
    {"name": "readers", "scopes": ["read:traffic"], "users": ["reader"]},
    {"name": "recorders", "scopes": ["admin:traffic"], "users": ["recorder"]},
    {"name": "auditors", "scopes": ["read:audit"], "users": ["auditor"]},
    {
        "name": "staff",
        "scopes": ["admin-ui", "admin:users", "admin:servers", "admin:groups", "admin:services", "access:servers"],
        "users": ["clerk"],
    },
]
BROWSERS = {
    "nobody": "", "user": "alice", "reader": "reader", "recorder": "recorder", "auditor": "auditor",
    "staff": "clerk", "admin": "root",
}  # fmt: skip
"""Who is logged in, by caller."""
PROGRAMS = {
    "user": ("alice",), "reader": ("root", "read:traffic"), "recorder": ("root", "admin:traffic"),
    "auditor": ("root", "read:audit"), "scraper": ("root", "read:metrics"), "admin": ("root",),
    "staff": ("root", "admin-ui", "admin:users", "admin:servers", "admin:groups", "admin:services", "access:servers"),
}  # fmt: skip
"""Whose token, with which scopes: those of an administrator are cut down. The server's token is made by a start."""

MODULES = {"traffic", "request", "captures", "capture", "flow", "audit", "metrics"}
SCOPES = {"read:traffic", "admin:traffic", "admin:traffic:unredacted", "read:audit", "read:metrics"}
CAPTURE = {"reason": "why", "user": "alice"}
FORM_OF_CAPTURE = {**CAPTURE, "minutes": "1", "megabytes": "1"}


@dataclass(frozen=True)
class Row:
    who: str
    """Callers who may, whichever way they come; everybody else may not."""
    status: int = 200
    """What they get."""
    body: Mapping[str, str] | None = None
    """JSON of the API, a form of a page."""


LOOK, RECORD, AUDIT, METRICS = "reader recorder admin", "recorder admin", "auditor admin", "scraper admin"
API, PAGE = "hub/api/traffic", "hub/admin"
TABLE = {
    f"GET {API}/requests": Row(LOOK),
    f"GET {API}/requests/stream": Row(LOOK),
    f"GET {API}/captures": Row(RECORD),
    f"POST {API}/captures": Row(RECORD, 201, CAPTURE),
    f"GET {API}/captures/{{capture}}": Row(RECORD),
    f"DELETE {API}/captures/{{capture}}": Row(RECORD, 204),
    f"POST {API}/captures/{{capture}}/stop": Row(RECORD),
    f"POST {API}/captures/{{capture}}/reconnect": Row(RECORD, 202),
    f"GET {API}/captures/{{capture}}/flows": Row(RECORD),
    f"GET {API}/captures/{{capture}}/flows/{{number}}": Row(RECORD),
    f"GET {API}/captures/{{capture}}/file/{{form}}": Row(RECORD),
    "GET hub/api/audit": Row(AUDIT),
    "GET hub/metrics": Row(METRICS),
    f"GET {PAGE}/traffic": Row(LOOK),
    f"GET {PAGE}/traffic/{{request}}": Row(LOOK),
    f"GET {PAGE}/captures": Row(RECORD),
    f"POST {PAGE}/captures": Row(RECORD, 302, FORM_OF_CAPTURE),
    f"GET {PAGE}/captures/{{capture}}": Row(RECORD),
    f"POST {PAGE}/captures/{{capture}}": Row(RECORD, 302, {"action": "stop"}),
    f"GET {PAGE}/captures/{{capture}}/{{number}}": Row(RECORD),
    f"GET {PAGE}/audit": Row(AUDIT),
    f"GET {PAGE}/audit/export": Row(AUDIT),
}
CONTENTS = [name for name in TABLE if "captures/{capture}" in name and ("flows" in name or "file" in name)] + [
    f"GET {PAGE}/captures/{{capture}}", f"GET {PAGE}/captures/{{capture}}/{{number}}",
]  # fmt: skip
"""What shows what was recorded."""
REQUEST = "a-2"
"""One that no capture has: to what is recorded, its page leads on."""


def is_page(name: str) -> bool:
    return PAGE in name


class World:
    """A hub with something to look at, and everybody who might."""

    def __init__(self, hub: Hub, callers: Mapping[str, Person]) -> None:
        self.hub, self.callers = hub, callers
        self.proofs: dict[str, str] = {}

    async def capture(self, redact: bool = True) -> str:
        """The only one there is; it runs, and has a request."""
        there = self.hub.captures.listing()
        if [(each.running, each.redact, each.flows) for each in there] == [(True, redact, 1)]:
            return there[0].id
        for each in there:
            await self.hub.captures.remove(each.id, "")
        made = await self.hub.captures.start("why", Scope(user="alice"), by="user:root", redact=redact)
        self.hub.captures.received(Captured(made.id, (flow().replace('{"kind": "flow"', '{"kind":"flow"'),), 0))
        async with asyncio.timeout(5):
            while not self.hub.captures.get(made.id).flows:
                await asyncio.sleep(0.01)
        return made.id

    async def ask(self, caller: str, name: str, presented: str | None = None) -> testing.Result:
        """`presented` is the proof against forgery, if it is not the caller's own."""
        method, _, path = name.partition(" ")
        places = {"capture": await self.capture(), "number": "1", "form": "har", "request": REQUEST}
        path = path.format_map(places)
        person, body = self.callers[caller], TABLE[name].body
        given = await self.proof(caller) if presented is None else presented
        if is_page(name):
            if method == "GET":
                return await person.page(path)
            return await person.post(path, {**(body or {}), "_xsrf": given})
        headers = {**(FETCH if caller.startswith("browser") else {}), **({"X-XSRFToken": given} if given else {})}
        if path.endswith("/stream"):
            return await self.streamed(person, path, headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await person.send(method, path, json.dumps(body) if body is not None else "", headers)

    async def streamed(self, person: Person, path: str, headers: Mapping[str, str]) -> Any:
        """Until its head is there: an end it has none."""
        async with person.conductor.simulate_get_stream(f"/{path}", headers=person.added(headers)) as result:
            return result

    async def proof(self, caller: str) -> str:
        kind, _, who = caller.partition(" ")
        if kind == "program":
            return ""
        if caller not in self.proofs:
            where = "hub/login" if who == "nobody" else "hub/token"
            self.proofs[caller] = proof(await self.callers[caller].page(where))
        return self.proofs[caller]


@pytest.fixture
async def world(
    hub: Hub,
    conductor: testing.ASGIConductor,
    person: Logged,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:
    monkeypatch.setattr(hub_captures, "LAST_WORDS", 0.0)
    monkeypatch.setattr(hub_captures, "EVERY", 0.01)
    monkeypatch.setattr(traffic, "EVERY", 0.01)
    monkeypatch.setattr(traffic, "PING", 0.01)
    hub.requests.add("1", [line(id=REQUEST)])
    callers = {f"browser {name}": await person(user) if user else Person(conductor) for name, user in BROWSERS.items()}
    callers |= {f"program {name}": await program(*token) for name, token in PROGRAMS.items()}
    callers["program server"] = Person(conductor, token=await server_token(hub, monkeypatch))
    yield World(hub, callers)


async def server_token(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the server of an administrator has in its environment."""
    launches: list[Launch] = []
    start = Scripted.start

    async def watched(self: Scripted, launch: Launch, report: Any) -> Target:
        launches.append(launch)
        return await start(self, launch, report)

    monkeypatch.setattr(Scripted, "start", watched)
    await hub.servers.start("root", profile="aware")
    async with asyncio.timeout(5):
        while not launches:
            await asyncio.sleep(0.01)
    return launches[0].env[serverenv.TOKEN]


def refused(name: str, caller: str) -> int:
    """403 where somebody is known or a program asks; whoever is not logged in is led to log-in by a page."""
    known = caller.startswith("browser") and not caller.endswith("nobody")
    return 302 if is_page(name) and name.startswith("GET") and not known else 403


async def test_who_may_look(world: World) -> None:
    expected, found = {}, {}
    for name, row in TABLE.items():
        for caller in world.callers:
            kind, _, who = caller.partition(" ")
            # No page opens by a token.
            may = who in row.who.split() and not (kind == "program" and is_page(name))
            expected[name, caller] = row.status if may else refused(name, caller)
            answer = await world.ask(caller, name)
            found[name, caller] = answer.status_code
            if answer.status_code == 302 and not may:
                assert answer.headers["location"].startswith("/hub/login"), (name, caller)
    assert {each: status for each, status in found.items() if expected[each] != status} == {}
    assert len(found) == len(TABLE) * (len(BROWSERS) + len(PROGRAMS) + 1)


async def test_a_cookie_alone_is_not_enough(world: World) -> None:
    """What a browser sends by itself: no proof, one that is nobody's, one of another person."""
    capture = await world.capture()
    for name in TABLE:
        if is_page(name) and name.startswith("GET"):
            continue
        for presented in ("", "x" * 64, await world.proof("browser reader")):
            assert (await world.ask("browser admin", name, presented)).status_code == 403, (name, presented)
        if is_page(name):
            origin = {"Origin": "http://evil.example", "Content-Type": FORM, **NAVIGATE, "Sec-Fetch-Site": "cross-site"}
            body = f"_xsrf={await world.proof('browser admin')}&action=stop"
            path = name.partition(" ")[2].format(capture=capture)
            assert (await world.callers["browser admin"].send("POST", path, body, origin)).status_code == 403, name
    assert [(each.id, each.running) for each in world.hub.captures.listing()] == [(capture, True)]


async def test_what_is_unredacted_is_for_few(world: World) -> None:
    """Not for administrators, who lack the scope, whether the setting is on or, meanwhile, off."""
    chosen = world.hub.settings.traffic
    object.__setattr__(chosen, "allow_unredacted", True)
    capture = await world.capture(redact=False)
    for allowed in (True, False):
        object.__setattr__(chosen, "allow_unredacted", allowed)
        for name in CONTENTS:
            path = name.partition(" ")[2].format(capture=capture, number="1", form="har")
            callers = ("browser admin", "browser recorder", *(() if is_page(name) else ("program admin",)))
            for caller in callers:
                assert (await world.callers[caller].send("GET", path)).status_code == 403, (name, caller, allowed)


def belongs(path: str, source: Path) -> bool:
    """Is this endpoint one of those that the table is about: by its path, its module or the scopes that it names?"""
    named = any(word in path for word in ("traffic", "capture", "audit", "metrics"))
    return named or source.stem in MODULES or any(f'"{scope}"' in source.read_text("utf-8") for scope in SCOPES)


async def test_every_endpoint_is_in_the_table(hub: Hub) -> None:
    app: Any = create_app(hub)
    found = {
        f"{method.method} {route.path.removeprefix('/')}"
        for route in falcon.inspect.inspect_routes(app.app.app)
        for method in route.methods
        if not method.internal and belongs(route.path, Path(method.source_info.rpartition(":")[0]))
    }
    assert found == TABLE.keys()
