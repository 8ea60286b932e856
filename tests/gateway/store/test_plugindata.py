from __future__ import annotations

import pytest

from gateway.errors import BadInput
from gateway.model import Json
from gateway.store import plugindata
from gateway.store.store import Store

VALUES: list[Json] = [0, "", [], False, 1.5, "ünï\0\ud800", {"a": [None, {"b": True}]}, "x" * 100_000]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
async def test_any_json_value_comes_back(store: Store, value: Json) -> None:
    assert await store(plugindata.get, "native", "key") is None
    await store(plugindata.put, "native", "key", value)
    assert await store(plugindata.get, "native", "key") == value


async def test_plugins_and_keys_do_not_meet(store: Store) -> None:
    await store(plugindata.put, "native", "password:%", 1)
    await store(plugindata.put, "other", "password:%", 2)
    await store(plugindata.put, "native", "password:ü", 3)
    await store(plugindata.put, "native", "password:%", 4)
    await store(plugindata.delete, "other", "password:%")
    await store(plugindata.delete, "other", "password:%")
    assert await store(plugindata.get, "native", "password:%") == 4
    assert await store(plugindata.get, "native", "password:ü") == 3
    assert await store(plugindata.get, "other", "password:%") is None


async def test_what_is_kept_about_a_user_goes_with_the_user(store: Store) -> None:
    for name, value in (("alice", 1), ("alicia", 2), ("bob", 3)):
        await store(plugindata.put, "native", plugindata.user_key("password", name), value)
    await store(plugindata.rename_user, "native", "password", "alice", "alicia")
    assert await store(plugindata.get, "native", "password:alice") is None
    assert await store(plugindata.get, "native", "password:alicia") == 1
    await store(plugindata.rename_user, "native", "password", "carol", "bob")
    assert await store(plugindata.get, "native", "password:bob") is None, "whoever had the name before has left nothing"
    await store(plugindata.forget_user, "native", "password", "alicia")
    assert await store(plugindata.get, "native", "password:alicia") is None


async def test_a_key_has_a_length(store: Store) -> None:
    await store(plugindata.put, "native", "k" * 512, 1)
    for key in ("", "k" * 513):
        with pytest.raises(BadInput, match="512"):
            await store(plugindata.put, "native", key, 1)
