from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.hub.core import Hub, Shutdown
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


@pytest.fixture
async def manager(program: Program) -> Person:
    return await program("root")


async def test_information(program: Program, manager: Person, stranger: Person) -> None:
    info = (await (await program("alice", "read:users:name!user=alice")).rest("GET", "info")).json
    assert (info["version"], info["system"]) == ("6.1.1", "Linux")
    assert (await stranger.rest("GET", "info")).status_code == 401
    whole = (await manager.rest("GET", "hub/info")).json
    assert whole["authenticators"] == ["native", "dummy"]
    assert whole["spawner"] == "scripted"
    assert whole["limits"]["servers_per_user"] == 3
    assert "the shared password" not in str(whole)
    assert (await (await program("alice")).rest("GET", "hub/info")).status_code == 403


async def test_the_queue(manager: Person, hub: Hub) -> None:
    for number in range(3):
        await hub.servers.start("alice", f"s{number}", "slow")
    queue = (await manager.rest("GET", "hub/queue")).json
    assert (queue["limit"], queue["concurrent_starts"], queue["length"]) == (100, 8, len(queue["waiting"]))
    assert (await manager.rest("GET", "hub/workers")).json == []


async def test_an_announcement_is_on_every_page(manager: Person, alice: Person, stranger: Person) -> None:
    text = "Down on <b>Friday</b>"
    result = await manager.rest("PUT", "hub/announcement", {"text": text})
    assert result.json == {"text": text, "until": None}
    for page in (await alice.page("hub/home"), await stranger.page("hub/login"), await alice.page("hub/nothing")):
        assert "Down on &lt;b&gt;Friday&lt;/b&gt;" in page.text
    assert (await alice.rest("GET", "hub/announcement")).json["text"] == text
    await manager.rest("PUT", "hub/announcement", {"text": ""})
    assert "Friday" not in (await alice.page("hub/home")).text


async def test_an_announcement_ends_by_itself(manager: Person, hub: Hub) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    result = await manager.rest("PUT", "hub/announcement", {"text": "x", "until": past})
    assert result.json == {"text": "", "until": None}
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert (await manager.rest("PUT", "hub/announcement", {"text": "x", "until": later})).json["text"] == "x"


@pytest.mark.parametrize("body", [None, {}, {"text": 5}, {"text": "x" * 2001}, {"text": "x", "until": "soon"}])
async def test_announcements_that_are_none(manager: Person, hub: Hub, body: Any) -> None:
    assert (await manager.rest("PUT", "hub/announcement", body)).status_code == 400
    assert hub.notices.announcement.text == ""


async def test_no_new_starts(manager: Person, hub: Hub, program: Program, alice: Person) -> None:
    wish = {"enabled": False, "message": "maintenance until noon"}
    assert (await manager.rest("PUT", "hub/starts", wish)).json == {**wish, "drain": False}
    caller = await program("alice")
    for result in (await caller.rest("POST", "users/alice/server"), await caller.api("POST", "users/alice/server")):
        assert result.status_code == 503
        assert "maintenance until noon" in result.json["message"]
        assert result.headers["retry-after"] == "60"
    assert "maintenance until noon" in (await alice.submit("hub/spawn", {"profile": "quick"})).text
    await manager.rest("PUT", "hub/starts", {"enabled": True})
    assert (await caller.rest("POST", "users/alice/server")).status_code == 201


async def test_drained(manager: Person, hub: Hub) -> None:
    for wish in ({"enabled": False, "message": "", "drain": True}, {"enabled": True, "message": "", "drain": True}):
        assert (
            (await manager.rest("PUT", "hub/starts", wish)).json
            == (await manager.rest("GET", "hub/starts")).json
            == wish
        )
        assert hub.notices.starts.draining is not wish["enabled"]


async def test_only_who_may_end_it_may_hold_it(program: Program) -> None:
    caller = await program("alice")
    for path, body in (("announcement", {"text": "x"}), ("starts", {"enabled": False})):
        assert (await caller.rest("PUT", f"hub/{path}", body)).status_code == 403


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        (None, Shutdown(None, True)),
        ({}, Shutdown(None, True)),
        ({"servers": False}, Shutdown(False, True)),
        ({"servers": True, "proxy": False}, Shutdown(True, False)),
    ],
)
async def test_the_end(manager: Person, hub: Hub, body: Any, wish: Shutdown) -> None:
    asked: list[Shutdown] = []
    hub.on_shutdown = asked.append
    for result in (await manager.api("POST", "shutdown", body), await manager.rest("POST", "hub/shutdown", body)):
        assert (result.status_code, result.json) == (202, {"message": "Shutting down Hub"})
    assert asked == [wish, wish]


async def test_no_end(manager: Person, hub: Hub, program: Program) -> None:
    asked: list[Shutdown] = []
    hub.on_shutdown = asked.append
    for body in ({"servers": "yes"}, {"proxy": 1}, {"more": True}):
        assert (await manager.api("POST", "shutdown", body)).status_code == 400
    assert (await (await program("alice")).api("POST", "shutdown")).status_code == 403
    assert asked == []


async def test_a_hub_that_nobody_can_end(manager: Person) -> None:
    assert (await manager.api("POST", "shutdown")).status_code == 503
