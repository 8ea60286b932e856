"""Servers made without being started, renamed, and named by the body in our dialect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


@pytest.fixture
async def caller(program: Program) -> Person:
    return await program("alice")


async def test_make(caller: Person) -> None:
    body = {"display_name": "Big one", "user_options": {"profile": "slow", "n": 1}}
    made = await caller.api("PUT", "users/alice/servers/gpu", body)
    assert made.status_code == 201
    assert (made.json["display_name"], made.json["stopped"]) == ("Big one", True)
    assert made.json["user_options"]["profile"] == "slow"
    assert (await caller.api("PUT", "users/alice/servers/gpu")).status_code == 409
    assert (await caller.api("PUT", "users/alice/server")).status_code == 409
    for name in ("b", "c"):
        assert (await caller.api("PUT", f"users/alice/servers/{name}")).status_code == 201
    assert (await caller.api("PUT", "users/alice/servers/d")).status_code == 400, "the limit is three"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Gpu", None),
        ("a--b", None),
        ("gpu", {"display_name": " x"}),
        ("gpu", {"display_name": "a  b"}),
        ("gpu", {"display_name": "x" * 256}),
        ("gpu", {"display_name": "a\u202eb"}),
        ("gpu", {"user_options": []}),
        ("gpu", {"user_options": {"profile": "nothing"}}),
        ("gpu", {"more": 1}),
    ],
)
async def test_what_is_not_made(caller: Person, hub: Hub, path: str, body: Any) -> None:
    assert (await caller.api("PUT", f"users/alice/servers/{path}", body)).status_code == 400
    assert [server.name for server in await hub.servers.of_user("alice")] == [""]


async def test_change(caller: Person, hub: Hub) -> None:
    await caller.api("PUT", "users/alice/servers/gpu")
    body = {"name": "cpu", "display_name": "Small one", "user_options": {"profile": "slow"}}
    changed = await caller.api("PATCH", "users/alice/servers/gpu", body)
    assert changed.status_code == 200
    assert (changed.json["name"], changed.json["display_name"]) == ("cpu", "Small one")
    assert (await caller.api("GET", "users/alice/servers/gpu")).status_code == 404
    assert (await caller.api("GET", "users/alice/servers/cpu")).json["display_name"] == "Small one"


async def test_the_default_server_becomes_a_named_one(caller: Person) -> None:
    assert (await caller.api("PATCH", "users/alice/server", {"display_name": "First"})).status_code == 200
    assert (await caller.api("PATCH", "users/alice/server", {"name": "old"})).json["name"] == "old"
    assert (await caller.api("GET", "users/alice/servers/old")).json["display_name"] == "First"
    assert (await caller.api("GET", "users/alice/server")).json["display_name"] == ""


async def test_beside_a_server_that_runs(caller: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    await caller.api("PUT", "users/alice/servers/gpu")
    assert hub.routes.table.by_id["server:alice/gpu"].state == "stopped"
    await caller.api("PATCH", "users/alice/servers/gpu", {"name": "cpu"})
    assert "server:alice/gpu" not in hub.routes.table.by_id
    assert hub.routes.table.by_id["server:alice/cpu"].state == "stopped"
    result = await caller.api("PATCH", "users/alice/server", {"name": "x"})
    assert (result.status_code, result.json["message"]) == (400, "alice is active. Please stop it before modifying it.")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("servers/gpu", None, 400),
        ("servers/gpu", {}, 400),
        ("servers/gpu", {"name": "Bad"}, 400),
        ("servers/gpu", {"name": "taken"}, 409),
        ("servers/gpu", {"more": 1}, 400),
        ("servers/gpu", {"name": 1}, 400),
        ("servers/nothing", {"name": "x"}, 404),
    ],
)
async def test_what_does_not_change(caller: Person, hub: Hub, path: str, body: Any, status: int) -> None:
    for name in ("gpu", "taken"):
        await caller.api("PUT", f"users/alice/servers/{name}")
    assert (await caller.api("PATCH", f"users/alice/{path}", body)).status_code == status
    assert [server.name for server in await hub.servers.of_user("alice")] == ["", "gpu", "taken"]


async def test_a_start_gives_a_name(caller: Person) -> None:
    assert (await caller.api("POST", "users/alice/server", {"display_name": "Mine"})).status_code == 201
    assert (await caller.api("GET", "users/alice/server")).json["display_name"] == "Mine"


# ── our dialect ──────────────────────────────────────────────────────────────


async def test_the_body_names_the_server(caller: Person, hub: Hub) -> None:
    started = await caller.rest("POST", "users/alice/server", {"server_name": "gpu", "user_options": {"n": 1}})
    assert (started.status_code, started.json["name"], started.json["ready"]) == (201, "gpu", True)
    assert started.json["state"] == {}
    default = await caller.rest("POST", "users/alice/server")
    assert (default.status_code, default.json["name"]) == (201, "")
    assert (await caller.rest("POST", "users/alice/server")).status_code == 400
    assert (await caller.rest("DELETE", "users/alice/server", {"server_name": "gpu"})).status_code == 204
    assert (await caller.rest("DELETE", "users/alice/server")).status_code == 204
    assert hub.servers.active() == []


async def test_still_starting(caller: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.resources.servers.PATIENCE", 0.1)
    for _ in range(2):
        result = await caller.rest("POST", "users/alice/server", {"user_options": {"profile": "slow"}})
        assert (result.status_code, result.json["pending"]) == (202, "spawn")


async def test_a_token_for_one_server(program: Program) -> None:
    narrow = await program("alice", "start:servers!server=alice/gpu", "delete:servers!server=alice/gpu")
    assert (await narrow.rest("POST", "users/alice/server", {"server_name": "gpu"})).status_code == 201
    assert (await narrow.rest("POST", "users/alice/server")).status_code == 403
    assert (await narrow.rest("DELETE", "users/alice/server")).status_code == 403
    assert (await narrow.rest("DELETE", "users/alice/server", {"server_name": "gpu"})).status_code == 204


async def test_a_full_queue(hub: Hub, caller: Person) -> None:
    hub.servers._lives.queue._limit = 0
    hub.servers._lives.queue._places = 0
    for result in (await caller.rest("POST", "users/alice/server"), await caller.api("POST", "users/alice/server")):
        assert result.status_code == 429
        assert result.headers["retry-after"] == "30"
