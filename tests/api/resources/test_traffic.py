"""The request log by the API: who may look, what is found, and what comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from falcon.asgi import SSEvent

from api.resources import traffic
from api.resources.traffic import AT_ONCE, events
from api.streams import Places
from gateway.hub.core import Hub
from gateway.hub.requestfilter import wanted
from gateway.hub.requestlog import RequestLog
from tests.api.person import FETCH, Person, proof

type Program = Callable[..., Awaitable[Person]]

PATH = "traffic/requests"


def line(user: str = "alice", status: int = 200, **more: Any) -> str:
    fields = {
        "time": "2027-01-15T08:00:00.250Z", "id": "a-1", "client": "10.0.0.7", "user": user, "method": "GET",
        "path": "/user/alice/lab", "status": status, "sent": 5, "received": 0, "seconds": 0.25,
        "route": "server:alice/", "lane": "express",
    }  # fmt: skip
    return json.dumps(fields | more)


async def test_the_newest_first_and_filtered(hub: Hub, root: Person) -> None:
    hub.requests.add("1", [line(), line("bob", 404), line("bob")], lost=3)
    found = (await root.api("GET", PATH)).json
    assert [(each["number"], each["user"]) for each in found["items"]] == [(3, "bob"), (2, "bob"), (1, "alice")]
    assert (found["newest"], found["lost"]) == (3, 3)
    found = (await root.api("GET", f"{PATH}?user=bob&status=4xx")).json
    assert [each["number"] for each in found["items"]] == [2]
    assert [each["number"] for each in (await root.api("GET", f"{PATH}?limit=1")).json["items"]] == [3]


@pytest.mark.parametrize("query", ["usr=x", "status=abc", "limit=x", "limit=-1", "user=a&user=b", "since=now", "user="])
async def test_queries_that_mean_nothing(root: Person, query: str) -> None:
    assert (await root.api("GET", f"{PATH}?{query}")).status_code == 400
    if not query.startswith("limit"):
        assert (await root.api("GET", f"{PATH}/stream?{query}")).status_code == 400


@pytest.mark.parametrize("path", [PATH, f"{PATH}/stream", "audit"])
async def test_who_may_not_look_cannot(hub: Hub, stranger: Person, alice: Person, program: Program, path: str) -> None:
    hub.requests.add("1", [line()])
    for caller in (stranger, alice, await program("alice"), await program("root", "read:users", "admin:servers")):
        assert (await caller.api("GET", path)).status_code == 403


async def test_a_scope_is_enough(hub: Hub, program: Program) -> None:
    reader = await program("root", "read:traffic")
    assert (await reader.api("GET", PATH)).status_code == 200
    assert (await reader.api("GET", "users")).status_code == 403


async def test_it_comes_as_it_happens(hub: Hub, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "EVERY", 0.01)
    hub.requests.add("1", [line("carol")])
    key = proof(await root.page("hub/spawn"))
    query = f"user=bob&_xsrf={key}"
    text = ""
    async with root.conductor.simulate_get_stream(
        f"/hub/api/{PATH}/stream", query_string=query, headers=root.added(FETCH)
    ) as result:
        assert result.headers["content-type"] == "text/event-stream"
        hub.requests.add("1", [line(), line("bob")])
        async with asyncio.timeout(5):
            while "data:" not in text:
                text += (await result.stream.read()).decode()
                await asyncio.sleep(0.01)
    assert "id: 3" in text
    (data,) = (json.loads(each.removeprefix("data: ")) for each in text.splitlines() if each.startswith("data: "))
    assert [each["user"] for each in data["requests"]] == ["bob"]
    assert data["skipped"] == 0


async def test_too_many_watchers(root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "full", True)
    result = await root.api("GET", f"{PATH}/stream")
    assert (result.status_code, result.headers["retry-after"]) == (429, "10")
    assert (await root.api("GET", PATH)).status_code == 200


async def test_what_comes_too_fast_is_skipped_and_counted() -> None:
    log = RequestLog()
    stream = events(log, wanted({}), 0, 0.001)
    log.add("1", [line()] * (AT_ONCE + 7))
    event = await anext(stream)
    assert isinstance(event, SSEvent)
    assert isinstance(event.json, dict)
    assert (len(event.json["requests"]), event.json["skipped"], event.event_id) == (AT_ONCE, 7, str(AT_ONCE + 7))


async def test_what_comes_while_an_event_is_sent_is_in_the_next() -> None:
    log = RequestLog()
    stream = events(log, wanted({}), 0, 0.001)
    for _ in range(3):
        log.add("1", [line()])
        event = await anext(stream)
        log.add("1", [line()])  # the first has not been sent yet
        assert isinstance(event, SSEvent)
    assert event.event_id == "5"
    assert isinstance(event.json, dict)
    assert ([each["number"] for each in event.json["requests"]], event.json["skipped"]) == ([4, 5], 0)


async def test_what_a_filter_never_saw_is_counted() -> None:
    log = RequestLog()
    stream = events(log, wanted({"user": "bob"}), 0, 0.001)
    log.add("1", [line("bob")] + [line("carol")] * AT_ONCE)
    event = await anext(stream)
    assert isinstance(event, SSEvent)
    assert event.json == {"requests": [], "skipped": 1}


async def test_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "PING", 0.01)
    assert await anext(events(RequestLog(), wanted({}), 0, 0.005)) is None


async def test_a_stream_begins_where_the_page_ended(hub: Hub, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "EVERY", 0.01)
    hub.requests.add("1", [line("old"), line("new")])
    async with root.conductor.simulate_get_stream(
        f"/hub/api/{PATH}/stream", query_string="after=1", headers=root.added({})
    ) as result:
        text = ""
        async with asyncio.timeout(5):
            while "data:" not in text:
                text += (await result.stream.read()).decode()
    assert '"new"' in text and '"old"' not in text
