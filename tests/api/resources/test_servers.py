from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from api.resources.servers import chosen, wishes
from gateway.errors import BadInput
from gateway.hub.core import Hub
from tests.api.person import Person
from tests.api.scripted import MARKUP

type Program = Callable[..., Awaitable[Person]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.resources.servers.PATIENCE", 0.2)


@pytest.fixture
async def mine(program: Program) -> AsyncIterator[Person]:
    yield await program("alice")


QUICK = {"profile": "quick"}
SLOW = {"profile": "slow"}


async def test_up(mine: Person, hub: Hub) -> None:
    result = await mine.api("POST", "users/alice/server", QUICK)
    assert (result.status_code, result.text) == (201, "")
    assert result.headers["Content-Type"].startswith("text/plain")
    model = (await mine.api("GET", "users/alice/server")).json
    assert (model["ready"], model["stopped"], model["pending"]) == (True, False, None)
    assert (model["url"], model["progress_url"]) == ("/user/alice/", "/hub/api/users/alice/server/progress")
    assert model["user_options"] == {"profile": "quick"}
    assert model["started"].endswith("Z")
    me = (await mine.api("GET", "user")).json
    assert (me["server"], me["pending"]) == ("/user/alice/", None)


async def test_still_starting(mine: Person) -> None:
    assert (await mine.api("POST", "users/alice/server", SLOW)).status_code == 202
    assert (await mine.api("GET", "users/alice/server")).json["pending"] == "spawn"
    assert (await mine.api("POST", "users/alice/server", QUICK)).status_code == 202
    assert (await mine.api("GET", "user")).json["pending"] == "spawn"


async def test_already_running(mine: Person) -> None:
    await mine.api("POST", "users/alice/server", QUICK)
    result = await mine.api("POST", "users/alice/server", QUICK)
    assert (result.status_code, result.json["message"]) == (400, "alice is already running")


async def test_a_start_that_fails(mine: Person) -> None:
    result = await mine.api("POST", "users/alice/server", {"profile": "bad"})
    assert (result.status_code, result.json["message"]) == (500, f"It would not: {MARKUP}")
    assert result.headers["Content-Type"].startswith("application/json")


async def test_stop(mine: Person) -> None:
    await mine.api("POST", "users/alice/server", QUICK)
    result = await mine.api("DELETE", "users/alice/server")
    assert (result.status_code, result.text) == (204, "")
    assert (await mine.api("GET", "users/alice/server")).json["stopped"] is True
    assert (await mine.api("DELETE", "users/alice/server")).status_code == 204


async def test_cancel(mine: Person) -> None:
    await mine.api("POST", "users/alice/server", SLOW)
    assert (await mine.api("DELETE", "users/alice/server")).status_code == 204


async def test_named_ones(mine: Person, hub: Hub) -> None:
    assert (await mine.api("GET", "users/alice/servers/gpu")).status_code == 404
    assert (await mine.api("POST", "users/alice/servers/gpu", QUICK)).status_code == 201
    assert (await mine.api("GET", "users/alice/servers/gpu")).json["full_name"] == "alice/gpu"
    assert (await mine.api("GET", "users/alice/server")).json["stopped"] is True
    assert (await mine.api("DELETE", "users/alice/servers/gpu", {"remove": True})).status_code == 204
    assert await hub.servers.get("alice", "gpu") is None
    assert (await mine.api("DELETE", "users/alice/servers/gpu")).status_code == 404


async def test_the_empty_name_is_the_default_server(mine: Person) -> None:
    assert (await mine.api("POST", "users/alice/servers/", QUICK)).status_code == 201
    assert (await mine.api("GET", "users/alice/servers/")).json == (await mine.api("GET", "users/alice/server")).json


@pytest.mark.parametrize("name", ["Gpu", "1a", "a--b", "a%2Fb", "..", "%2E", "a" * 31, "x%20y", "%C3%BC"])
async def test_names_that_no_server_may_have(mine: Person, hub: Hub, name: str) -> None:
    assert (await mine.api("POST", f"users/alice/servers/{name}", QUICK)).status_code in (400, 404)
    assert len(await hub.servers.of_user("alice")) == 1


async def test_limits(mine: Person) -> None:
    for name in ("one", "two", "three"):
        assert (await mine.api("POST", f"users/alice/servers/{name}", QUICK)).status_code == 201
    assert (await mine.api("POST", "users/alice/servers/four", QUICK)).status_code == 400


@pytest.mark.parametrize("body", [{"profile": "nothing"}, {"profile": "secret"}, {"profile": 1}, {"user_options": 1}])
async def test_what_cannot_be_asked_for(mine: Person, body: object) -> None:
    assert (await mine.api("POST", "users/alice/server", body)).status_code == 400


@pytest.mark.parametrize("body", [{"remove": "yes"}, {"remove": True}, {"more": 1}])
async def test_stops_that_are_not_understood(mine: Person, body: object) -> None:
    await mine.api("POST", "users/alice/server", QUICK)
    assert (await mine.api("DELETE", "users/alice/server", body)).status_code == 400
    assert (await mine.api("GET", "users/alice/server")).json["ready"] is True


async def test_users_who_are_not_there(program: Program) -> None:
    caller = await program("root")
    for method in ("GET", "POST", "DELETE"):
        assert (await caller.api(method, "users/nobody/server")).status_code == 404


async def test_what_was_asked_for_is_remembered(mine: Person) -> None:
    await mine.api("POST", "users/alice/server", {"user_options": {"profile": "quick", "size": 3}})
    await mine.api("DELETE", "users/alice/server")
    assert (await mine.api("POST", "users/alice/server")).status_code == 201
    assert (await mine.api("GET", "users/alice/server")).json["user_options"] == {"profile": "quick", "size": 3}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("", None)),
        ({"profile": "a"}, ("a", None)),
        ({"profile": "a", "x": 1}, ("a", {"x": 1})),
        ({"x": 1}, ("", {"x": 1})),
        ({"user_options": None}, ("", None)),
        ({"user_options": {"profile": "a", "x": 1}}, ("a", {"x": 1})),
        ({"display_name": "A", "user_options": {}}, ("", None)),
    ],
)
def test_wishes(fields: dict[str, Any], expected: object) -> None:
    assert chosen(wishes(fields).user_options) == expected


@pytest.mark.parametrize("fields", [{"display_name": 1}, {"user_options": []}, {"user_options": {}, "x": 1}])
def test_wishes_that_make_no_sense(fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        wishes(fields)
