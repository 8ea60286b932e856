from __future__ import annotations

from gateway.hub.core import Hub
from tests.api.person import Person, proof


async def test_stop(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    result = await alice.submit("hub/stop/alice", {}, page="hub/home")
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/home")
    assert not hub.servers.active()


async def test_cancel(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "gpu", "slow")
    result = await alice.submit("hub/stop/alice/gpu", {}, page="hub/spawn-pending/alice/gpu")
    assert result.headers["Location"] == "/hub/home"
    assert not hub.servers.active()


async def test_an_admin_stays_with_the_server(root: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    result = await root.submit("hub/stop/alice", {}, page="hub/spawn/bob")
    assert result.headers["Location"] == "/hub/spawn-pending/alice"
    assert not hub.servers.active()


async def test_nobody_stops_others(alice: Person, hub: Hub) -> None:
    await hub.servers.start("bob", "", "quick")
    key = proof(await alice.page("hub/spawn"))
    for path in ("hub/stop/bob", "hub/stop/nobody", "hub/remove/bob/x"):
        assert (await alice.post(path, {"_xsrf": key})).status_code == 404
    assert len(hub.servers.active()) == 1


async def test_never_by_get(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    for path in ("hub/stop/alice", "hub/remove/alice/x"):
        assert (await alice.page(path)).status_code == 405
    assert len(hub.servers.active()) == 1


async def test_remove(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "gpu", "quick")
    key = proof(await alice.page("hub/spawn"))
    assert (await alice.post("hub/remove/alice/gpu", {"_xsrf": key})).status_code == 409
    await hub.servers.stop("alice", "gpu")
    await hub.servers.stopped("alice", "gpu", 5)
    result = await alice.post("hub/remove/alice/gpu", {"_xsrf": key})
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/home")
    assert await hub.servers.get("alice", "gpu") is None
    assert (await alice.post("hub/remove/alice/gpu", {"_xsrf": key})).status_code == 404
