from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import NotFound
from gateway.model import Service, Token, digest
from gateway.store import changes, services, tokens, users
from gateway.store.store import Store
from gateway.store.work import Snapshot, reads

TOKEN = Token("", "user", "alice", "abcd", ("self", "read:users!user=bob"), "for “tests”", 10.0, 20.0, None)
CULLER = replace(TOKEN, owner_kind="service", owner="culler", expires_at=None)


@reads
def _everything(db: Snapshot) -> str:
    return repr(db.rows("SELECT * FROM tokens"))


async def test_a_users_token_is_found_until_its_hour(store: Store) -> None:
    user = await store(users.add, "alice", False, 1.0)
    kept = await store(tokens.add, TOKEN, digest("value"))
    assert kept == replace(TOKEN, id=kept.id)
    assert await store(tokens.find, digest("value"), 19.9) == (kept, user)
    assert await store(tokens.find, digest("value"), 20.0) is None
    assert await store(tokens.get, kept.id) == kept
    assert "value" not in await store(_everything)


async def test_a_services_token_has_no_user_and_may_be_for_ever(store: Store) -> None:
    await store(services.put, Service("culler"))
    kept = await store(tokens.add, CULLER, digest("value"))
    assert await store(tokens.find, digest("value"), 1e12) == (kept, None)


async def test_tokens_are_listed_by_owner_the_newest_first(store: Store) -> None:
    await store(services.put, Service("alice"))
    await store(users.add, "alice", False, 1.0)
    first = await store(tokens.add, TOKEN, digest("a"))
    second = await store(tokens.add, TOKEN, digest("b"))
    other = await store(tokens.add, replace(CULLER, owner="alice"), digest("c"))
    assert await store(tokens.of_owner, "user", "alice") == [second, first]
    assert await store(tokens.of_owner, "service", "alice") == [other]


@pytest.mark.parametrize("token", [TOKEN, CULLER], ids=["user", "service"])
async def test_a_token_needs_its_owner(store: Store, token: Token) -> None:
    with pytest.raises(NotFound, match=token.owner):
        await store(tokens.add, token, digest("value"))


async def test_each_coming_and_going_is_noted(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    seen = await store(changes.revision)
    kept = await store(tokens.add, TOKEN, digest("a"))
    added = await store(changes.since, seen)
    assert added.digests == (digest("a"),)
    await store(tokens.remove, kept.id)
    assert (await store(changes.since, added.revision)).digests == (digest("a"),)
    assert await store(tokens.get, kept.id) is None


@pytest.mark.parametrize("token_id", ["", "0", "-1", "x", "1.0", "²", "9" * 18, "9" * 30, "1 OR 1=1"])
async def test_an_id_that_is_none_finds_and_removes_nothing(store: Store, token_id: str) -> None:
    await store(users.add, "alice", False, 1.0)
    kept = await store(tokens.add, TOKEN, digest("a"))
    seen = await store(changes.revision)
    assert await store(tokens.get, token_id) is None
    await store(tokens.remove, token_id)
    assert await store(tokens.of_owner, "user", "alice") == [kept]
    assert await store(changes.revision) == seen


async def test_purge_takes_what_is_over_and_leaves_what_never_ends(store: Store) -> None:
    await store(users.add, "alice", False, 1.0)
    for value, end in (("old", 20.0), ("new", 30.0), ("ever", None)):
        await store(tokens.add, replace(TOKEN, expires_at=end), digest(value))
    assert await store(tokens.purge, 20.0) == 1
    assert [token.expires_at for token in await store(tokens.of_owner, "user", "alice")] == [None, 30.0]
