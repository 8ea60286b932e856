"""The owner is warned at home, and one button keeps the server alive."""

from __future__ import annotations

import time
from typing import Literal

from gateway.hub.core import Hub
from gateway.hub.idle import Ending
from gateway.store import servers
from tests.api.person import Person, proof


def soon(why: Literal["idle", "age"]) -> Ending:
    return Ending(time.time() + 245, 0, why, 3600)


async def test_a_warning_and_a_button(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    assert "keep-alive" not in (await alice.page("hub/home")).text
    hub.culling._endings = {("alice", ""): soon("idle")}
    page = (await alice.page("hub/home")).text
    assert "It will be stopped in 4 minutes, because nobody has used it for a while." in page
    assert 'http-equiv="refresh" content="20"' in page
    before = time.time()
    result = await alice.submit("hub/keep-alive/alice", {}, page="hub/home")
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/home")
    assert (await hub.store(servers.last_used))["alice", ""] >= before
    assert "keep-alive" not in (await alice.page("hub/home")).text


async def test_against_its_age_there_is_no_button(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    hub.culling._endings = {("alice", ""): soon("age")}
    page = (await alice.page("hub/home")).text
    assert "no server may run for longer than 1 hour. Save your work." in page
    assert "keep-alive" not in page


async def test_nobody_keeps_others_alive_and_not_by_get(alice: Person, hub: Hub) -> None:
    await hub.servers.start("bob", "", "quick")
    key = proof(await alice.page("hub/spawn"))
    assert (await alice.post("hub/keep-alive/bob", {"_xsrf": key})).status_code == 404
    assert (await alice.post("hub/keep-alive/alice", {"_xsrf": "x"})).status_code == 403
    assert (await alice.page("hub/keep-alive/alice")).status_code == 405
