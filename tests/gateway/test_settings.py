"""The settings' shape: defaults, template, and what their properties say."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

import gateway
from gateway import masking
from gateway.model import Idle
from gateway.settings import Settings

TEMPLATE = Path(gateway.__file__).with_name("hubgate.toml")


def made(**sections: Any) -> Settings:
    return Settings.model_validate(sections)


# ── the template ─────────────────────────────────────────────────────────────


def uncommented() -> dict[str, Any]:
    """`#key = …` and `#[[table]]` are settings; `# text` is a comment."""
    return tomllib.loads(re.sub(r"^#(?=\S)", "", TEMPLATE.read_text("utf-8"), flags=re.MULTILINE))


def options_of_plugins() -> dict[tuple[str, str], type[BaseModel]]:
    found: dict[tuple[str, str], type[BaseModel]] = {}
    for entry_point in entry_points(group="hubgate"):
        if entry_point.dist is not None and entry_point.dist.name == "hubgate":
            module = import_module(entry_point.value)
            for kind, hook in (("authenticator", "gateway_authenticators"), ("spawner", "gateway_spawners")):
                for name, offered in getattr(module, hook, dict)().items():
                    found[kind, name] = offered.Options
    return found


def test_both_templates_are_the_same_file() -> None:
    assert TEMPLATE.read_bytes() == Path(__file__).parents[2].joinpath("configs/hubgate.toml").read_bytes()


def test_the_template_sets_nothing() -> None:
    assert (
        made(**tomllib.loads(TEMPLATE.read_text("utf-8"))).model_dump()
        == made(authenticator={"native": {}, "header": {}, "dummy": {}}, spawner={"local": {}}).model_dump()
    )


def test_the_template_has_every_section_key_and_default() -> None:
    template = uncommented()
    settings = Settings.model_validate(template)
    for name, table in template["plugins"].items():
        options = import_module(f"plugins.addons.{name}").gateway_options()
        assert options.model_validate(table) == options()
        assert list(table) == list(options.model_fields)
    for section, field in Settings.model_fields.items():
        if section == "plugins":
            continue  # a table for each plugin, as the plugin wants it
        if many := get_args(field.annotation):
            free = get_origin(field.annotation) is dict
            tables = template[section].values() if free else template[section]
            assert [list(table) for table in tables] == [list(many[free].model_fields)]
            continue
        assert isinstance(field.annotation, type)
        keys = [key for key, value in template[section].items() if not isinstance(value, dict)]
        assert keys == list(field.annotation.model_fields)
        assert (
            getattr(settings, section).model_dump(exclude={"native", "header", "dummy", "local"})
            == field.default.model_dump()
        )
    assert list(template) == list(Settings.model_fields)


def test_the_template_has_the_default_profile() -> None:
    profiles = uncommented()["profiles"]
    assert Settings.model_validate({"profiles": profiles}).profiles == Settings().profiles


def test_the_template_has_every_option_of_our_plugins() -> None:
    template = uncommented()
    for (kind, name), options in options_of_plugins().items():
        assert options.model_validate(template[kind][name]) == options()
        assert list(template[kind][name]) == list(options.model_fields)


# ── what values may be ───────────────────────────────────────────────────────


def test_one_address_or_many() -> None:
    assert made(gateway={"bind": "127.0.0.1:80"}).gateway.bind == ("127.0.0.1:80",)
    assert made(gateway={"bind": ["a:80", "[::1]:080"]}).gateway.bind == ("a:80", "[::1]:80")


def test_port_0_may_be_bound_twice_but_no_other() -> None:
    assert len(made(gateway={"bind": ["127.0.0.1:0", "127.0.0.1:0"]}).gateway.bind) == 2
    with pytest.raises(ValidationError, match="more than once"):
        made(gateway={"bind": ["127.0.0.1:80", "127.0.0.1:080"]})


def test_one_authenticator_or_many() -> None:
    assert made(authenticator={"plugin": "dummy"}).authenticator.plugin == ("dummy",)
    assert made(authenticator={"plugin": ["a", "b"]}).authenticator.plugin == ("a", "b")
    with pytest.raises(ValidationError, match="more than once"):
        made(authenticator={"plugin": ["a", "a"]})


def test_names_of_users_are_normalised() -> None:
    assert made(authenticator={"admin_users": [" ALICE", "ÜNÏ"]}).authenticator.admin_users == ("alice", "ünï")


def test_tables_of_plugins_are_kept_raw() -> None:
    settings = made(authenticator={"other": {"a": [1]}}, spawner={"other": {"b": {"c": True}}})
    assert settings.authenticator.model_extra == {"other": {"a": [1]}}
    assert settings.spawner.model_extra == {"other": {"b": {"c": True}}}


@pytest.mark.parametrize(
    "sections",
    [
        {"gateway": {"workers": -1}},
        {"gateway": {"bind": []}},
        {"gateway": {"hub_grace": float("inf")}},
        {"gateway": {"public_url": "https://a/b", "base_path": "/c"}},
        {"authenticator": {"plugin": []}},
        {"authenticator": {"typo": 1}},
        {"spawner": {"plugin": ""}},
        {"profiles": []},
        {"profiles": [{"name": "a", "command": []}]},
        {"profiles": [{"name": "a", "command": ["x"]}, {"name": "a", "command": ["y"]}]},
        {"profiles": [{"name": "a", "command": ["x"], "auth": "hub"}]},
        {"idle": {"timeout": -1}},
        {"idle": {"after": 1}},
        {"profiles": [{"name": "a", "command": ["x"], "idle": {"max_age": "long"}}]},
        {"gateway": {"tls_key": "key.pem"}},
        {"gateway": {"tls_cert": "cert.pem", "public_url": "http://hub.example.org"}},
        {"gateway": {"http_redirect_bind": "127.0.0.1:80"}},
        {"gateway": {"tls_cert": "cert.pem", "http_redirect_bind": "80"}},
        {"profiles": [{"name": "a", "command": ["x"], "oauth_client_allowed_scopes": ["no:such"]}]},
        {"services": [{"name": "a", "oauth_client_id": "a"}]},
        {"services": [{"name": "a", "oauth_redirect_uri": "//b"}]},
        {"services": [{"name": "a"}, {"name": "b", "oauth_client_id": "service-a"}]},
        {"oauth": {"token_max_age": -1}},
        {"limits": {"requests_per_second": -1}},
        {"services": [{}]},
        {"services": [{"name": "a"}, {"name": "a"}]},
        {"services": [{"name": "a/b"}]},
        {"services": [{"name": ".."}]},
        {"services": [{"name": "a", "command": "sleep 1"}]},
        {"services": [{"name": "a", "url": "https://127.0.0.1"}]},
        {"services": [{"name": "a", "url": "http://127.0.0.1/x"}]},
        {"services": [{"name": "a", "url": "http://me@127.0.0.1"}]},
        {"services": [{"name": "a", "url": "http://h:0"}]},
        {"services": [{"name": "a", "cwd": "/tmp"}]},
        {"services": [{"name": "a", "env": {"X": "y"}}]},
        {"services": [{"name": "a", "command": ["x"], "env": {"HUBGATE_X": "y"}}]},
        {"services": [{"name": "a", "api_token": "short"}]},
        {"services": [{"name": "a", "info": {"x": datetime(2026, 1, 1)}}]},
        {"services": [{"name": "a", "info": {"x": float("nan")}}]},
        {"services": [{"name": "a", "info": {"x": "y" * 70_000}}]},
        {"services": [{"name": "a", "api_token": "server.0123456789abcdef"}]},
        {"services": [{"name": n, "api_token": "0123456789abcdef"} for n in ("a", "b")]},
    ],
)
def test_refused(sections: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        made(**sections)


def test_checked_settings_survive_the_way_to_a_child() -> None:
    settings = made(
        gateway={"bind": "[::1]:8000", "base_path": "x", "public_url": "https://Hub.example.org/x/"},
        channel={"bind": "/run/hub.sock", "url": "unix:/run/hub.sock"},
        store={"url": "postgres://u:p@h/d"},
        authenticator={"dummy": {"password": "x"}},
    )
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


# ── properties ───────────────────────────────────────────────────────────────


def test_the_public_url() -> None:
    assert made().public_url == "http://127.0.0.1:8000/"
    assert made(gateway={"bind": "0.0.0.0:80", "base_path": "x"}).public_url == "http://127.0.0.1:80/x/"
    assert made(gateway={"public_url": "https://a", "base_path": "x"}).public_url == "https://a/x/"


@pytest.mark.parametrize(
    ("bind", "public_url", "in_clear"),
    [
        ("127.0.0.1:8000", "", False),
        (["[::1]:80", "localhost:80"], "", False),
        ("0.0.0.0:8000", "", True),
        (["127.0.0.1:8000", "10.0.0.7:8000"], "http://hub", True),
        ("0.0.0.0:8000", "https://hub.example.org", False),
    ],
)
def test_who_comes_in_clear(bind: str | list[str], public_url: str, in_clear: bool) -> None:
    assert made(gateway={"bind": bind, "public_url": public_url}).in_clear is in_clear


def test_where_hub_and_workers_meet() -> None:
    settings = made(gateway={"data_dir": "/d"})
    assert settings.hub_bind == settings.hub_place == Path("/d/run/hub.sock")
    settings = made(channel={"bind": "127.0.0.1:8100"})
    assert settings.hub_bind == settings.hub_place == ("127.0.0.1", 8100)
    settings = made(channel={"bind": "127.0.0.1:8100", "url": "http://localhost:8200"})
    assert settings.hub_place == ("localhost", 8200)


def test_a_profile_as_a_value() -> None:
    profile = made(profiles=[{"name": "a", "command": ["x"]}]).profiles[0].value()
    assert (profile.name, profile.display_name, profile.command) == ("a", "a", ("x",))


def test_a_service_has_what_it_needs_and_no_more() -> None:
    settings = made(
        services=[
            {"name": "Culler", "command": ["cull"], "env": {"A": "1", "B": "2"}, "cwd": "/x"},
            {"name": "docs", "url": "http://Docs.example.org/"},
            {"name": "ci", "api_token": "0123456789abcdef"},
        ]
    )
    culler, docs, ci = settings.services
    assert [each.managed for each in settings.services] == [True, False, False]
    assert (culler.url, docs.url, ci.url) == ("", "http://docs.example.org:80", "")
    profile = culler.profile({"B": "ours", "C": "3"})
    assert (profile.command, profile.cwd, profile.auth) == (("cull",), "/x", "none")
    assert profile.env == {"A": "1", "B": "2", "C": "3"}


def test_how_the_gateway_is_found_from_its_own_machine() -> None:
    there = {"bind": ["0.0.0.0:8123", "127.0.0.1:1"], "base_path": "/x/", "public_url": "https://hub.example.org"}
    assert made(gateway=there).local_url == "http://127.0.0.1:8123/x/"


# ── roles, groups, scopes ────────────────────────────────────────────────────


def role(**more: Any) -> dict[str, Any]:
    return {"roles": [{"name": "reader", **more}]}


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        (role(scopes=["read:everything"]), "'read:everything' of the role 'reader' does not"),
        (role(scopes=["custom:grades:read"]), "'custom:grades:read' of the role"),
        (role(scopes=["read:users!"]), "'read:users!' of the role"),
        (role(scopes=["read:users!user="]), "of the role 'reader' does not"),
        (role(scopes=["read:users!colour=red"]), "of the role 'reader' does not"),
        (role(services=["nobody"]), "'nobody' of the role 'reader' is none"),
        (role(users=["a/b"]), "a valid user name"),
        (role(users=["A", "a"]), None),
        (role(groups=["", "b"]), "a valid group name"),
        (role(name="Reader"), "3 to 255 characters"),
        (role(name="re"), "3 to 255 characters"),
        (role(name="reader-"), "3 to 255 characters"),
        (role(name="r" * 256), "3 to 255 characters"),
        (role(name="admin", scopes=[]), "no scopes and no description for the role 'admin'"),
        (role(name="admin", description="x"), "no scopes and no description for the role 'admin'"),
        (role(name="admin", services=["x"]), "those with admin = true"),
        (role(name="user", users=["alice"]), "which everybody has"),
        ({"roles": [{"name": "reader"}, {"name": "reader"}]}, "each value once"),
        ({"groups": [{"name": "a"}, {"name": "a"}]}, "each value once"),
        ({"groups": [{"name": "a\n"}]}, "a valid group name"),
        ({"custom_scopes": {"grades:read": {"description": "x"}}}, "'custom:' and a name"),
        ({"custom_scopes": {"custom:a:b\n": {"description": "x"}}}, "'custom:' and a name"),
        ({"custom_scopes": {"custom:a:b": {}}}, "Field required"),
        ({"custom_scopes": {"custom:a:b": {"description": "x", "subscopes": ["users"]}}}, "but 'users' is not"),
    ],
)
def test_mistakes_in_roles_groups_and_scopes(sections: dict[str, Any], expected: str | None) -> None:
    if expected is None:
        assert made(**sections)
        return
    with pytest.raises(ValidationError, match=re.escape(expected)):
        made(**sections)


def test_roles_groups_and_scopes_as_they_should_be() -> None:
    found = made(
        services=[{"name": "bot"}],
        custom_scopes={"custom:a:b": {"description": "x"}},
        groups=[{"name": "Org/Team", "users": ["ALICE"]}],
        roles=[
            {"name": "reader", "scopes": ["custom:a:b!group=Org/Team", "read:users!user"], "services": ["bot"]},
            {"name": "admin", "users": ["Root"], "groups": ["staff"]},
            {"name": "user", "scopes": ["self"], "groups": ["all"]},
        ],
    )
    assert found.groups[0].users == ("alice",) and found.roles[1].users == ("root",)
    assert found.roles[1].given == {"name", "users", "groups"}
    assert Settings.model_validate(found.model_dump(mode="json")) == found
    assert tomllib.loads(masking.as_toml(found))["roles"][2] == {"name": "user", "scopes": ["self"], "groups": ["all"]}


def test_with_a_certificate_of_its_own() -> None:
    settings = Settings.model_validate({"gateway": {"bind": "0.0.0.0:8443", "tls_cert": "both.pem"}})
    assert settings.gateway.tls == (Path("both.pem"), Path("both.pem"))
    assert settings.gateway.https
    assert not settings.in_clear
    assert settings.public_url == settings.local_url == "https://127.0.0.1:8443/"
    named = {"gateway": {"tls_cert": "c", "tls_key": "k", "public_url": "https://hub.example.org"}}
    assert Settings.model_validate(named).local_url == "https://hub.example.org/"  # which the certificate is for


def test_idle_rules_of_a_profile_win_where_they_are_given() -> None:
    rules = {"idle": {"timeout": 60}, "profiles": [{"name": "a", "command": ["x"], "idle": {"max_age": 5}}]}
    settings = Settings.model_validate(rules)
    assert settings.profiles[0].value().idle.over(settings.idle.value()) == Idle(60, 300, 5)
