"""What the settings say of plugins, against what is on offer."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from gateway.errors import SettingsError
from gateway.pluginoptions import choice_mistakes, chosen, model_mistakes, options, own_table_mistakes


class Options(BaseModel, extra="forbid"):
    size: int = 1


def test_choices() -> None:
    assert choice_mistakes("spawner.plugin", ("box", "bx"), {"box": Options}) == [
        "spawner.plugin: no plugin offers 'bx'; known are: box"
    ]
    assert chosen("spawner.plugin", "box", {"box": Options}) is Options
    with pytest.raises(SettingsError, match="known are: none"):
        chosen("spawner.plugin", "box", {})


def test_options() -> None:
    assert options("plugins", "x", Options, {"size": 3}) == Options(size=3)
    assert model_mistakes("plugins.x", Options, {"sise": 3}) == [
        "plugins.x.sise: unknown key; the nearest valid one is 'size'"
    ]
    with pytest.raises(SettingsError, match=r"plugins\.x\.size"):
        options("plugins", "x", Options, {"size": "big"})
    assert model_mistakes("plugins.x", Options, 3)[0].startswith("plugins.x: ")


def test_tables_of_plugins() -> None:
    assert own_table_mistakes({"x": {"size": 2}}, {"x": Options}) == []
    assert own_table_mistakes({"y": {}}, {}) == ["plugins.y: no plugin is called 'y'; known are: none"]
