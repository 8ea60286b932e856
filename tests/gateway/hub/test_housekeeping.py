"""What is over is dropped from the store."""

from __future__ import annotations

import asyncio

import pytest

from gateway.hub import housekeeping
from gateway.hub.core import Hub
from gateway.model import Session
from gateway.store import sessions
from tests.gateway.hub.world import World, eventually, in_time


async def test_what_is_over_goes_and_an_error_ends_nothing(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(housekeeping, "EVERY", 0.01)
    for end, value in ((1500.0, "a"), (2500.0, "b")):
        await hub.store(sessions.add, Session("", "alice", 1.0, end, 1.0), value)
    await hub.tokens.make("alice", expires_in=500)
    world.now = 2000.0

    def broken(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(sessions, "purge", broken)
        tidying = asyncio.create_task(housekeeping.tidied(hub.store, world.clock))
        await eventually(lambda: "broken failed" in caplog.text)

    async def tidy() -> bool:
        left = await hub.sessions.of_user("alice"), await hub.tokens.of_user("alice")
        return ([session.expires_at for session in left[0]], left[1]) == ([2500.0], [])

    await in_time(tidy)
    tidying.cancel()
