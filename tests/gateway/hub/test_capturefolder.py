"""What is said of captures, kept beside their records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.captures import Scope
from gateway.hub.capturefolder import Capture, CaptureFolder

ONE = Capture("0123456789abcdef", "why", "user:root", Scope(user="alice"), 1.0, 2.0, 10, 5, people={"alice": 0.5})


def test_saved_and_loaded(tmp_path: Path) -> None:
    folder = CaptureFolder(tmp_path)
    assert folder.load() == []
    folder.save(ONE, "key")
    assert folder.load() == [(ONE, "key")]
    assert folder.of(ONE.id).stat().st_mode & 0o777 == 0o700
    assert (folder.of(ONE.id) / "capture.json").stat().st_mode & 0o777 == 0o600


def test_the_key_goes_with_the_end(tmp_path: Path) -> None:
    folder = CaptureFolder(tmp_path)
    ended = replace(ONE, ended=2.0, users=("alice",))
    folder.save(ended, "key")
    assert folder.load() == [(ended, "")]
    folder.remove(ONE.id)
    assert folder.load() == []


def test_what_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    folder = CaptureFolder(tmp_path)
    folder.save(ONE, "key")
    for name, text in (
        ("a" * 16, "{"),
        ("b" * 16, "{}"),
        ("c" * 16, '{"key": "", "scope": {}, "fields": [], "users": []}'),
    ):
        (tmp_path / "captures" / name).mkdir()
        (tmp_path / "captures" / name / "capture.json").write_text(text)
    (tmp_path / "captures" / "strange").mkdir()
    assert [capture.id for capture, _ in folder.load()] == [ONE.id]


@pytest.mark.parametrize("name", ["../x", "", "0123456789ABCDEF", "x/0123456789abcde", "0123456789abcdef\n"])
def test_no_other_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        CaptureFolder(tmp_path).of(name)
