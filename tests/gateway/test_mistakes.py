"""Each mistake in the settings as the line that a person reads."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway import mistakes
from gateway.mistakes import Layer
from gateway.settings import Settings

PROFILE = {"name": "a", "command": ["x"]}


def said(values: dict[str, Any], kind: str = "file") -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(values)
    return mistakes.lines(caught.value, [Layer(kind, "hubgate.toml" if kind == "file" else "", values)])


GOLDEN: list[tuple[dict[str, Any], str]] = [
    ({"gateway": {"bnid": "x"}}, "gateway.bnid: there is no such key; the nearest is gateway.bind"),
    ({"gatway": {"bind": "x"}}, "gatway: there is no such key; the nearest is gateway"),
    ({"gateway": {"access_log": True}}, "gateway.access_log: there is no such key; did you mean traffic.access_log?"),
    (
        {"gateway": {"max_age": 1}},
        "gateway.max_age: there is no such key; did you mean session.max_age or tokens.max_age or idle.max_age?",
    ),
    ({"session": {"zzz": 1}}, "session.zzz: there is no such key; expected one of max_age"),
    (
        {"custom_scopes": {"custom:a:b": {"description": "x", "descr": 1}}},
        "custom_scopes.custom:a:b.descr: there is no such key; the nearest is custom_scopes.custom:a:b.description",
    ),
    (
        {"roles": [{"name": "reader", "scopes": ["no:such"]}]},
        "roles: expected scopes that exist, but 'no:such' of the role 'reader' does not",
    ),
    (
        {"roles": [{"name": "reader", "scope": ["x"]}]},
        "roles[0].scope: there is no such key; the nearest is roles[0].scopes",
    ),
    ({"gateway": {"workers": "many"}}, 'gateway.workers: expected a whole number, not "many"'),
    ({"gateway": {"workers": 1.5}}, "gateway.workers: expected a whole number, not 1.5"),
    ({"gateway": {"workers": 300}}, "gateway.workers: expected a number of at most 256, not 300"),
    ({"gateway": {"hub_grace": -1}}, "gateway.hub_grace: expected a number of at least 0, not -1"),
    ({"gateway": {"token_in_url": "maybe"}}, 'gateway.token_in_url: expected true or false, not "maybe"'),
    ({"gateway": {"base_path": 3}}, "gateway.base_path: expected text, in quotes, not 3"),
    ({"gateway": {"allowed_hosts": "a"}}, 'gateway.allowed_hosts: expected a list, not "a"'),
    ({"gateway": {"data_dir": 3}}, "gateway.data_dir: expected a path, in quotes, not 3"),
    ({"gateway": {"bind": []}}, "gateway.bind: expected at least one value, not []"),
    ({"gateway": 3}, "gateway: expected a table, not 3"),
    ({"spawner": {"plugin": ""}}, 'spawner.plugin: expected something that is not empty, not ""'),
    ({"tokens": {"zzz": 3}}, "tokens.zzz: there is no such key; expected one of max_age"),
    ({"spawner": {"quque": 3}}, "spawner.quque: there is no such key; the nearest is spawner.queue"),
    (
        {"authenticator": {"alow_all": True}},
        "authenticator.alow_all: there is no such key; the nearest is authenticator.allow_all",
    ),
    ({"profiles": [PROFILE, {"name": "b"}]}, "profiles[1].command: expected a value, because there is no default"),
    ({"profiles": [PROFILE | {"auth": "x"}]}, "profiles[0].auth: expected 'token', 'none' or 'jupyterhub', not \"x\""),
    (
        {"profiles": [PROFILE | {"comand": []}]},
        "profiles[0].comand: there is no such key; the nearest is profiles[0].command",
    ),
    ({"profiles": [PROFILE, PROFILE]}, "profiles: expected each value once, but 'a' stands there more than once"),
    ({"profiles": []}, "profiles: expected at least one value, not []"),
    (
        {"store": {"url": "mysql://u:s3same@h/d"}},
        'store.url: expected sqlite:FILE or postgresql://USER:PASSWORD@HOST/DATABASE, not "mysql://u:********@h/d"',
    ),
    (
        {"profiles": [PROFILE | {"env": {"A_TOKEN": ["s3same"]}}]},
        'profiles[0].env.A_TOKEN: expected text, in quotes, not ["********"]',
    ),
]


@pytest.mark.parametrize(("values", "line"), GOLDEN, ids=[line.partition(":")[0] for _, line in GOLDEN])
def test_golden(values: dict[str, Any], line: str) -> None:
    assert said(values) == [f"hubgate.toml: {line}"]


def test_all_at_once_in_the_order_of_the_settings() -> None:
    lines = said({"profiles": [{"name": "a"}], "gateway": {"workers": "x", "bind": "y"}, "store": {"url": "z"}})
    assert [line.split(": ")[1] for line in lines] == [
        "gateway.bind",
        "gateway.workers",
        "store.url",
        "profiles[0].command",
    ]


def test_a_variable_is_named_as_it_is_written() -> None:
    assert said({"gateway": {"workers": "x"}}, "environment") == [
        'environment HUBGATE_GATEWAY__WORKERS: expected a whole number, not "x"'
    ]
    assert said({"gateway": {"bnid": "x"}}, "environment") == [
        "environment HUBGATE_GATEWAY__BNID: there is no such key; the nearest is HUBGATE_GATEWAY__BIND"
    ]
    assert said({"gateway": {"allowed_hosts": "x"}}, "environment") == [
        'environment HUBGATE_GATEWAY__ALLOWED_HOSTS: expected a list as JSON, not "x"'
    ]


def test_a_flag_is_named_as_it_is_written() -> None:
    assert said({"gateway": {"data_dir": 3}}, "flag") == ["--data-dir: expected a path, in quotes, not 3"]


def test_the_source_is_the_one_that_has_the_value() -> None:
    layers = [
        Layer("flag", "", {"gateway": {"workers": "x"}}),
        Layer("environment", "", {"gateway": {"max_header": "y"}}),
        Layer("file", "f", {"gateway": {"workers": 1, "max_header": 2, "max_body": "z"}}),
    ]
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"gateway": {"workers": "x", "max_header": "y", "max_body": "z"}})
    assert [line.partition(": expected")[0] for line in mistakes.lines(caught.value, layers)] == [
        "--workers",
        "environment HUBGATE_GATEWAY__MAX_HEADER",
        "f: gateway.max_body",
    ]


def test_a_long_value_is_cut() -> None:
    (line,) = said({"gateway": {"base_path": "/;" + "x" * 1000}})
    assert len(line) < 300
    assert line.endswith("…")


def test_a_mistake_found_later_gets_its_source() -> None:
    layers = [
        Layer("environment", "", {"spawner": {"plugin": "x"}}),
        Layer("file", "f", {"spawner": {"local": {"user": "y"}}, "profiles": [{"name": "a"}]}),
    ]
    found = [
        "spawner.plugin: no",
        "spawner.local.user: no: never",
        "profiles.a.command: no",
        "authenticator.plugin: no",
        "no",
    ]
    assert [mistakes.located(line, layers) for line in found] == [
        "environment HUBGATE_SPAWNER__PLUGIN: no",
        "f: spawner.local.user: no: never",
        "f: profiles.a.command: no",
        "authenticator.plugin: no",
        "no",
    ]
