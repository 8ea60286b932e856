"""A capture at the hub: bounded in memory and on disk, and never waited for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.hub import recording
from gateway.hub.recording import Recording
from gateway.hub.tape import Tape
from tests.gateway.hub.test_capturefolder import ONE
from tests.gateway.hub.test_tape import end, line, message


def made(folder: Path, size: int = 100_000) -> Recording:
    return Recording(replace(ONE, size=size), "key", folder)


def compact(**more: Any) -> str:
    return line(**more).replace('{"kind": "flow"', '{"kind":"flow"')


async def test_written_and_read(tmp_path: Path) -> None:
    one = made(tmp_path)
    one.take(
        [compact(), message("a-1", 1), message("a-1", 2), end("a-1"), compact(flow="a-2", user="bob", owner="")], 2
    )
    assert await one.write() == {"alice", "bob"}
    assert await one.write() == set()
    capture = one.capture
    assert (capture.flows, capture.records, capture.dropped, capture.users) == (2, 5, 2, ("alice", "bob"))
    assert capture.bytes == (tmp_path / "records.jsonl").stat().st_size
    first, second = await one.look()
    found = await one.read(first, 1, 10)
    assert [each["number"] for each in found["messages"]] == [2]
    assert (found["count"], found["end"]["kind"], found["request"]["method"]) == (2, "end", "POST")
    assert (await one.read(second, 0, 10))["end"] is None
    assert len(one.raw(first)) == 4
    one.forget()
    assert len(await one.look()) == 2


async def test_no_more_than_its_size(tmp_path: Path) -> None:
    one = made(tmp_path, size=len(compact()) + 100)
    one.take([compact(), compact(flow="a-2"), compact(flow="a-3")], 0)
    await one.write()
    assert one.problem == "it is full"
    assert (one.capture.flows, one.capture.dropped) == (1, 2)
    one.take([compact(flow="a-4")], 0)
    await one.write()
    assert one.capture.dropped == 3
    assert (tmp_path / "records.jsonl").stat().st_size <= one.capture.size


async def test_a_disk_that_does_not_keep_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = asyncio.Event()

    async def slow(function: Any, *arguments: Any) -> Any:
        await go.wait()
        return function(*arguments)

    monkeypatch.setattr(recording.asyncio, "to_thread", slow)
    monkeypatch.setattr(recording, "WAITING", 3 * len(compact()))
    one = made(tmp_path)
    one.take([compact()], 0)
    writing = asyncio.create_task(one.write())
    await asyncio.sleep(0)
    one.take([compact(flow=f"b-{number}") for number in range(5)], 0)
    assert one.capture.dropped == 2
    go.set()
    await writing
    assert one.capture.flows == 4


async def test_a_disk_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Tape, _records: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Tape, "add", full)
    one = made(tmp_path)
    one.take([compact(), compact()], 0)
    await one.write()
    assert "No space left" in one.problem
    assert one.capture.flows == 0


async def test_after_a_crash(tmp_path: Path) -> None:
    one = made(tmp_path)
    one.take([compact(), compact(flow="a-2")], 0)
    await one.write()
    with (tmp_path / "records.jsonl").open("a") as file:
        file.write('{"kind":"flo')
    after = made(tmp_path)
    await after.resume()
    assert (after.capture.flows, after.capture.records) == (2, 2)
    after.take([compact(flow="a-3")], 0)
    await after.write()
    assert len(await after.look()) == 3
