"""The hub as a whole: opened, started, closed, and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import HubgateError, SettingsError
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.model import CustomRoute
from gateway.settings import Settings
from gateway.store import customroutes
from tests.gateway.hub.world import Door, Scripted, World, a_hub, hooks, in_state, settings


async def test_the_parts_that_others_rely_on(hub: Hub, chosen: Settings) -> None:
    for name in ("hooks", "store", "users", "sessions", "tokens", "identities", "servers", "routes", "workers", "keys"):
        assert getattr(hub, name) is not None
    assert hub.settings is chosen
    assert [each.name for each in hub.authenticators] == ["door", "side"]


async def test_the_table_is_complete_when_it_has_started(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, channel={"bind": "127.0.0.1:8100"})
    async with a_hub(world, chosen, start=False) as hub:
        await hub.store(customroutes.add, CustomRoute("/grafana/", "http://127.0.0.1:3000", 5.0))
        assert hub.routes.table.by_id == {}
        await hub.start()
        assert {id: route.url for id, route in hub.routes.table.by_id.items()} == {
            "hub": "http://127.0.0.1:8100",
            "hub-api": "http://127.0.0.1:8100",
            "custom:/grafana/": "http://127.0.0.1:3000",
        }
        assert await hub.store(customroutes.listing) == [CustomRoute("/grafana/", "http://127.0.0.1:3000", 5.0)]


async def test_two_hubs_on_one_database_are_refused(hub: Hub, world: World, chosen: Settings) -> None:
    other = await Hub.open(chosen, hooks(world, chosen))
    with pytest.raises(HubgateError, match="another hub"):
        await other.start()
    await other.close()
    await hub.servers.start("alice")
    await in_state(hub, State.READY)


@pytest.mark.parametrize(
    ("sections", "mistake"),
    [
        ({"spawner": {"plugin": "nonsense"}}, "spawner.plugin"),
        ({"authenticator": {"plugin": ["door", "nonsense"]}}, "authenticator.plugin"),
        ({"authenticator": {"door": {"colour": "red"}}}, "colour"),
    ],
)
async def test_wrong_settings_open_nothing(
    world: World, tmp_path: Path, sections: dict[str, dict[str, str]], mistake: str
) -> None:
    chosen = settings(tmp_path, **sections)
    with pytest.raises(SettingsError, match=mistake):
        await Hub.open(chosen, hooks(world, chosen))
    assert not chosen.gateway.data_dir.exists()


async def test_a_database_that_cannot_be_used(world: World, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hubgate.sqlite").write_text("this is no database, whatever it is called" * 100)
    chosen = settings(tmp_path)
    chosen = chosen.model_copy(
        update={"store": chosen.store.model_copy(update={"url": f"sqlite:{tmp_path}/data/hubgate.sqlite"})}
    )
    with pytest.raises(HubgateError, match=r"hubgate\.sqlite"):
        await Hub.open(chosen, hooks(world, chosen))


async def test_administrators_are_warned_at_the_start(
    world: World, chosen: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Scripted, "warnings", lambda _: ["servers may do anything"])
    monkeypatch.setattr(Door, "warnings", lambda _: ["one password for all"])
    chosen = chosen.model_copy(update={"gateway": chosen.gateway.model_copy(update={"bind": ("0.0.0.0:80",)})})
    async with a_hub(world, chosen, start=False):
        assert "servers may" not in caplog.text, "a command is not the place"
    async with a_hub(world, chosen):
        assert "scripted: servers may do anything" in caplog.text
        assert "door: one password for all" in caplog.text
        assert "without TLS" in caplog.text


async def test_closing_with_servers(world: World, chosen: Settings) -> None:
    hub = await Hub.open(chosen, hooks(world, chosen))
    await hub.users.add("alice")
    await hub.start()
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    await hub.close(stop_servers=True)
    assert world.running == {}


async def test_closing_without(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, "alice") as hub:
        await hub.servers.start("alice")
        await in_state(hub, State.READY)
    assert len(world.running) == 1
    assert "stop alice/" not in world.calls
