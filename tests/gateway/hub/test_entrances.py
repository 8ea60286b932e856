"""The ways in are made for the authenticators in use."""

from __future__ import annotations

from pathlib import Path

from tests.gateway.hub.natives import natives
from tests.gateway.hub.world import World


async def test_each_way_in_is_there_for_its_authenticator(world: World, tmp_path: Path) -> None:
    async with natives(world, tmp_path, {"signup": True}, plugin=["door", "native"]) as hub:
        assert hub.entrances.passwords.by == "native"
        assert hub.entrances.sign_ups.by == "native"
        assert len(hub.entrances.redirects) == 0
