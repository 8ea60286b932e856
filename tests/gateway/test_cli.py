"""The command itself: exit codes, where messages go, and how little `--version` loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway import __version__, cli
from gateway.errors import Conflict, SettingsError

pytestmark = pytest.mark.sockets


def hubgate(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("hubgate")), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_the_version(tmp_path: Path) -> None:
    done = hubgate("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"hubgate {__version__}\n", "")


def test_the_command_alone_loads_nothing_heavy() -> None:
    code = "import sys, gateway.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"mitmproxy", "pony", "pydantic", "uvicorn", "websockets", "falcon", "psutil", "rich"})


def test_the_module_is_the_command_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "gateway.cli", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"hubgate {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["statu"], ["user", "ad"], ["run", "--port", "1"], ["run", "--workers", "x"], ["token"], ["user", "add"]],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    done = hubgate(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: hubgate ")


def test_every_call_of_the_contract_is_there(tmp_path: Path) -> None:
    shown = hubgate("--help", cwd=tmp_path).stdout
    for name in ("run", "hub", "proxy", "check", "init", "status", "user", "token", "plugins", "db", "--version"):
        assert f"  {name} " in shown
    shown = hubgate("user", "--help", cwd=tmp_path).stdout
    for name in ("add", "passwd", "remove", "list"):
        assert f"  {name} " in shown


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SettingsError(["f: a: one", "f: b: two"]), 2, "f: a: one\nf: b: two\n"),
        (Conflict("it exists already"), 1, "hubgate: it exists already\n"),
    ],
)
def test_what_hubgate_raises_is_lines_and_no_traceback(
    error: Exception, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == code
    assert capsys.readouterr() == ("", said)
