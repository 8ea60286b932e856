from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import StartFailed
from gateway.model import Choice, Option, Profile, Server
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


# ── what a user chose ────────────────────────────────────────────────────────

OPTIONS = (
    Option("dir", "text", "Dir", default="public"),
    Option("n", "number", "N", default=2),
    Option("debug", "boolean", "Debug", default=False),
    Option("env", "choice", "Env", default="a", choices=(Choice("a", "A"),)),
)


def of(*command: str, **more: Any) -> list[str]:
    return [line.split(";")[0] for line in placeholders.mistakes(Profile("p", "P", command, options=OPTIONS, **more))]


def test_chosen_values_are_texts_and_complete() -> None:
    profile = Profile("p", "P", ("run",), options=OPTIONS)
    server = Server("alice", "", options={"dir": "a {port} b", "debug": True, "other": 1})
    assert placeholders.chosen(profile, server) == {
        "opt_dir": "a {port} b", "opt_n": "2", "opt_debug": "true", "opt_env": "a",
    }  # fmt: skip


def test_what_was_chosen_is_not_looked_at_again() -> None:
    assert placeholders.fill("--dir={opt_dir}", {"opt_dir": "{port} {{x}} $(id)"}) == "--dir={port} {{x}} $(id)"


def test_options_are_known_where_they_may_stand() -> None:
    assert of("run", "{opt_dir}", "--n={opt_n}", env={"D": "{opt_debug}"}) == []
    assert of("/opt/{opt_env}/bin/run") == []


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("run", "{opt_gone}"), "command: the unknown placeholder {opt_gone}"),
        (("{opt_dir}",), "command: {opt_dir} names the program, which only a choice may do"),
        (("sh", "-c", "cd {opt_dir}"), "command: {opt_dir} stands inside a script, where a text is code"),
        (("/bin/bash", "-lc", "cd {opt_dir}"), "command: {opt_dir} stands inside a script, where a text is code"),
        (("env", "A=1", "python3.13", "-c", "x('{opt_dir}')"), "command: {opt_dir} stands inside a script"),
    ],
)
def test_a_text_is_never_code(command: tuple[str, ...], what: str) -> None:
    (found,) = of(*command)
    assert found.startswith(what)


def test_a_script_may_take_it_as_an_argument() -> None:
    assert of("sh", "-c", 'cd "$1"', "sh", "{opt_dir}") == []
    assert of("sh", "-c", "head -n {opt_n}") == []
    assert of("serve", "-c", "{opt_dir}") == []


def test_no_folder_is_chosen() -> None:
    assert of("run", cwd="{home}/{opt_dir}") == ["cwd: the unknown placeholder {opt_dir}"]


def test_a_name_at_the_beginning_of_an_argument_is_no_flag() -> None:
    values = {"username": "-rf"}
    with pytest.raises(StartFailed, match="would take it for a flag"):
        placeholders.argument("{username}", values)
    assert placeholders.argument("--for={username}", values) == "--for=-rf"
    assert placeholders.argument("{username}", {"username": "a-b"}) == "a-b"
