"""run, hub, proxy: what ends them before they begin, and what a child is given."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import config, inheritance
from gateway.commands import serve
from gateway.config import Flags
from gateway.inheritance import Inherited
from gateway.settings import Settings
from tests.gateway.commands.conftest import Run
from tests.integration.harness import eventually

pytestmark = pytest.mark.sockets


def test_a_childs_command_line() -> None:
    flags = Flags(Path("f"), ("[::1]:0",), Path("d"), 2)
    assert serve.child("hub", flags) == [
        sys.executable,
        "-P",
        "-m",
        "gateway.cli",
        "hub",
        "--config",
        "f",
        "--bind=[::1]:0",
        "--data-dir=d",
        "--workers=2",
    ]


def test_a_child_believes_the_supervisor_more_than_the_file(folder: Path) -> None:
    (folder / "hubgate.toml").write_text("broken by now")
    settings = Settings.model_validate({"gateway": {"max_body": 7}})
    fd = inheritance.to_pipe(Inherited("s" * 43, settings=settings))
    received, inherited = serve._received(Flags(), fd, config.read)
    assert received == settings
    assert inherited is not None
    assert inherited.secret == "s" * 43


def test_alone_it_reads_the_settings_itself(folder: Path) -> None:
    (folder / "hubgate.toml").write_text("[gateway]\nmax_body = 7\n")
    received, inherited = serve._received(Flags(), None, config.read)
    assert (received.gateway.max_body, inherited) == (7, None)


@pytest.mark.parametrize("command", ["run", "hub", "proxy"])
def test_mistakes_in_the_settings_end_it_before_anything_is_made(hubgate: Run, folder: Path, command: str) -> None:
    (folder / "hubgate.toml").write_text("[gateway]\nbnid = 1\n")
    assert hubgate(command) == (
        2,
        "",
        "hubgate.toml: gateway.bnid: there is no such key; the nearest is gateway.bind\n",
    )
    assert not (folder / "hubgate-data").exists()


def test_so_does_a_plugin_that_nobody_offers(hubgate: Run, folder: Path) -> None:
    (folder / "hubgate.toml").write_text('[spawner]\nplugin = "lokal"\n')
    code, out, err = hubgate("run")
    assert (code, out) == (2, "")
    assert err.startswith("hubgate.toml: spawner.plugin: no plugin offers 'lokal'")
    assert not (folder / "hubgate-data").exists()


def test_a_port_in_use(hubgate: Run, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        code, out, err = hubgate("run", "--bind", bind)
    assert (code, out) == (1, "")
    assert err == f"hubgate: cannot listen on {bind}: address already in use, perhaps by an older gateway\n"
    assert not (folder / "hubgate-data/hubgate.sqlite").exists()


def test_a_data_folder_that_is_none(hubgate: Run, folder: Path) -> None:
    (folder / "hubgate-data").write_text("a file")
    code, out, err = hubgate("run")
    assert (code, out) == (1, "")
    assert err == f"hubgate: the folder {folder}/hubgate-data cannot be used: File exists\n"


def test_inheriting_is_for_the_supervisor_only(hubgate: Run) -> None:
    code, _, err = hubgate("hub", "--inherit", "99")
    assert code == 1
    assert err.startswith("hubgate: --inherit 99 is for the supervisor only")


def test_a_hub_alone(folder: Path) -> None:
    """The first start of a data folder, and a clean end."""
    command = [str(Path(sys.executable).with_name("hubgate")), "hub"]
    environ = os.environ | {"HUBGATE_GATEWAY__DATA_DIR": "d"}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "admin user: admin\n"
            status = folder / "d/run/status.json"
            eventually(status.exists, 20)
            assert json.loads(status.read_text())["workers"] == []
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert not (folder / "d/run/hub.pid").exists()
