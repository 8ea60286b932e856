"""Long logs are put aside, while somebody writes them."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from gateway.hub import logfiles
from gateway.hub.logfiles import LogFiles, put_aside


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_it_is_copied_and_its_writer_goes_on_in_the_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with path.open("ab", buffering=0) as writer:
        for number in range(1, 5):
            writer.write(b"%d" % number * 3)
            put_aside(path, 100, 2)
        writer.write(b"new")
    assert kept(tmp_path) == {"x.log": b"new", "x.log.1": b"444", "x.log.2": b"333"}
    assert (tmp_path / "x.log.1").stat().st_mode & 0o777 == 0o600


def test_nothing_is_kept_where_nothing_should_be(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"old")
    put_aside(tmp_path / "x.log", 1, 0)
    assert kept(tmp_path) == {"x.log": b""}


def test_of_a_flood_only_the_end_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"a" * 1000 + b"the end")
    put_aside(tmp_path / "x.log", 7, 1)
    assert kept(tmp_path) == {"x.log": b"", "x.log.1": b"the end"}


def test_only_long_logs_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s" * 100)
    (tmp_path / "link.log").symlink_to(tmp_path / "secret")
    (tmp_path / "long.log").write_bytes(b"x" * 11)
    (tmp_path / "short.log").write_bytes(b"x" * 10)
    (tmp_path / "other.txt").write_bytes(b"x" * 100)
    LogFiles((tmp_path / "nowhere", tmp_path), 10, 1).look()
    assert {name: len(data) for name, data in kept(tmp_path).items()} == {
        "link.log": 100, "long.log": 0, "long.log.1": 11, "other.txt": 100, "secret": 100, "short.log": 10,
    }  # fmt: skip


def test_a_link_that_waits_where_it_is_put_is_not_written_through(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "precious").write_bytes(b"p")
    (tmp_path / "x.log").write_bytes(b"x" * 100)
    (tmp_path / "x.log.1").symlink_to(tmp_path / "precious")
    with caplog.at_level(logging.ERROR):
        LogFiles((tmp_path,), 10, 1).look()
    assert (tmp_path / "precious").read_bytes() == b"p"
    assert "cannot be put aside" in caplog.text


def test_lines_of_a_busy_writer_survive(tmp_path: Path) -> None:
    """Nothing is torn or lost while nobody writes in the very moment; here: between the looks."""
    path, files = tmp_path / "x.log", LogFiles((tmp_path,), 5000, 99)
    with path.open("ab", buffering=0) as writer:
        for number in range(5000):
            writer.write(b"line %d\n" % number)
            if number % 100 == 0:
                files.look()
    parts = sorted(tmp_path.glob("x.log.*"), key=lambda each: -int(each.suffix[1:]))
    lines = b"".join(each.read_bytes() for each in (*parts, path)).splitlines()
    assert lines == [b"line %d" % number for number in range(5000)]
    assert len(parts) > 5


async def test_it_looks_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfiles, "EVERY", 0.01)
    running = asyncio.create_task(LogFiles((tmp_path,), 10, 1).run())
    (tmp_path / "x.log").write_bytes(b"x" * 100)
    async with asyncio.timeout(5):
        while (tmp_path / "x.log").stat().st_size:
            await asyncio.sleep(0.01)
    running.cancel()


def test_a_folder_that_is_none_is_said_and_holds_nothing_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "x.log").write_bytes(b"x" * 100)
    LogFiles((tmp_path / "file", tmp_path), 10, 1).look()
    assert "cannot be looked at: Not a directory" in caplog.text
    assert (tmp_path / "x.log").stat().st_size == 0
