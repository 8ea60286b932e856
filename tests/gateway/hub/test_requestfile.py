"""The request log on disk: private, whole, turned each day, and in nobody's way."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from gateway.hub import requestfile
from gateway.hub.requestfile import RequestFile

DAY = 86400.0
NOW = 1_800_000_000.0 + DAY / 3
LINE = '{"time":"2027-01-15T08:00:00.000Z","path":"/x"}'


class Time:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "requests.jsonl"


def aged(path: Path, at: float) -> None:
    os.utime(path, (at, at))


async def test_lines_with_their_worker_for_nobody_else(path: Path, time: Time) -> None:
    file = RequestFile(path, 7, time)
    file.add('w"1', [LINE, LINE])
    await file.flush()
    lines = [json.loads(line) for line in path.read_text("ascii").splitlines()]
    assert [(line["worker"], line["path"]) for line in lines] == [('w"1', "/x")] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_file_a_day_for_so_many_days(path: Path, time: Time) -> None:
    file = RequestFile(path, 2, time)
    for _ in range(5):
        file.add("1", [LINE])
        await file.flush()
        time.now += DAY
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "requests.jsonl",
        "requests.jsonl.2027-01-17",
        "requests.jsonl.2027-01-18",
    ]


async def test_others_files_stay(path: Path, time: Time) -> None:
    path.parent.mkdir()
    others = [path.with_name(name) for name in ("requests.jsonl.2000-01-01.gz", "x.2000-01-01", "requests.jsonl.old")]
    for other in others:
        other.write_text("mine")
    file = RequestFile(path, 1, time)
    file.add("1", [LINE])
    await file.flush()
    time.now += 3 * DAY
    file.add("1", [LINE])
    await file.flush()
    assert all(other.exists() for other in others)


async def test_half_a_line_of_a_killed_hub_spoils_no_other(path: Path, time: Time) -> None:
    path.parent.mkdir()
    path.write_text(f'{LINE}\n{{"worker":"1","ti')
    aged(path, NOW)
    file = RequestFile(path, 7, time)
    for _ in range(2):
        file.add("1", [LINE])
        await file.flush()
    lines = path.read_text("ascii").splitlines()
    assert len(lines) == 4
    assert [bool(line.endswith("}")) for line in lines] == [True, False, True, True]


async def test_a_full_disk_is_said_once_and_counted(
    path: Path, time: Time, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = RequestFile(path, 7, time)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        for _ in range(3):
            file.add("1", [LINE, LINE])
            await file.flush()
    assert file.dropped == 6
    assert caplog.text.count("No space left") == 1
    file.add("1", [LINE])
    await file.flush()
    assert path.read_text("ascii").count("\n") == 1
    assert "written again; 6 lines are missing" in caplog.text


async def test_what_waits_is_bounded(path: Path, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requestfile, "ROOM", 10 * len(LINE))
    file = RequestFile(path, 7, time)
    file.add("1", [LINE] * 25)
    assert file.dropped == 15
    await file.flush()
    file.add("1", [LINE])
    await file.flush()
    assert len(path.read_text("ascii").splitlines()) == 11


async def test_no_link_is_followed(path: Path, time: Time, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("")
    path.parent.mkdir()
    path.symlink_to(target)
    aged(target, NOW)
    os.utime(path, (NOW, NOW), follow_symlinks=False)
    file = RequestFile(path, 7, time)
    file.add("1", [LINE])
    await file.flush()
    assert file.dropped == 1
    assert target.read_text() == ""


async def test_moved_away_by_others(path: Path, time: Time) -> None:
    file = RequestFile(path, 7, time)
    for name in ("a", "b"):
        file.add("1", [LINE])
        await file.flush()
        path.rename(path.with_name(name))
    assert path.with_name("b").read_text("ascii").count("\n") == 1
