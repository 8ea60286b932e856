from __future__ import annotations

from gateway.hub.core import Hub
from tests.api.person import Person


async def running(hub: Hub, user: str, name: str = "") -> None:
    await hub.servers.start(user, name, "quick")
    await hub.servers.wait(user, name, 5)


async def test_restart(alice: Person, hub: Hub) -> None:
    await running(hub, "alice")
    before = hub.servers.live("alice")
    answer = await alice.submit("hub/restart/alice", {}, page="hub/home")
    assert answer.headers["Location"] == "/hub/spawn-pending/alice"
    await hub.servers.wait("alice", "", 5)
    after = hub.servers.live("alice")
    assert before and after and after.profile == "quick" and after.generation > before.generation


async def test_rename_what_is_stopped(alice: Person, hub: Hub) -> None:
    await running(hub, "alice", "work")
    fields = {"display_name": "Work & <play>"}
    assert (await alice.submit("hub/rename/alice/work", fields, page="hub/home")).status_code == 400
    await hub.servers.stop("alice", "work")
    await hub.servers.stopped("alice", "work", 5)
    answer = await alice.submit("hub/rename/alice/work", fields, page="hub/home")
    assert answer.headers["Location"] == "/hub/home?done=renamed"
    page = (await alice.page("hub/home?done=renamed")).text
    assert "Work &amp; &lt;play&gt;" in page and "It has its new name." in page


async def test_not_with_servers_of_others(alice: Person, hub: Hub) -> None:
    await running(hub, "bob")
    for what in ("restart", "rename"):
        answer = await alice.submit(f"hub/{what}/bob", {"display_name": "x"}, page="hub/token")
        assert answer.status_code == 404
    assert (await alice.submit("hub/restart/alice/none", {}, page="hub/token")).status_code == 404
