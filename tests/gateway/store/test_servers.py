from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import NotFound
from gateway.model import Said, Server, Target
from gateway.store import activity, servers, users
from gateway.store.store import Store

FULL = Server(
    user="alice",
    name="gpu",
    state="booting",
    generation=2**40,
    display_name="My “GPU”",
    profile="lab",
    options={"memory": "1G", "list": [1, None, True, {"ünï": 1.5}], "nul": "\0"},
    start_id="abc",
    secret="server.xyz",
    target=Target("http://127.0.0.1:4321", "server.xyz", {"pid": 7, "started": 1234.5678901234}),
    created=1.25,
    started=1700000000.123456,
    last_activity=1700000001.654321,
    message="It ended.\nTwice.",
    said=Said("of-a-plugin", {"why": "ünï\0\ud800", "code": 3, "share": 0.5}),
)


@pytest.fixture
async def alice(store: Store) -> Store:
    await store(users.add, "alice", False, 1.0)
    return store


async def test_a_whole_record_comes_back_as_it_was(alice: Store) -> None:
    await alice(servers.put, FULL)
    assert await alice(servers.get, "alice", "gpu") == FULL
    assert await alice(servers.get, "alice") is None
    assert await alice(servers.get, "bob", "gpu") is None


async def test_put_replaces_the_whole_record(alice: Store) -> None:
    await alice(servers.put, FULL)
    bare = Server("alice", "gpu", last_activity=FULL.last_activity)
    await alice(servers.put, bare)
    assert await alice(servers.of_user, "alice") == [bare]


@pytest.mark.parametrize("state", [None, 0, "", [], {}, {"a": None}, "x", 1.5, False])
async def test_a_spawners_state_is_any_json_value(alice: Store, state: object) -> None:
    server = replace(FULL, target=Target("http://x", state=state))  # type: ignore[arg-type]
    await alice(servers.put, server)
    assert await alice(servers.get, "alice", "gpu") == server


async def test_put_never_takes_activity_back(alice: Store) -> None:
    await alice(servers.put, replace(FULL, last_activity=None))
    await alice(activity.touch, {}, {"alice/gpu": 50.0})
    for given, kept in ((None, 50.0), (40.0, 50.0), (60.0, 60.0)):
        await alice(servers.put, replace(FULL, last_activity=given))
        found = await alice(servers.get, "alice", "gpu")
        assert found
        assert found.last_activity == kept


async def test_a_server_needs_its_user(store: Store) -> None:
    with pytest.raises(NotFound):
        await store(servers.put, FULL)


async def test_the_default_server_stands_first(alice: Store) -> None:
    for name in ("b", "a", "", "a-1"):
        await alice(servers.put, Server("alice", name))
    assert [server.name for server in await alice(servers.of_user, "alice")] == ["", "a", "a-1", "b"]


async def test_active_is_all_but_the_stopped(alice: Store) -> None:
    await alice(users.add, "bob", False, 1.0)
    states = ["stopped", "queued", "spawning", "booting", "ready", "stopping", "killing"]
    for state in states:
        await alice(servers.put, Server("alice", state, state))
    await alice(servers.put, Server("bob", "", "stopped"))
    await alice(servers.put, Server("bob", "x", "ready"))
    found = [(server.user, server.name) for server in await alice(servers.active)]
    assert found == [("alice", state) for state in sorted(states) if state != "stopped"] + [("bob", "x")]


async def test_remove_takes_one_and_is_fine_with_none(alice: Store) -> None:
    await alice(servers.put, FULL)
    await alice(servers.put, Server("alice", ""))
    await alice(servers.remove, "alice", "gpu")
    await alice(servers.remove, "alice", "gpu")
    await alice(servers.remove, "bob")
    assert [server.name for server in await alice(servers.of_user, "alice")] == [""]
