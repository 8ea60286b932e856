"""The profiles in `configs/profiles/` are what the settings and the local spawner take."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gateway.settings import Settings
from plugins.spawners.local import LocalSpawner
from plugins.spawners.options import LocalOptions
from tests.plugins.storage import MemoryStorage

EXAMPLES = sorted((Path(__file__).parents[1] / "configs/profiles").glob("*.toml"))


def test_there_are_some() -> None:
    assert [file.stem for file in EXAMPLES] == ["folder", "hubaware", "lab", "marimo", "server"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_each_is_a_profile_without_mistakes(file: Path) -> None:
    settings = Settings.model_validate(tomllib.loads(file.read_text("utf-8")))
    (profile,) = settings.profiles
    assert profile.name == file.stem
    assert list(LocalSpawner(LocalOptions(), MemoryStorage()).mistakes(profile.value())) == []
    for option in profile.value().options:
        assert option.help
