"""What follows from a change, whoever made it: here always another process, straight in the store."""

from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.model import Session
from gateway.store import changes, sessions, users
from tests.gateway.hub.world import World, eventually, in_state, in_time


@pytest.fixture(autouse=True)
async def running(hub: Hub) -> None:
    """alice and bob have a server each."""
    for name in ("alice", "bob"):
        await hub.servers.start(name)
        await in_state(hub, State.READY, name)


async def test_disabled(hub: Hub, world: World) -> None:
    await hub.store(sessions.add, Session("", "alice", 1.0, 9e9, 1.0), "d")
    await hub.store(users.set_disabled, "alice", True)
    await in_state(hub, State.STOPPED)

    async def no_session() -> bool:
        return await hub.sessions.of_user("alice") == []

    await in_time(no_session)
    assert hub.servers.live("bob")


async def test_marked_for_removal(hub: Hub, world: World) -> None:
    await hub.store(users.mark_removing, "alice")
    await in_state(hub, State.STOPPED)

    async def gone() -> bool:
        return await hub.users.get("alice") is None

    await in_time(gone)
    assert len(world.running) == 1


async def test_gone(hub: Hub, world: World) -> None:
    await hub.store(users.remove, "alice")
    await in_state(hub, State.STOPPED)
    assert len(world.running) == 1
    assert "server:alice/" not in hub.routes.table.by_id


async def test_everything_may_have_changed(hub: Hub) -> None:
    await hub.store(users.set_groups, "bob", ["class"])
    await hub.store(changes.note)
    await eventually(lambda: hub.routes.table.by_id["server:bob/"].owner_groups == ("class",))
    assert hub.servers.live("alice")


async def test_an_error_does_not_end_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = hub.servers.set_groups

    def broken(user: str, groups: tuple[str, ...]) -> None:
        if user == "alice":
            raise ZeroDivisionError
        real(user, groups)

    monkeypatch.setattr(hub.servers, "set_groups", broken)
    await hub.store(users.set_groups, "alice", ["class"])
    await eventually(lambda: "a change of alice is not done" in caplog.text)
    await hub.store(users.set_groups, "bob", ["class"])
    await eventually(lambda: hub.routes.table.by_id["server:bob/"].owner_groups == ("class",))
