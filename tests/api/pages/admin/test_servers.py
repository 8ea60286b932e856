from __future__ import annotations

from gateway.hub.core import Hub
from tests.api.person import Person


async def test_what_runs_and_nothing_else(root: Person, hub: Hub) -> None:
    assert "No server is running." in (await root.page("hub/admin")).text
    for user, name in (("alice", ""), ("bob", "work")):
        await hub.servers.start(user, name, "quick")
        await hub.servers.wait(user, name, 5)
    page = (await root.page("hub/admin")).text
    assert page.count('<th scope="row">') == 2
    assert 'href="/user/bob/work/"' in page and 'action="/hub/stop/alice"' in page
    assert (await root.page("hub/admin?q=wor")).text.count('<th scope="row">') == 1
    assert "No running server has that" in (await root.page("hub/admin?q=zzz")).text


async def test_a_stop_leads_back(root: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    answer = await root.submit("hub/stop/alice", {"next": "/hub/admin"}, page="hub/admin")
    assert answer.headers["Location"] == "/hub/admin"
    assert "No server is running." in (await root.page("hub/admin")).text


async def test_a_stop_keeps_what_was_looked_for(root: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    page = (await root.page("hub/admin?q=lic")).text
    assert '<input type="hidden" name="next" value="/hub/admin?q=lic">' in page
    answer = await root.submit("hub/stop/alice", {"next": "/hub/admin?q=lic"}, page="hub/admin")
    assert answer.headers["Location"] == "/hub/admin?q=lic"


async def test_a_stop_leads_nowhere_else(root: Person) -> None:
    answer = await root.submit("hub/stop/alice", {"next": "//evil.example"}, page="hub/admin/gateway")
    assert answer.headers["Location"] == "/hub/spawn-pending/alice"
