"""How an option is declared, what it becomes, and which declarations are mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model import Choice, Option
from gateway.profilesettings import OptionSettings
from gateway.settings import Settings


def made(**keys: Any) -> Option:
    return OptionSettings.model_validate({"name": "x", **keys}).value()


def test_the_least_that_one_can_say() -> None:
    assert made(name="root_folder") == Option("root_folder", "text", "Root folder")


@pytest.mark.parametrize(
    ("keys", "default"),
    [
        ({"type": "boolean"}, False),
        ({"type": "number"}, 0),
        ({"type": "number", "min": 2}, 2),
        ({"type": "number", "max": -2}, -2),
        ({"type": "number", "default": 4}, 4),
        ({"type": "choice", "choices": ["b", "a"]}, "b"),
        ({"type": "choice", "choices": {"b": "B", "a": "A"}, "default": "a"}, "a"),
    ],
)
def test_without_a_default_there_is_one(keys: dict[str, Any], default: Any) -> None:
    assert made(**keys).default == default


def test_choices_as_list_and_as_table() -> None:
    assert made(type="choice", choices=["a"]).choices == (Choice("a", "a"),)
    assert made(type="choice", choices={"a": "Apple", "b": ""}).choices == (Choice("a", "Apple"), Choice("b", "b"))


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"name": "Upper"}, "a name of letters a-z"),
        ({"name": "profile"}, "not profile"),
        ({"name": "a-b"}, "a name of letters a-z"),
        ({"type": "date"}, "'text', 'number', 'boolean' or 'choice'"),
        ({"type": "choice"}, "choices where type"),
        ({"choices": ["a"]}, "choices where type"),
        ({"min": 3, "max": 2}, "min that is not above max"),
        ({"min": float("nan")}, "finite"),
        ({"pattern": "("}, "a regular expression"),
        ({"type": "number", "default": "many"}, "a default that fits: it must be a number"),
        ({"type": "number", "min": 1, "default": 0}, "must be at least 1"),
        ({"type": "choice", "choices": ["a"], "default": "b"}, "must be one of: a"),
        ({"default": [1]}, "must be a text"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_mistakes(keys: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        made(**keys)


def test_two_options_of_one_name() -> None:
    profile = {"name": "p", "command": ["x"], "options": [{"name": "a"}, {"name": "a"}]}
    with pytest.raises(ValidationError, match="'a' stands there more than once"):
        Settings.model_validate({"profiles": [profile]})


def test_settings_travel_to_the_children_and_stay_what_they_are() -> None:
    options = [{"name": "a", "type": "choice", "choices": ["x", "y"]}, {"name": "b", "type": "number", "default": 3}]
    profile = {"name": "p", "command": ["x"], "memory": "2G", "options": options}
    before = Settings.model_validate({"profiles": [profile]})
    after = Settings.model_validate_json(before.model_dump_json())
    assert after == before
    assert after.profiles[0].value().memory == 2 * 1024**3
    assert [option.default for option in after.profiles[0].value().options] == ["x", 3]
