"""No secret is shown, and what is shown is TOML."""

from __future__ import annotations

import tomllib

import pytest

from gateway.masking import MASK, as_toml, masked
from gateway.settings import Settings


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://hub:s3same@db/hub", f"postgresql://hub:{MASK}@db/hub"),
        ("postgresql://hub:s3/s@me@db/hub", f"postgresql://hub:{MASK}@db/hub"),
        ("postgresql://db/hub?user=a&password=s3same&x=1", f"postgresql://db/hub?user=a&password={MASK}&x=1"),
        ("sqlite:/data/hub.sqlite", "sqlite:/data/hub.sqlite"),
        ("http://127.0.0.1:8100", "http://127.0.0.1:8100"),
    ],
)
def test_passwords_in_urls(value: str, shown: str) -> None:
    assert masked(value, "store", "url") == shown


@pytest.mark.parametrize("name", ["password", "client_secret", "API_TOKEN", "DB_PASSWORD", "apikey", "AWS_ACCESS_KEY"])
def test_names_that_tell_a_secret(name: str) -> None:
    assert masked("s3same", "authenticator", "x", name) == MASK


@pytest.mark.parametrize("name", ["secret_file", "token_url", "base_path", "keyboard"])
def test_names_that_tell_none(name: str) -> None:
    assert masked("plain", "channel", name) == "plain"


def test_the_section_called_tokens_is_no_secret() -> None:
    assert masked("plain", "tokens", "note") == "plain"


def settings() -> Settings:
    return Settings.model_validate(
        {
            "store": {"url": "postgresql://hub:s3same@db/hub"},
            "authenticator": {"plugin": "dummy", "dummy": {"password": "s3same"}, "x": {"y": {"token": "s3same"}}},
            "profiles": [
                {"name": "a", "command": ["a", "é\n\x7f\"'"], "env": {"A_TOKEN": "s3same", "B": "b"}},
                {"name": "b", "command": ["b"]},
            ],
            "services": [
                {"name": "s", "command": ["s"], "env": {"A": "a", "PASSWORD": "s3same"}},
                {"name": "i", "info": {"a": [1, True, None], "b": None}},
                {"name": "t", "api_token": "s3same-0123456789"},
            ],
        }
    )


def test_nothing_secret_is_in_the_toml() -> None:
    assert "s3same" not in as_toml(settings())


def test_the_toml_is_the_settings_but_for_secrets() -> None:
    table = tomllib.loads(as_toml(settings()))
    assert table["services"][2].pop("api_token") == MASK
    shown = Settings.model_validate(table)
    assert shown.services[0].env == {"A": "a", "PASSWORD": MASK}
    assert shown.services[1].info == {"a": [1, True]}
    assert shown.profiles[0].command == settings().profiles[0].command
    assert shown.profiles[0].env == {"A_TOKEN": MASK, "B": "b"}
    assert shown.authenticator.model_extra == {"dummy": {"password": MASK}, "x": {"y": {"token": MASK}}}
    assert shown.gateway == settings().gateway
    assert shown.spawner == settings().spawner


def test_the_defaults_come_back_whole() -> None:
    assert Settings.model_validate(tomllib.loads(as_toml(Settings()))) == Settings()


def test_options_of_profiles_come_back_whole() -> None:
    options = [
        {"name": "a"},
        {"name": "b", "type": "number", "min": 1},
        {"name": "c", "type": "choice", "choices": ["x"]},
    ]
    settings = Settings.model_validate({"profiles": [{"name": "p", "command": ["x"], "options": options}]})
    assert Settings.model_validate(tomllib.loads(as_toml(settings))) == settings


def test_only_what_is_no_default() -> None:
    settings = Settings.model_validate(
        {"gateway": {"workers": 3}, "services": [{"name": "x", "api_token": "a" * 40}], "traffic": {"log_days": 7}}
    )
    shown = as_toml(settings, changed_only=True)
    assert "workers = 3" in shown
    assert "log_days" not in shown
    assert "a" * 40 not in shown
