from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from falcon.asgi import SSEvent

from api.resources.progress import events
from gateway.hub.core import Hub
from gateway.model import Progress
from tests.api.person import FETCH, Person, proof
from tests.api.scripted import MARKUP


def told(text: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


async def test_a_start_that_goes_well(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    steps = told(await alice.stream("hub/api/users/alice/server/progress"))
    assert all(step.keys() == {"progress", "message"} for step in steps[:-1])
    assert {"progress": 20, "message": f"Working on it {MARKUP}"} in steps
    assert steps[-1] == {
        "progress": 100,
        "ready": True,
        "message": "Server ready at /user/alice/",
        "html_message": 'Server ready at <a href="/user/alice/">/user/alice/</a>',
        "url": "/user/alice/",
    }


async def test_a_start_that_fails(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "gpu", "bad")
    path = "hub/api/users/alice/servers/gpu/progress"
    for _ in range(2):  # while it happens, and afterwards
        assert told(await alice.stream(path))[-1] == {
            "progress": 100,
            "failed": True,
            "message": f"It would not: {MARKUP}",
        }


async def test_nothing_starts(alice: Person, root: Person) -> None:
    result = await alice.api("GET", "users/alice/server/progress")
    assert (result.status_code, result.json["message"]) == (400, "alice is not starting...")
    assert (await alice.api("GET", "users/alice/servers/gpu/progress")).status_code == 404
    assert (await root.api("GET", "users/nobody/server/progress")).status_code == 404
    assert (await alice.api("GET", "users/bob/server/progress")).status_code == 404


async def test_the_page_comes_with_its_proof(alice: Person, hub: Hub) -> None:
    """`EventSource` cannot set headers."""
    await hub.servers.start("alice", "", "quick")
    key = proof(await alice.page("hub/spawn/alice/other"))
    path = "hub/api/users/alice/server/progress"
    assert (await alice.send("GET", path, headers=FETCH)).status_code == 403
    assert told(await alice.stream(f"{path}?_xsrf={key}", FETCH))[-1]["ready"] is True


async def story(*steps: Progress, pause: float = 0) -> AsyncIterator[Progress]:
    for step in steps:
        yield step
        await asyncio.sleep(pause)


async def test_signs_of_life() -> None:
    steps = story(Progress(1, "one"), Progress(2, "two"), pause=0.05)
    found = [event async for event in events(await anext(steps), steps, every=0.02)]
    assert [event.json["message"] for event in found if isinstance(event, SSEvent)] == ["one", "two"]  # type: ignore[index]
    assert None in found


async def test_a_client_that_is_gone_is_noticed(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.resources.progress.PING", 0.05)
    await hub.servers.start("alice", "", "slow")
    stream = alice.conductor.simulate_get_stream("/hub/api/users/alice/server/progress", headers=alice.added({}))
    async with asyncio.timeout(2), stream as result:  # leaving it waits for the handler to end
        assert result.status_code == 200
    assert len(hub.servers.active()) == 1


async def test_a_client_that_leaves_lets_the_story_go() -> None:
    gone = asyncio.Event()

    async def endless() -> AsyncIterator[Progress]:
        try:
            yield Progress(0, "begun")
            await asyncio.sleep(3600)
        finally:
            gone.set()

    steps = endless()
    stream = events(await anext(steps), steps, every=0.01)
    assert isinstance(await anext(stream), SSEvent)
    assert await anext(stream) is None
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    await asyncio.wait_for(gone.wait(), 1)


@pytest.mark.parametrize("step", [Progress(50, "half"), Progress(100, "no", failed=True)])
async def test_each_event_is_one_line(step: Progress) -> None:
    steps = story()
    event = await anext(aiter(events(step, steps, 1)))
    assert event is not None
    data = event.serialize().decode()
    assert data.startswith("data: {")
    assert data.count("\n") == 2


async def test_whoever_waits_is_told_their_place(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """In our own dialect, with the time of each step; a client of JupyterHub's hears of neither."""
    monkeypatch.setattr("api.resources.progress.LOOK", 0.02)
    places = iter([2, 1])
    monkeypatch.setattr(hub.servers, "position", lambda *_: next(places, None))

    async def waiting(_user: str, _name: str = "") -> AsyncIterator[Progress]:
        yield Progress(0, "Server requested")
        await asyncio.sleep(0.2)
        yield Progress(100, "no", failed=True, elapsed=0.2)

    monkeypatch.setattr(hub.servers, "progress", waiting)
    text = await alice.stream("api/users/alice/server/progress")
    assert re.findall(r'event: queue\ndata: \{"position": ?(\d)\}', text) == ["2", "1"]
    steps = [step for step in told(text) if "position" not in step]
    assert [step["elapsed"] for step in steps] == [0.0, 0.2]
    text = await alice.stream("hub/api/users/alice/server/progress")
    assert "queue" not in text and "elapsed" not in text
