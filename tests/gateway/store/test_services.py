from __future__ import annotations

from gateway.model import Service, Token, digest
from gateway.store import changes, services, tokens
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
