from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from gateway.channel.messages import Hello
from gateway.errors import BadInput, Conflict, Fixed, NotFound
from gateway.hub.core import Hub
from gateway.model import Service, digest
from gateway.routes import Route
from gateway.store import services, tokens
from tests.gateway.hub.world import World, a_hub, eventually, settings

TOKEN, OTHER = "0123456789abcdef", "fedcba9876543210"
DOCS = {"name": "docs", "url": "http://127.0.0.1:1"}
CULLER = {"name": "culler", "command": ["cull"]}


def hub_with(world: World, folder: Path, *wanted: dict[str, Any]) -> AbstractAsyncContextManager[Hub]:
    return a_hub(world, settings(folder, services=wanted))  # type: ignore[arg-type]  # a list of sections


def worker(hub: Hub) -> None:
    """From now on the API can be reached."""
    hub.workers.join(Hello("1", 1), hub.routes.table, ("", ""), 0.0)


def route(hub: Hub, name: str) -> Route | None:
    return hub.routes.table.by_id.get(f"service:{name}")


async def good(hub: Hub, token: str) -> bool:
    return await hub.store(tokens.find, digest(token), 1000.0) is not None


# ── of the settings ──────────────────────────────────────────────────────────


async def test_what_stands_in_the_settings_is_in_the_store_and_has_its_route(world: World, tmp_path: Path) -> None:
    more = {"admin": True, "display": False, "info": {"a": [1]}, "api_token": TOKEN}
    async with hub_with(world, tmp_path, DOCS | more, {"name": "ci"}) as hub:
        kept = await hub.store(services.listing)
        assert [each.name for each in kept] == ["ci", "docs"]
        assert kept[1] == Service("docs", DOCS["url"], True, 1000.0, (), False, {"a": [1]}, True)
        assert [shown.service for shown in hub.services.listing()] == kept
        assert await good(hub, TOKEN)
        found = route(hub, "docs")
        assert found and (found.kind, found.prefix, found.url) == ("service", ("services", "docs"), DOCS["url"])
        assert route(hub, "ci") is None


async def test_what_left_the_settings_is_gone_but_not_what_the_api_made(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, DOCS | {"api_token": TOKEN}) as hub:
        await hub.services.add("made", "http://127.0.0.1:2")
    async with hub_with(world, tmp_path) as hub:
        assert [shown.service.name for shown in hub.services.listing()] == ["made"]
        assert route(hub, "made") and not route(hub, "docs")
        assert not await good(hub, TOKEN)


async def test_another_token_in_the_settings_ends_the_one_before(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, DOCS | {"api_token": TOKEN}):
        pass
    async with hub_with(world, tmp_path, DOCS | {"api_token": OTHER}) as hub:
        assert await good(hub, OTHER) and not await good(hub, TOKEN)
    async with hub_with(world, tmp_path, DOCS) as hub:
        assert not await good(hub, OTHER)


async def test_two_tokens_may_change_places(world: World, tmp_path: Path) -> None:
    for first, second in ((TOKEN, OTHER), (OTHER, TOKEN)):
        both = ({"name": "a", "api_token": first}, {"name": "b", "api_token": second})
        async with hub_with(world, tmp_path, *both) as hub:
            for name, value in (("a", first), ("b", second)):
                found = await hub.store(tokens.find, digest(value), 1000.0)
                assert found and found[0].owner == name


async def test_a_token_of_somebody_else_is_no_services(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path) as hub:
        await hub.users.add("alice")
        value, _ = await hub.tokens.make("alice")
    with pytest.raises(Conflict, match="docs is a token of somebody else"):
        async with hub_with(world, tmp_path, DOCS | {"api_token": value}):
            pass


async def test_a_start_with_the_same_settings_changes_nothing(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, DOCS | {"api_token": TOKEN}) as hub:
        before = hub.changes.revision
    async with hub_with(world, tmp_path, DOCS | {"api_token": TOKEN}) as hub:
        assert hub.changes.revision == before


# ── made while it runs ───────────────────────────────────────────────────────


async def test_the_api_makes_and_removes(hub: Hub) -> None:
    shown = await hub.services.add("x", "http://127.0.0.1:3/", admin=True, api_token=TOKEN, by="user:root")
    assert (shown.service.url, shown.prefix, shown.status, shown.pid) == (
        "http://127.0.0.1:3", "/services/x/", "unknown", 0,
    )  # fmt: skip
    assert route(hub, "x") and await good(hub, TOKEN)
    assert (await hub.store(services.get, "x")) == shown.service
    await hub.services.remove("x")
    assert hub.services.get("x") is None
    assert not route(hub, "x") and not await good(hub, TOKEN)
    with pytest.raises(NotFound):
        await hub.services.remove("x")


@pytest.mark.parametrize(
    "bad", [{"name": "a/b"}, {"name": ""}, {"name": "x", "url": "ftp://x"}, {"name": "x", "api_token": "short"}]
)
async def test_bad_input_makes_nothing(hub: Hub, bad: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="expected"):
        await hub.services.add(**bad)  # type: ignore[arg-type]
    assert hub.services.listing() == []


async def test_a_name_or_a_token_that_is_taken(hub: Hub) -> None:
    await hub.services.add("x", api_token=TOKEN)
    with pytest.raises(Conflict, match="exists"):
        await hub.services.add("x")
    with pytest.raises(Conflict, match="somebody else"):
        await hub.services.add("y", api_token=TOKEN)
    assert [shown.service.name for shown in hub.services.listing()] == ["x"]
    assert await hub.store(services.get, "y") is None


async def test_there_is_an_end_to_how_many(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.hub.services.MANY", 1)
    await hub.services.add("x")
    with pytest.raises(Conflict, match="no more are allowed"):
        await hub.services.add("y")


async def test_what_stands_in_the_settings_is_not_removed(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, DOCS) as hub:
        with pytest.raises(Fixed):
            await hub.services.remove("docs")
        assert hub.services.get("docs")


# ── managed ──────────────────────────────────────────────────────────────────


async def test_a_command_starts_once_the_api_can_be_reached(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, CULLER | {"url": "http://127.0.0.1:4"}) as hub:
        found = route(hub, "culler")
        assert found and (found.state, found.url) == ("stopped", "")
        assert world.running == {}
        worker(hub)
        await eventually(lambda: (now := route(hub, "culler")) and now.state == "ready")
        after = route(hub, "culler")
        assert after and after.url == "http://127.0.0.1:4" and after.generation != found.generation
        (start_id,) = world.running
        assert (await hub.store(services.processes))["culler"].start_id == start_id


async def test_the_token_of_its_process_is_good_until_the_next_start(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, CULLER) as hub:
        worker(hub)
        await eventually(lambda: world.running)
        (first,) = await hub.store(tokens.of_owner, "service", "culler")
        (start_id,) = world.running
        world.running[start_id].set_result(3)
        await eventually(lambda: world.running and start_id not in world.running)
        (second,) = await hub.store(tokens.of_owner, "service", "culler")
        assert first.id != second.id


async def test_what_is_managed_no_more_is_stopped_before_it_is_forgotten(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, CULLER) as hub:
        worker(hub)
        await eventually(lambda: hub.services.listing()[0].status == "up")
    assert world.running
    async with hub_with(world, tmp_path) as hub:
        assert world.running == {} and hub.services.listing() == []
    assert world.calls[-2:] == ["stop services/culler", "kill services/culler"]


async def test_the_end_stops_them_and_the_departure_does_not(world: World, tmp_path: Path) -> None:
    async with hub_with(world, tmp_path, CULLER) as hub:
        worker(hub)
        await eventually(lambda: hub.services.listing()[0].status == "up")
    assert world.running
    async with hub_with(world, tmp_path, CULLER) as hub:
        await eventually(lambda: hub.services.listing()[0].status == "up")
        await hub.end(servers=False)
        assert world.running == {}
        assert hub.services.listing()[0].status == "down"
        assert await hub.store(services.processes) == {}
