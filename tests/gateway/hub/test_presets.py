"""What is kept as a preset could be started at that moment; nothing else is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BadInput, NotFound
from gateway.hub.core import Hub
from gateway.hub.presets import LONGEST
from gateway.model import Preset
from gateway.options import BadOptions
from tests.gateway.hub.world import World, a_hub, settings

PROFILES: list[dict[str, Any]] = [
    {"name": "plain", "command": ["x"]},
    {
        "name": "form",
        "command": ["x"],
        "options": [{"name": "memory", "type": "number", "min": 1, "max": 8, "default": 2}, {"name": "note"}],
    },
    {"name": "secret", "command": ["x"], "groups": ["students"]},
]


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Hub]:
    async with a_hub(world, settings(tmp_path, profiles=PROFILES), "alice", "bob") as hub:
        yield hub


async def test_what_is_kept_is_complete_and_of_the_right_types(hub: Hub) -> None:
    assert await hub.presets.save("alice", "  my   one ", "form", {"memory": "4"}) == Preset(
        "my one", "form", {"memory": 4, "note": ""}
    )
    assert await hub.presets.save("alice", "default", "", {}) == Preset("default", "plain", {})
    assert [each.name for each in await hub.presets.of_user("alice")] == ["default", "my one"]
    assert (await hub.presets.get("alice", "my one")).options["memory"] == 4
    await hub.presets.remove("alice", "my one")
    for call in (hub.presets.get, hub.presets.remove):
        with pytest.raises(NotFound):
            await call("alice", "my one")
    with pytest.raises(NotFound):
        await hub.presets.get("bob", "default")


@pytest.mark.parametrize(
    ("name", "profile", "given"),
    [
        ("", "form", {}),
        ("   ", "form", {}),
        ("x" * (LONGEST + 1), "form", {}),
        ("a\x07b", "form", {}),
        ("a\u202eb", "form", {}),
        ("x", "nothing", {}),
        ("x", "secret", {}),
        ("x", "form", {"memory": 9}),
        ("x", "form", {"memory": "much"}),
        ("x", "form", {"unheard": "of"}),
    ],
)
async def test_what_is_not_kept(hub: Hub, name: str, profile: str, given: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        await hub.presets.save("alice", name, profile, given)
    assert isinstance(caught.value, BadOptions) == bool(given)
    assert await hub.presets.of_user("alice") == []
