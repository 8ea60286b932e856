"""The change log is followed: own writes at once, those of another process soon."""

from __future__ import annotations

import pytest

from gateway.channel.messages import Invalidate
from gateway.hub import changes as module
from gateway.hub.changes import ChangeLog
from gateway.hub.core import Hub
from gateway.store import changes, roles, users
from tests.gateway.hub.world import eventually


async def followed(hub: Hub) -> tuple[ChangeLog, list[Invalidate]]:
    log = ChangeLog(hub.store)
    heard: list[Invalidate] = []
    await log.open()
    log.subscribe(heard.append)
    return log, heard


async def test_own_writes_are_in_force_when_they_return(hub: Hub) -> None:
    log, heard = await followed(hub)
    before = log.revision
    await log.write(users.set_admin, "alice", True)
    assert heard == [Invalidate(0, before + 1, ("user:alice",))]
    assert log.revision == before + 1
    await log.catch_up()
    assert len(heard) == 1


async def test_what_others_wrote_is_heard_as_one_batch(hub: Hub) -> None:
    log, heard = await followed(hub)
    for name in ("alice", "bob", "alice"):
        await hub.store(users.set_admin, name, True)
    await log.catch_up()
    assert heard == [Invalidate(0, log.revision, ("user:alice", "user:bob"))]


async def test_a_change_that_may_mean_anything(hub: Hub) -> None:
    log, heard = await followed(hub)
    await log.write(roles.put, "reader", ["list:users"])
    assert heard == [Invalidate(0, log.revision, everything=True)]


async def test_too_much_to_name(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    log, heard = await followed(hub)
    monkeypatch.setattr(module, "PART", 1)
    for name in ("alice", "bob"):
        await hub.store(changes.note, f"user:{name}")
    await log.catch_up()
    assert heard == [Invalidate(0, log.revision, everything=True)]


async def test_the_running_hub_hears_of_a_foreign_write(hub: Hub) -> None:
    before = hub.changes.revision
    await hub.store(users.set_admin, "alice", True)
    await eventually(lambda: hub.changes.revision > before)
    assert hub.workers.journal.seq > 0


async def test_a_store_that_is_away_is_asked_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.01)
    real = changes.since

    def broken(*_: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(changes, "since", broken)
    await eventually(lambda: "cannot be read" in caplog.text)
    monkeypatch.setattr(changes, "since", real)
    await hub.store(users.set_admin, "alice", True)
    before = hub.changes.revision
    await eventually(lambda: hub.changes.revision > before)
