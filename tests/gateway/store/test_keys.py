from __future__ import annotations

import asyncio

from gateway.store import changes, keys, migrate
from gateway.store.store import Store
from tests.gateway.store.conftest import Place


async def test_the_first_value_stays(store: Store) -> None:
    assert await store(keys.get_or_add, "xsrf", "first\nline ") == "first\nline "
    assert await store(keys.get_or_add, "xsrf", "second") == "first\nline "
    assert await store(keys.get_or_add, "other", "second") == "second"


async def test_all_who_come_at_once_get_the_same(place: Place, store: Store) -> None:
    other = await place.open()
    try:
        both = [asked(keys.get_or_add, "k", f"{n}") for n, asked in enumerate([store, other] * 8)]
        assert len(set(await asyncio.gather(*both))) == 1
    finally:
        await other.close()


async def test_the_newest_key_signs_and_the_first_comer_makes_it(store: Store) -> None:
    assert await store(keys.first_signing, "a", 1.0) == [(1.0, "a")]
    assert await store(keys.first_signing, "b", 2.0) == [(1.0, "a")]
    assert await store(keys.add_signing, "b", 2.0) == (2.0, "b")
    assert await store(keys.signing) == [(2.0, "b"), (1.0, "a")]
    assert (await store(changes.since, 0)).owners == ("gateway:keys",)


async def test_a_key_is_dropped_so_long_after_another_took_over(store: Store) -> None:
    for now, key in ((1.0, "a"), (5.0, "b"), (9.0, "c")):
        await store(keys.add_signing, key, now)
    assert await store(keys.drop_signing, 5.0) == 0
    assert await store(keys.drop_signing, 6.0) == 1
    assert await store(keys.signing) == [(9.0, "c"), (5.0, "b")]
    assert await store(keys.drop_signing, 1e9) == 1
    assert await store(keys.signing) == [(9.0, "c")]


async def test_the_key_of_an_older_version_goes_on_signing(place: Place) -> None:
    steps = migrate.steps(place.dialect)
    before = next(step.number for step in steps if step.name == "signing_keys") - 1
    migrate.upgrade(place.backend, steps[:before])
    with place.backend.upgrader() as connection:
        place.backend.apply(connection, "INSERT INTO keys (name, value) VALUES ('signing', 'PEM'), ('xsrf', 'x');\n")
        connection.commit()
    store = await place.open()
    try:
        ((created, key),) = await store(keys.signing)
        assert key == "PEM" and created > 1.7e9
        assert await store(keys.get_or_add, "signing", "none") == "none"
        assert await store(keys.get_or_add, "xsrf", "none") == "x"
    finally:
        await store.close()
