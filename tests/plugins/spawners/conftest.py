from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plugins.spawners.local import LocalOptions, LocalSpawner
from tests.plugins.launches import Launches
from tests.plugins.storage import MemoryStorage


class Hasty(LocalSpawner):
    """Has less patience with servers that do not end."""

    grace = 0.5


@pytest.fixture
async def launches(tmp_path: Path) -> AsyncIterator[Launches]:
    made = Launches(tmp_path)
    yield made
    await made.sweep()


@pytest.fixture
def spawner() -> LocalSpawner:
    return LocalSpawner(LocalOptions(), MemoryStorage())


@pytest.fixture
def hasty() -> LocalSpawner:
    return Hasty(LocalOptions(), MemoryStorage())
