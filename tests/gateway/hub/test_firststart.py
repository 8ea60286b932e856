"""The very first start: one administrator, one password, said before it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.errors import BadInput, SettingsError
from gateway.hub.core import Hub
from gateway.hub.firststart import VARIABLE, make_admin
from gateway.hub.plugindata import PluginData
from gateway.settings import Settings
from tests.gateway.hub.world import SideDoor, World, a_hub


@pytest.fixture
async def empty(world: World, chosen: Settings) -> AsyncIterator[Hub]:
    async with a_hub(world, chosen) as hub:
        yield hub


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second authenticator keeps passwords."""

    async def set_password(self: SideDoor, name: str, password: str) -> None:
        if len(password) < 8:
            raise BadInput("at least 8 characters")
        await self.storage.put(name, password)

    monkeypatch.setattr(SideDoor, "set_password", set_password)


async def test_the_password_is_said_and_works(empty: Hub, keeper: None) -> None:
    said: list[str] = []
    await make_admin(empty, {}, said.append)
    (text,) = said
    first, second, rest = text.split("\n")
    assert (first, rest) == ("admin user: admin", "")
    password = second.removeprefix("admin password: ")
    assert len(password) >= 20
    assert await PluginData(empty.store, "side").get("admin") == password
    user = await empty.users.get("admin")
    assert user and user.admin


async def test_it_is_said_before_it_is_kept(empty: Hub, keeper: None) -> None:
    def closed(_text: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await make_admin(empty, {}, closed)
    assert await empty.users.count() == 0


async def test_a_given_password_is_not_said(empty: Hub, keeper: None) -> None:
    said: list[str] = []
    await make_admin(empty, {VARIABLE: "correct horse"}, said.append)
    assert said == []
    assert await PluginData(empty.store, "side").get("admin") == "correct horse"


async def test_a_given_password_that_is_too_weak_is_a_mistake_in_the_settings(empty: Hub, keeper: None) -> None:
    with pytest.raises(SettingsError, match=f"{VARIABLE}: at least 8"):
        await make_admin(empty, {VARIABLE: "x"}, lambda _: None)
    assert await empty.users.count() == 0


async def test_not_where_somebody_is(hub: Hub, keeper: None) -> None:
    said: list[str] = []
    await make_admin(hub, {}, said.append)
    assert said == [] and await hub.users.get("admin") is None


async def test_not_where_no_passwords_are_kept(empty: Hub) -> None:
    said: list[str] = []
    await make_admin(empty, {}, said.append)
    assert said == [] and await empty.users.count() == 0
