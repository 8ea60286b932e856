from __future__ import annotations

from pathlib import Path

import pytest

from gateway import config
from gateway.commands.opened import with_hub
from gateway.config import Flags
from gateway.errors import NotFound
from gateway.hub.core import Hub


def test_the_hub_is_closed_again_whatever_happens(folder: Path, quiet: None) -> None:
    seen: list[Hub] = []

    async def act(hub: Hub) -> None:
        seen.append(hub)
        assert await hub.users.count() == 0
        raise NotFound("nothing there")

    for _ in range(2):
        with pytest.raises(NotFound):
            with_hub(config.read(Flags()), act)
    assert seen[0] is not seen[1]
