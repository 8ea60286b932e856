"""check, init, plugins, db upgrade."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import gateway
from tests.gateway.commands.conftest import Run


def test_check_shows_what_is_in_force(hubgate: Run, folder: Path) -> None:
    (folder / "hubgate.toml").write_text('[authenticator.dummy]\npassword = "s3same"\n[gateway]\nworkers = 2\n')
    code, out, err = hubgate("check", "--bind", "[::1]:8000", "--bind", "127.0.0.1:0")
    shown = tomllib.loads(out)
    assert (code, err) == (0, "")
    assert shown["gateway"]["workers"] == 2
    assert shown["gateway"]["bind"] == ["[::1]:8000", "127.0.0.1:0"]
    assert shown["gateway"]["data_dir"] == str(folder / "hubgate-data")
    assert shown["authenticator"]["dummy"]["password"] == "********"
    assert not (folder / "hubgate-data").exists()


def test_check_tells_every_mistake(hubgate: Run, folder: Path) -> None:
    (folder / "x.toml").write_text("[gateway]\nbnid = 1\nworkers = 'x'\n")
    code, out, err = hubgate("check", "-c", "x.toml")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        'x.toml: gateway.workers: expected a whole number, not "x"',
        "x.toml: gateway.bnid: there is no such key; the nearest is gateway.bind",
    ]


def test_check_asks_the_plugins(hubgate: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "hubgate.toml").write_text("[authenticator.native]\nmin_lenght = 3\n[spawner.lokal]\nx = 1\n")
    monkeypatch.setenv("HUBGATE_AUTHENTICATOR__PLUGIN", "navite")
    code, out, err = hubgate("check")
    assert (code, out) == (2, "")
    plugin, option, table = err.splitlines()
    assert plugin.startswith("environment HUBGATE_AUTHENTICATOR__PLUGIN: no plugin offers 'navite'")
    assert option.startswith("hubgate.toml: authenticator.native.min_lenght: ")
    assert option.endswith("min_length'")
    assert table.startswith("hubgate.toml: spawner.lokal: ")


def test_check_asks_the_spawner_about_profiles(hubgate: Run, folder: Path) -> None:
    (folder / "hubgate.toml").write_text('[[profiles]]\nname = "a"\ncommand = ["x", "{prot}"]\n')
    code, out, err = hubgate("check")
    assert (code, out) == (2, "")
    assert err.startswith("hubgate.toml: profiles.a.command: ")
    assert "{prot}" in err


def test_check_names_a_missing_file(hubgate: Run) -> None:
    code, _, err = hubgate("check", "-c", "no.toml")
    assert code == 2
    assert err.endswith("/no.toml: there is no such file\n")


def test_init_writes_the_template_once(hubgate: Run, folder: Path) -> None:
    template = Path(gateway.__file__).with_name("hubgate.toml").read_text()
    assert hubgate("init").code == 0
    assert (folder / "hubgate.toml").read_text() == template
    assert hubgate("check").code == 0
    (folder / "hubgate.toml").write_text("mine")
    code, out, err = hubgate("init")
    assert (code, out, err) == (1, "", "hubgate: hubgate.toml exists already and is left as it is\n")
    assert (folder / "hubgate.toml").read_text() == "mine"
    assert hubgate("init", "other.toml").code == 0
    assert (folder / "other.toml").read_text() == template


def test_init_where_nothing_can_be_written(hubgate: Run) -> None:
    code, _, err = hubgate("init", "no/such/folder.toml")
    assert (code, err) == (1, "hubgate: no/such/folder.toml cannot be written: No such file or directory\n")


def test_plugins(hubgate: Run) -> None:
    code, out, _ = hubgate("plugins")
    assert code == 0
    offered = {tuple(line.strip("* ").split()[:2]) for line in out.splitlines()}
    assert offered >= {("authenticator", "native"), ("authenticator", "dummy"), ("spawner", "local")}


def test_an_upgrade_is_shown_and_then_done(hubgate: Run, folder: Path) -> None:
    shown = hubgate("db", "upgrade", "--dry-run")
    assert shown.code == 0
    assert shown.out
    assert not (folder / "hubgate-data").exists()
    assert hubgate("db", "upgrade").out == shown.out
    assert (folder / "hubgate-data/hubgate.sqlite").exists()
    for arguments in (["--dry-run"], []):
        assert hubgate("db", "upgrade", *arguments) == (0, "", "the database is up to date\n")
