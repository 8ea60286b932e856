from __future__ import annotations

import pytest

from gateway.errors import Conflict, NotFound
from gateway.model import Service, ServiceProcess, Target, Token, digest
from gateway.store import changes, roles, services, tokens
from gateway.store.store import Store

CULLER = Service("culler", "http://127.0.0.1:1", True, 1.5)


async def test_a_service_is_kept_changed_and_forgotten_with_its_tokens(store: Store) -> None:
    await store(services.put, CULLER)
    await store(services.put, Service("a", created=2.0))
    assert await store(services.listing) == [Service("a", created=2.0), CULLER]
    await store(services.put, Service("culler", created=9.0))
    assert await store(services.get, "culler") == Service("culler", created=1.5)
    await store(tokens.add, Token("", "service", "culler", "", (), "", 1.0, None, None), digest("t"))
    await store(services.remove, "culler")
    assert await store(services.get, "culler") is None
    assert await store(tokens.find, digest("t"), 2.0) is None


async def test_each_change_is_noted_under_its_name(store: Store) -> None:
    await store(services.put, CULLER)
    await store(services.remove, "culler")
    await store(services.remove, "culler")
    found = await store(changes.since, 0)
    assert (found.revision, found.owners) == (2, ("service:culler",))


async def test_all_that_is_told_of_it_is_kept(store: Store) -> None:
    service = Service("s", "", False, 1.0, ("run", "é"), False, {"a": [1, {"b": None}]}, True)
    await store(services.add, service)
    assert await store(services.get, "s") == service
    with pytest.raises(Conflict):
        await store(services.add, service)


async def test_putting_the_same_is_no_change(store: Store) -> None:
    await store(services.put, CULLER)
    await store(services.put, Service("culler", CULLER.url, True, 9.0))
    assert (await store(changes.since, 0)).revision == 1


def token(owner: str) -> Token:
    return Token("", "service", owner, "", ("inherit",), "", 1.0, None, None)


async def test_its_own_token_replaces_the_one_before(store: Store) -> None:
    await store(services.put, CULLER)
    for value in ("a", "b", "b"):
        await store(services.own_token, "culler", digest(value), token("culler"))
    assert await store(tokens.find, digest("a"), 2.0) is None
    assert await store(tokens.find, digest("b"), 2.0)
    await store(services.own_token, "culler", "", None)
    assert await store(tokens.of_owner, "service", "culler") == []
    with pytest.raises(NotFound):
        await store(services.own_token, "nobody", "", None)


async def test_a_token_that_somebody_has_is_not_taken(store: Store) -> None:
    await store(services.put, CULLER)
    await store(services.put, Service("other"))
    await store(services.own_token, "other", digest("a"), token("other"))
    with pytest.raises(Conflict, match="culler is a token of somebody else"):
        await store(services.own_token, "culler", digest("a"), token("culler"))


async def test_processes(store: Store) -> None:
    await store(services.put, CULLER)
    assert await store(services.processes) == {}
    for target in (None, Target("http://h:1", "", {"pid": 3})):
        process = ServiceProcess("id", "order", 4, target)
        await store(services.set_process, "culler", process)
        assert await store(services.processes) == {"culler": process}
    await store(services.set_process, "culler", None)
    assert await store(services.processes) == {}
    with pytest.raises(NotFound):
        await store(services.set_process, "nobody", None)


async def test_the_names_of_their_roles(store: Store) -> None:
    for name in ("a", "b"):
        await store(services.put, Service(name))
    for role, names in (("two", ["a", "b"]), ("one", ["a"])):
        await store(roles.put, role, ["list:users"])
        await store(roles.assign, role, "service", names)
    assert await store(services.roles) == {"a": ("one", "two"), "b": ("two",)}
