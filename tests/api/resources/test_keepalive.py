"""When a server will be stopped by itself, and a word against it, by the API."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from gateway.hub.core import Hub
from gateway.hub.idle import Ending
from tests.api.person import Person

URL = "users/alice/server/keep-alive"
NOTHING = {"ends_at": None, "reason": ""}


async def test_asked_and_kept_alive(program: Callable[..., Awaitable[Person]], hub: Hub) -> None:
    alice = await program("alice", "read:servers!user", "users:activity!user")
    assert (await alice.rest("GET", URL)).json == NOTHING
    assert (await alice.rest("POST", URL)).status_code == 409
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    hub.culling._endings = {("alice", ""): Ending(1_800_000_000.0, 0, "idle", 3600)}
    assert (await alice.rest("GET", URL)).json == {"ends_at": "2027-01-15T08:00:00Z", "reason": "idle"}
    before = time.time()
    assert (await alice.rest("POST", URL)).json == NOTHING
    server = await hub.servers.get("alice")
    assert server is not None
    assert (server.last_activity or 0) >= before


async def test_why_it_stopped(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    await hub.servers.stop("alice", by="hub:idle", reason="It was stopped because nobody had used it for 1 hour.")
    assert await hub.servers.stopped("alice", timeout=5)
    model = (await alice.rest("GET", "users/alice?include_stopped_servers")).json["servers"][""]
    assert model["message"] == "It was stopped because nobody had used it for 1 hour."
    theirs = (await alice.api("GET", "users/alice?include_stopped_servers")).json["servers"][""]
    assert "message" not in theirs


async def test_who_may(
    root: Person, program: Callable[..., Awaitable[Person]], person: Callable[[str], Awaitable[Person]]
) -> None:
    for path in (URL, "users/nobody/server/keep-alive", "users/alice/servers/none/keep-alive"):
        for method in ("GET", "POST"):
            assert (await (await person("bob")).rest(method, path)).status_code == 403
    assert (await root.rest("GET", "users/nobody/server/keep-alive")).status_code == 404
    assert (await root.rest("GET", "users/alice/servers/none/keep-alive")).status_code == 404
    reader = await program("alice", "read:servers!user")
    assert (await reader.rest("GET", URL)).status_code == 200
    assert (await reader.rest("POST", URL)).status_code == 403
