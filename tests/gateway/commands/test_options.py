"""What subcommands share: options, and where they print."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.commands import options
from gateway.config import Flags


def test_flags() -> None:
    assert options.flags(None) == Flags()
    assert options.flags(Path("f"), Path("d"), ["a:1", "b:2"], 0) == Flags(Path("f"), ("a:1", "b:2"), Path("d"), 0)


def test_settings_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text("[gateway]\nmax_body = 7\n")
    resolved = options.settings(file, tmp_path / "d")
    assert (resolved.gateway.max_body, resolved.gateway.data_dir) == (7, tmp_path / "d")


def test_results_and_diagnostics(capsys: pytest.CaptureFixture[str]) -> None:
    options.say("result")
    options.note("diagnostic")
    assert capsys.readouterr() == ("result\n", "diagnostic\n")
