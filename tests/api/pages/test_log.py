from __future__ import annotations

from gateway.hub.core import Hub
from tests.api.person import Person


async def test_the_log_of_my_server(alice: Person, root: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "bad", "bad")
    await hub.servers.wait("alice", "bad", 5)
    page = await alice.page("hub/log/alice/bad")
    assert page.status_code == 200 and 'data-events=""' in page.text
    assert "/hub/admin" not in page.text
    theirs = (await root.page("hub/log/alice/bad")).text
    assert "A server of <bdi>alice</bdi>" in theirs and 'href="/hub/admin/users/alice"' in theirs


async def test_a_server_that_runs_is_followed(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    page = (await alice.page("hub/log/alice")).text
    assert "<h1>Log of my server</h1>" in page
    assert 'data-events="/hub/api/users/alice/server/log?follow=true' in page


async def test_not_for_others(alice: Person, root: Person) -> None:
    for path in ("hub/log/bob", "hub/log/nobody"):
        assert (await alice.page(path)).status_code == 404
    assert (await root.page("hub/log/nobody")).status_code == 404
    assert (await root.page("hub/log/alice/none")).status_code == 404
