from __future__ import annotations

import pytest

from gateway.errors import StartFailed
from gateway.model import Profile
from gateway.settings import LAB
from plugins.spawners import placeholders

VALUES = {"ip": "127.0.0.1", "port": "4711", "username": "a{port}b", "home": "/home/a"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("--port={port}", "--port=4711"),
        ("{ip}:{port}", "127.0.0.1:4711"),
        ("plain", "plain"),
        ("", ""),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("{}{ }{1}{-}", "{}{ }{1}{-}"),
        ("{{port}}", "{port}"),
        ("${{HOME}}", "${HOME}"),
        ("{{{port}}}", "{{port}}"),
        ("{username}", "a{port}b"),
    ],
)
def test_placeholders_are_filled_and_other_braces_are_text(text: str, filled: str) -> None:
    assert placeholders.fill(text, VALUES) == filled


@pytest.mark.parametrize("text", ["{prot}", "x{HOME}", "{port}{nope}", "{server_name}"])
def test_an_unknown_one_is_named(text: str) -> None:
    with pytest.raises(StartFailed, match=r"unknown placeholder \{(prot|HOME|nope|server_name)\}; known are \{ip\}"):
        placeholders.fill(text, VALUES)


def test_each_mistake_of_a_profile_is_found_with_its_key() -> None:
    profile = Profile("p", "P", ("run", "{prot}", "{a}{b}"), env={"X": "{port}{c}"}, cwd="{d}")
    found = [line.split(";")[0] for line in placeholders.mistakes(profile)]
    assert found == [
        "command: the unknown placeholder {prot}",
        "command: the unknown placeholder {a}",
        "command: the unknown placeholder {b}",
        "env.X: the unknown placeholder {c}",
        "cwd: the unknown placeholder {d}",
    ]


def test_the_default_profile_has_none() -> None:
    assert placeholders.mistakes(LAB.value()) == []
