from __future__ import annotations

from gateway.model import Server, Service, Session, Token, digest
from gateway.store import activity, changes, servers, services, sessions, tokens, users
from gateway.store.store import Store
from gateway.store.work import Transaction


async def _last(store: Store) -> tuple[float | None, ...]:
    user = await store(users.get, "alice")
    session = (await store(sessions.of_user, "alice"))[0]
    token = (await store(tokens.of_owner, "user", "alice"))[0]
    server = await store(servers.get, "alice", "gpu")
    assert user
    assert server
    return user.last_activity, session.last_seen, token.last_used, server.last_activity


def _alice(db: Transaction) -> None:
    users.add(db, "alice", False, 1.0)
    sessions.add(db, Session("", "alice", 1.0, 99.0, 1.0), digest("s"))
    tokens.add(db, Token("", "user", "alice", "", (), "", 1.0, None, None), digest("t"))
    servers.put(db, Server("alice", "gpu"))


async def test_uses_are_noted_and_time_never_goes_back(store: Store) -> None:
    await store(_alice)
    assert await _last(store) == (None, 1.0, None, None)
    await store(activity.touch, {digest("s"): 5.0}, {})
    assert await _last(store) == (5.0, 5.0, None, None)
    await store(activity.touch, {digest("t"): 7.0}, {"alice/gpu": 8.0})
    assert await _last(store) == (7.0, 5.0, 7.0, 8.0)
    await store(activity.touch, {digest("t"): 6.0, digest("s"): 4.0}, {"alice/gpu": 2.0})
    assert await _last(store) == (7.0, 5.0, 7.0, 8.0)


async def test_a_guest_does_not_make_the_owner_active(store: Store) -> None:
    await store(_alice)
    await store(activity.touch, {}, {"alice/gpu": 8.0})
    assert await _last(store) == (None, 1.0, None, 8.0)


async def test_a_services_token_counts_too(store: Store) -> None:
    await store(services.put, Service("culler"))
    await store(tokens.add, Token("", "service", "culler", "", (), "", 1.0, None, None), digest("t"))
    await store(activity.touch, {digest("t"): 3.0}, {})
    assert (await store(tokens.of_owner, "service", "culler"))[0].last_used == 3.0


async def test_what_is_gone_is_left_out_and_nothing_is_a_change(store: Store) -> None:
    await store(_alice)
    seen = await store(changes.revision)
    await store(activity.touch, {digest("gone"): 9.0}, {"bob/": 9.0, "alice/other": 9.0, "nonsense": 9.0, "": 9.0})
    await store(activity.touch, {}, {})
    assert await _last(store) == (None, 1.0, None, None)
    assert await store(changes.revision) == seen
