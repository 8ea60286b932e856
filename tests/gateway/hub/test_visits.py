"""Who entered whose server, and tokens at new addresses: once each, also over a restart of the hub."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channel.messages import Visit
from gateway.hub import visits as module
from gateway.hub.core import Hub
from gateway.hub.visits import PAUSE, Visits
from gateway.model import AuditEntry, digest
from gateway.store import audit
from gateway.store.store import Store

BOB = Visit("user:bob", "alice/", "session", admin=True)


class Time:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


async def entries(store: Store, action: str) -> list[AuditEntry]:
    return [entry for entry in await store(audit.listing) if entry.action == action]


async def test_a_visit_is_one_entry(hub: Hub, time: Time) -> None:
    visits = Visits(hub.store, time)
    for _ in range(3):
        visits.note([BOB], {})
        await visits.flush()
        time.now += PAUSE - 1
    (entry,) = await entries(hub.store, "server.enter")
    assert (entry.actor, entry.subject, entry.detail) == ("user:bob", "alice/", "as administrator, by session")
    time.now += 2
    visits.note([BOB], {})
    await visits.flush()
    assert len(await entries(hub.store, "server.enter")) == 2


async def test_the_next_hub_does_not_write_it_again(hub: Hub, time: Time) -> None:
    for visits in (Visits(hub.store, time), Visits(hub.store, time)):
        visits.note([BOB, Visit("service:x", "alice/", "token"), Visit("user:eve", "alice/gpu", "token")], {})
        await visits.flush()
    assert {entry.detail for entry in await entries(hub.store, "server.enter")} == {
        "as administrator, by session",
        "as service, by token",
        "as guest, by token",
    }
    assert len(await entries(hub.store, "server.enter")) == 3
    assert [entry.subject for entry in await hub.store(audit.on_servers, "alice", "server.enter")] == [
        "alice/gpu",
        "alice/",
        "alice/",
    ]
    assert await hub.store(audit.on_servers, "alic_", "server.enter") == []


async def test_a_token_at_a_new_address(hub: Hub, time: Time) -> None:
    value, token = await hub.tokens.make("alice")
    for visits in (Visits(hub.store, time), Visits(hub.store, time)):
        for address in ("192.0.2.7", "192.0.2.8", "192.0.2.7"):
            visits.note([], {digest(value): (address,), digest("unknown"): (address,)})
            await visits.flush()
    found = await entries(hub.store, "token.used")
    assert [(entry.actor, entry.subject, entry.detail) for entry in found] == [
        ("user:alice", token.id, "192.0.2.8"),
        ("user:alice", token.id, "192.0.2.7"),
    ]


async def test_one_token_does_not_fill_the_audit(hub: Hub, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ADDRESSES", 3)
    value, _ = await hub.tokens.make("alice")
    visits = Visits(hub.store, time)
    visits.note([], {digest(value): [f"2001:db8::{number}" for number in range(50)]})
    await visits.flush()
    assert len(await entries(hub.store, "token.used")) == 3


async def test_memory_is_bounded(hub: Hub, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 5)
    monkeypatch.setattr(module, "KNOWN", 5)
    visits = Visits(hub.store, time)
    visits.note([Visit(f"user:u{number}", "alice/", "session") for number in range(50)], {})
    await visits.flush()
    assert len(await entries(hub.store, "server.enter")) == 5


async def test_what_cannot_be_written_is_written_later(hub: Hub, time: Time) -> None:
    async def broken(*_: Any) -> None:
        raise OSError

    visits = Visits(broken, time)  # type: ignore[arg-type]
    visits.note([BOB], {})
    with pytest.raises(OSError):
        await visits.flush()
    visits._store = hub.store
    await visits.flush()
    assert len(await entries(hub.store, "server.enter")) == 1
