"""A log that grows, is put aside, and ends, as somebody sees it who follows."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.hub import logfollow
from gateway.hub.logfiles import put_aside
from gateway.hub.logfollow import CHUNK, LONGEST, Reader, follow


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "x.log"


def add(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


def test_what_is_there_and_what_is_added(log: Path) -> None:
    reader = Reader(log)
    assert reader.begin(5) == []
    add(log, b"one\ntw")
    assert reader.more(False) == ["one"]
    add(log, b"o\r\n\xff\n")
    assert reader.more(False) == ["two", "\ufffd"]
    assert reader.more(False) == []
    assert Reader(log).begin(2) == ["two", "\ufffd"]


def test_the_last_words_need_no_end_of_line(log: Path) -> None:
    reader = Reader(log)
    reader.begin(0)
    add(log, b"bye")
    assert reader.more(False) == []
    assert reader.more(True) == ["bye"]
    assert reader.more(True) == []


def test_a_line_without_end_is_told_in_pieces(log: Path) -> None:
    reader = Reader(log)
    reader.begin(0)
    add(log, b"x" * (LONGEST + 1))
    assert reader.more(False) == ["x" * (LONGEST + 1)]


def test_much_at_once_comes_in_chunks_and_whole(log: Path) -> None:
    reader = Reader(log)
    reader.begin(0)
    lines = [f"line {number}" for number in range(20_000)]
    add(log, "".join(f"{line}\n" for line in lines).encode())
    got = reader.more(False)
    assert reader.behind and sum(map(len, got)) <= CHUNK
    while reader.behind:
        got += reader.more(False)
    assert got == lines


def test_nothing_is_missed_when_it_is_put_aside(log: Path) -> None:
    reader = Reader(log)
    add(log, b"before\n")
    reader.begin(0)
    add(log, b"one\ntwo\n")
    put_aside(log, 100, 1)
    add(log, b"three\n")
    assert reader.more(False) == ["one", "two", "three"]
    put_aside(log, 100, 1)
    add(log, b"4\n")
    assert reader.more(False) == ["4"]


def test_a_link_is_not_followed(log: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    log.symlink_to(tmp_path / "secret")
    reader = Reader(log)
    assert reader.begin(5) == []
    assert reader.more(True) == []


async def test_it_ends_when_the_server_has(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfollow, "EVERY", 0.01)
    running = True
    add(log, b"one\n")
    seen: list[str] = []

    async def watch() -> None:
        async for lines in follow(log, 5, lambda: running):
            seen.extend(lines)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.05)
    assert seen == ["one"]
    add(log, b"two\nthr")
    running = False
    await asyncio.wait_for(watching, 5)
    assert seen == ["one", "two", "thr"]
