from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.hub.core import Hub
from gateway.model import Server
from gateway.store import servers
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


@pytest.fixture
async def own(hub: Hub, program: Program) -> Person:
    """A program that may report alice's activity, as a server's token may."""
    await hub.store(servers.put, Server("alice", "gpu"))
    return await program("alice", "users:activity!user=alice")


async def test_time_never_goes_back(own: Person, root: Person) -> None:
    for sent, kept in (
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2025-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T05:04:06+01:00", "2026-01-02T04:04:06Z"),
        ("2026-01-02T05:00:00.25", "2026-01-02T05:00:00.250000Z"),
    ):
        body = {"last_activity": sent, "servers": {"gpu": {"last_activity": sent}}}
        result = await own.api("POST", "users/alice/activity", body)
        assert (result.status_code, result.text) == (200, "")
        model = (await root.api("GET", "users/alice?include_stopped_servers")).json
        assert model["last_activity"] == model["servers"]["gpu"]["last_activity"] == kept


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"last_activity": ""},
        {"last_activity": 5},
        {"last_activity": "yesterday"},
        {"last_activity": "9999-99-99"},
        {"last_activity": datetime.fromtimestamp(time.time() + 86400, UTC).isoformat()},
        {"servers": {}},
        {"servers": []},
        {"servers": {"gpu": {}}},
        {"servers": {"gpu": "2026-01-01"}},
        {"servers": {"nothing": {"last_activity": "2026-01-01T00:00:00Z"}}, "last_activity": "2026-01-01T00:00:00Z"},
    ],
)
async def test_what_is_refused_changes_nothing(own: Person, hub: Hub, body: Any) -> None:
    result = await own.api("POST", "users/alice/activity", body)
    assert result.status_code == 400
    assert result.json["message"]
    user = await hub.users.get("alice")
    assert user
    assert user.last_activity is None


async def test_whose(own: Person, root: Person, program: Program) -> None:
    body = {"last_activity": "2026-01-02T03:04:05Z"}
    assert (await own.api("POST", "users/bob/activity", body)).status_code == 404
    manager = await program("root")
    assert (await manager.api("POST", "users/nobody/activity", body)).status_code == 404
