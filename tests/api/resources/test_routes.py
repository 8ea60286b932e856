from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from api.paging import OPT_IN
from gateway.hub.core import Hub
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


@pytest.fixture
async def manager(program: Program) -> Person:
    return await program("root")


async def add(manager: Person, **fields: Any) -> Any:
    return await manager.rest("POST", "proxy", {"target": "http://192.0.2.1:9000", **fields})


async def test_a_route_comes_and_goes(manager: Person) -> None:
    made = await add(manager, path="/tools/x", access="admin")
    assert made.status_code == 201
    assert made.json == {
        "path": "/tools/x/",
        "target": "http://192.0.2.1:9000",
        "owner": None,
        "kind": "custom",
        "access": "admin",
        "last_activity": None,
    }
    assert (await manager.rest("GET", "proxy")).json["/tools/x/"] == made.json
    assert (await add(manager, path="/tools/%78/")).status_code == 409
    assert (await manager.rest("DELETE", "proxy/tools/x")).status_code == 204
    assert "/tools/x/" not in (await manager.rest("GET", "proxy")).json


@pytest.mark.parametrize("spelled", ["tools/a%20b", "tools/a%20b/", "/tools/a%20b/", quote("/tools/a b/", safe="")])
async def test_it_is_removed_by_any_spelling(manager: Person, spelled: str) -> None:
    assert (await add(manager, path="/tools/a b")).status_code == 201
    assert (await manager.rest("DELETE", f"proxy/{spelled}")).status_code == 204


@pytest.mark.parametrize("path", ["nothing", "hub", "..", "a//b", "%00", "%FF", "hub%2Fapi"])
async def test_what_is_no_route(manager: Person, path: str) -> None:
    assert (await manager.rest("DELETE", f"proxy/{path}")).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"path": "/"},
        {"path": "/hub/x"},
        {"path": 5},
        {"path": "/x", "target": "http://169.254.169.254"},
        {"path": "/x", "target": None},
        {"path": "/x", "access": "everybody"},
        {"path": "/x", "more": 1},
    ],
)
async def test_bad_routes_change_nothing(manager: Person, hub: Hub, fields: Any) -> None:
    before = dict(hub.routes.table.by_id)
    result = await add(manager, **fields)
    assert result.status_code == 400
    assert result.json["message"].startswith("Bad Request: ")
    assert hub.routes.table.by_id == before


async def test_the_whole_table(manager: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "gpu", "quick")
    await hub.servers.wait("alice", "gpu", 5)
    table = (await manager.rest("GET", "proxy")).json
    assert table.keys() == {"/hub/", "/api/", "/user/alice/gpu/"}
    assert (table["/user/alice/gpu/"]["owner"], table["/user/alice/gpu/"]["kind"]) == ("alice", "server")
    theirs = (await manager.api("GET", "proxy")).json
    assert theirs["/user/alice/gpu/"]["data"] == {"user": "alice", "server_name": "gpu"}
    wrapped = (await manager.api("GET", "proxy?limit=1&offset=2", Accept=OPT_IN)).json
    assert wrapped["items"].keys() == {"/user/alice/gpu/"}
    assert wrapped["_pagination"]["total"] == 3


async def test_what_jupyterhubs_proxy_is_told(manager: Person) -> None:
    assert (await manager.api("POST", "proxy")).status_code == 200
    for body in (None, [], {"api_url": "http://elsewhere"}):
        assert (await manager.api("PATCH", "proxy", body)).status_code == 400


async def test_for_those_with_the_scope_only(program: Program) -> None:
    caller = await program("alice")
    for method in ("GET", "POST"):
        assert (await caller.rest(method, "proxy")).status_code == 403
        assert (await caller.api(method, "proxy")).status_code == 403
    assert (await caller.rest("DELETE", "proxy/x")).status_code == 403
