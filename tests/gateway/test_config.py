"""Where settings come from, which source wins, where paths start, and what is said of mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway import config
from gateway.config import Flags
from gateway.errors import SettingsError
from gateway.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A current folder with another one beside the settings file."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "cwd").mkdir()
    return tmp_path


def load(
    folder: Path,
    text: str | bytes = "",
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    name: str = "etc/hubgate.toml",
) -> Settings:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return config.load(path, overrides or {}, environ or {}, folder / "cwd")


def mistakes(folder: Path, *args: Any, **more: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, *args, **more)
    return [line.replace(str(folder), "…") for line in caught.value.mistakes]


# ── sources ──────────────────────────────────────────────────────────────────


def test_without_a_file_all_is_default(folder: Path) -> None:
    settings = config.load(None, {}, {}, folder / "cwd")
    assert settings.gateway.bind == ("127.0.0.1:8000",)
    assert settings.gateway.data_dir == folder / "cwd/hubgate-data"


def test_the_file_in_the_current_folder_is_read(folder: Path) -> None:
    (folder / "cwd/hubgate.toml").write_text("[gateway]\nworkers = 3\n")
    assert config.load(None, {}, {}, folder / "cwd").gateway.workers == 3


def test_flags_win_over_environment_over_file(folder: Path) -> None:
    text = "[gateway]\nworkers = 1\nmax_body = 1\nmax_header = 1024\n"
    environ = {"HUBGATE_GATEWAY__WORKERS": "2", "HUBGATE_GATEWAY__MAX_BODY": "2"}
    settings = load(folder, text, environ, {"gateway": {"workers": 3}})
    assert (settings.gateway.workers, settings.gateway.max_body, settings.gateway.max_header) == (3, 2, 1024)


def test_lists_and_tables_in_the_environment_are_json(folder: Path) -> None:
    environ = {
        "HUBGATE_AUTHENTICATOR__ADMIN_USERS": '["alice", "bob"]',
        "HUBGATE_AUTHENTICATOR__PLUGIN": '["native", "dummy"]',
        "HUBGATE_AUTHENTICATOR__DUMMY__PASSWORD": "12345",
        "HUBGATE_SPAWNER__LOCAL": '{"user": "system"}',
        "HUBGATE_PROFILES": '[{"name": "a", "command": ["x"]}]',
        "HUBGATE_TRAFFIC__ACCESS_LOG": "false",
    }
    settings = load(folder, '[spawner.local]\nuser = "same"\n', environ)
    assert settings.authenticator.admin_users == ("alice", "bob")
    assert settings.authenticator.plugin == ("native", "dummy")
    assert settings.authenticator.model_extra == {"dummy": {"password": "12345"}}
    assert settings.spawner.model_extra == {"local": {"user": "system"}}
    assert [profile.name for profile in settings.profiles] == ["a"]
    assert settings.traffic.access_log is False


def test_one_value_in_the_environment_needs_no_json(folder: Path) -> None:
    assert load(folder, "", {"HUBGATE_GATEWAY__BIND": "[::1]:8000"}).gateway.bind == ("[::1]:8000",)


def test_a_table_and_a_key_of_it_in_the_environment_are_merged(folder: Path) -> None:
    environ = {"HUBGATE_GATEWAY__WORKERS": "2", "HUBGATE_GATEWAY": '{"workers": 1, "max_body": 9}'}
    settings = load(folder, "", environ)
    assert (settings.gateway.workers, settings.gateway.max_body) == (2, 9)


def test_variables_of_others_are_none_of_ours(folder: Path) -> None:
    environ = {"HUBGATE_ADMIN_PASSWORD": "x", "HUBGATE_PORT": "tcp://10.0.0.1:80", "HUBGATE_NO_SKIP": "1", "PATH": "/"}
    assert load(folder, "", environ) == load(folder)


# ── paths ────────────────────────────────────────────────────────────────────


def test_paths_start_at_the_files_folder(folder: Path) -> None:
    text = (
        '[gateway]\ndata_dir = "data"\n[store]\nurl = "sqlite:my.db"\n'
        '[channel]\nsecret_file = "key"\nbind = "unix:hub.sock"\nurl = "unix:hub.sock"\n'
        '[traffic]\nlog_file = "requests.jsonl"\n'
    )
    settings = load(folder, text)
    assert settings.gateway.data_dir == folder / "etc/data"
    assert settings.traffic.log_file == f"{folder}/etc/requests.jsonl"
    assert settings.store.url == f"sqlite:{folder}/etc/data/my.db"
    assert settings.channel.secret_file == str(folder / "etc/key")
    assert settings.hub_bind == settings.hub_place == folder / "etc/hub.sock"


def test_paths_of_flags_start_at_the_current_folder(folder: Path) -> None:
    overrides = Flags(data_dir=Path("data")).overrides()
    settings = load(folder, '[gateway]\ndata_dir = "other"\n', overrides=overrides)
    assert settings.gateway.data_dir == folder / "cwd/data"
    assert settings.store.url == f"sqlite:{folder}/cwd/data/hubgate.sqlite"


def test_absolute_paths_stay(folder: Path) -> None:
    settings = load(folder, '[gateway]\ndata_dir = "/d"\n[store]\nurl = "sqlite:/x/my.db"\n')
    assert settings.gateway.data_dir == Path("/d")
    assert settings.store.url == "sqlite:/x/my.db"


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    (line,) = mistakes(folder, f'[gateway]\ndata_dir = "/{"x" * 100}"\n')
    assert line.startswith("gateway.data_dir: expected a shorter path")
    (line,) = mistakes(folder, f'[channel]\nbind = "/{"x" * 110}"\n')
    assert line.startswith("channel.bind: expected a shorter path")
    load(folder, f'[gateway]\ndata_dir = "/{"x" * 100}"\n[channel]\nbind = "127.0.0.1:8100"\n')


# ── mistakes ─────────────────────────────────────────────────────────────────


def test_broken_toml_is_named_with_its_line(folder: Path) -> None:
    (line,) = mistakes(folder, "[gateway]\nworkers = \n")
    assert line == "…/etc/hubgate.toml: not valid TOML: Invalid value (at line 2, column 11)"


def test_a_file_that_is_not_text(folder: Path) -> None:
    assert mistakes(folder, b"[gateway]\n\xff = 1\n") == ["…/etc/hubgate.toml: not valid TOML: line 2 is not UTF-8"]


def test_a_file_that_was_asked_for_must_be_there(folder: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        config.load(Path("no.toml"), {}, {}, folder)
    assert caught.value.mistakes == [f"{folder}/no.toml: there is no such file"]


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        config.load(folder / "etc", {}, {}, folder)
    assert caught.value.mistakes == [f"{folder}/etc: cannot be read: Is a directory"]


def test_mistakes_of_all_sources_at_once(folder: Path) -> None:
    environ = {
        "HUBGATE_GATEWAY__WORKRES": "1",
        "HUBGATE_GATEWAY_MAX_BODY": "1",
        "HUBGATE_SESSION__MAX_AGE": "long",
        "HUBGATE_STORE": "x",
    }
    overrides = Flags(bind=("nowhere",), workers=999).overrides()
    lines = mistakes(folder, "[gateway]\nbase_path = '/a;b'\nidle = 1\n[spawner]\nqueue = -1\n", environ, overrides)
    assert [line.partition(": ")[0] for line in lines] == [
        "environment HUBGATE_GATEWAY_MAX_BODY",
        "--bind",
        "…/etc/hubgate.toml",
        "--workers",
        "…/etc/hubgate.toml",
        "environment HUBGATE_GATEWAY__WORKRES",
        "environment HUBGATE_STORE",
        "environment HUBGATE_SESSION__MAX_AGE",
        "…/etc/hubgate.toml",
    ]
    assert lines[0].endswith("there is no such variable; the nearest is HUBGATE_GATEWAY__MAX_BODY")


def test_a_broken_file_does_not_hide_a_mistake_elsewhere(folder: Path) -> None:
    lines = mistakes(folder, "[", {"HUBGATE_GATEWAY__WORKERS": "x"})
    assert [line.partition(": ")[0] for line in lines] == ["…/etc/hubgate.toml", "environment HUBGATE_GATEWAY__WORKERS"]


# ── flags, and what may change ───────────────────────────────────────────────


def test_flags_as_arguments_for_a_child() -> None:
    flags = Flags(Path("a b.toml"), ("[::1]:0", "h:1"), Path("d"), 0)
    assert flags.argv() == ["--config", "a b.toml", "--bind=[::1]:0", "--bind=h:1", "--data-dir=d", "--workers=0"]
    assert flags.overrides() == {"gateway": {"bind": ["[::1]:0", "h:1"], "data_dir": "d", "workers": 0}}
    assert Flags().argv() == []
    assert Flags().overrides() == {"gateway": {}}


def test_reading_uses_this_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "cwd")
    monkeypatch.setenv("HUBGATE_GATEWAY__MAX_BODY", "7")
    settings = config.read(Flags(workers=2))
    assert (settings.gateway.workers, settings.gateway.max_body) == (2, 7)
    assert settings.gateway.data_dir == folder / "cwd/hubgate-data"


def test_another_certificate_may_come_while_it_runs_but_not_the_first_or_none() -> None:
    none, one, other = (
        Settings.model_validate({"gateway": {"tls_cert": cert, "tls_key": ""}}) for cert in ("", "a.pem", "b.pem")
    )
    assert config.changed(one, other) == []
    assert config.renewed(one, other).gateway.tls_cert == "b.pem"
    for before, after in ((none, one), (one, none)):
        assert config.changed(before, after) == ["gateway.tls_cert"]
        assert config.renewed(before, after).gateway.tls_cert == before.gateway.tls_cert


def test_what_cannot_change_while_it_runs(folder: Path) -> None:
    running = load(folder, "[gateway]\nworkers = 1\nmax_body = 1\n")
    new = load(folder, '[gateway]\nworkers = 2\nmax_body = 2\n[store]\nurl = "sqlite:other"\n[spawner]\nqueue = 1\n')
    assert config.changed(running, new) == ["gateway.workers", "store.url"]
    assert config.changed(new, new) == []
    result = config.renewed(running, new)
    assert (result.gateway.workers, result.gateway.max_body) == (1, 2)
    assert result.store == running.store
    assert result.spawner == new.spawner
