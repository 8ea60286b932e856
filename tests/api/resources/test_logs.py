"""What a server has written, for its owner and for admins."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from api.resources import logs as resource
from api.resources.logs import events
from api.streams import Places
from gateway.hub import logfollow, logs
from gateway.hub.core import Hub
from tests.api.person import Person

URL = "users/alice/server/log"


@pytest.fixture
def log(hub: Hub) -> Path:
    path = logs.made_folder(hub.settings.gateway.data_dir) / logs.name("alice", "")
    path.write_text("".join(f"line {number}\n" for number in range(300)))
    return path


async def test_the_last_lines(alice: Person, log: Path) -> None:
    whole = (await alice.api("GET", URL)).json["lines"]
    assert (len(whole), whole[-1]) == (200, "line 299")
    assert (await alice.api("GET", f"{URL}?lines=2")).json == {"lines": ["line 298", "line 299"]}
    assert len((await alice.api("GET", f"{URL}?lines=99999")).json["lines"]) == 300


async def test_what_wrote_nothing(alice: Person) -> None:
    assert (await alice.api("GET", URL)).json == {"lines": []}


@pytest.mark.parametrize("query", ["lines=-1", "lines=x", "lines=1e3", "lines=²", "follow=maybe"])
async def test_bad_queries(alice: Person, query: str) -> None:
    assert (await alice.api("GET", f"{URL}?{query}")).status_code == 400


async def test_who_may_see_it(
    alice: Person,
    root: Person,
    log: Path,
    person: Callable[[str], Awaitable[Person]],
    program: Callable[..., Awaitable[Person]],
) -> None:
    assert (await root.api("GET", f"{URL}?lines=1")).json == {"lines": ["line 299"]}
    assert (await (await person("bob")).api("GET", URL)).status_code == 404
    assert (await (await program("alice", "read:servers!user")).api("GET", URL)).status_code == 403
    assert (await (await program("alice", "access:servers!user")).api("GET", URL)).status_code == 403
    assert (await (await program("alice", "servers!user")).api("GET", URL)).status_code == 200
    assert (await root.api("GET", "users/nobody/server/log")).status_code == 404
    assert (await alice.api("GET", "users/alice/servers/none/log")).status_code == 404


async def test_following_a_server_to_its_end(
    alice: Person, hub: Hub, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfollow, "EVERY", 0.02)
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    given = alice.added({"Accept": "text/event-stream"})
    async with alice.conductor.simulate_get_stream(
        f"/hub/api/{URL}", query_string="follow=true&lines=1", headers=given
    ) as result:
        assert result.headers["content-type"] == "text/event-stream"
        assert result.headers["cache-control"] == "no-cache"
        text = ""
        async with asyncio.timeout(10):
            while "line 299" not in text:
                text += (await result.stream.read()).decode()
                await asyncio.sleep(0.01)
            with log.open("a") as file:
                file.write("added\n")
            while "added" not in text:
                text += (await result.stream.read()).decode()
                await asyncio.sleep(0.01)
            await hub.servers.stop("alice")
            while "ended" not in text:
                text += (await result.stream.read()).decode()
                await asyncio.sleep(0.01)
    told = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
    assert told == [{"lines": ["line 299"]}, {"lines": ["added"]}, {"lines": [], "ended": True}]


async def test_not_too_many_follow(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "full", True)
    assert (await alice.api("GET", f"{URL}?follow=true")).status_code == 429


async def test_silence_is_filled_with_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "PING", 1.0)

    async def looks() -> AsyncIterator[list[str]]:
        for lines in ([], [], ["a"], [], [], []):
            yield lines  # type: ignore[misc]  # of whatever

    seen = [event and event.json for event in [each async for each in events(looks())]]
    assert seen == [None, {"lines": ["a"]}, None, {"lines": [], "ended": True}]
