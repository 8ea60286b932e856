"""The darkroom beside the worker: there while a capture runs, bounded, and another one when it dies."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pickle
import signal
import struct
from collections.abc import Callable

import psutil
import pytest

from gateway.proxy import developing
from gateway.proxy.darkroom import Exposure
from gateway.proxy.developing import Developing, develop
from tests.gateway.proxy.test_darkroom import order
from tests.gateway.proxy.test_records import SECRET, TEXT, seen


class Desk:
    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self.dropped: list[str] = []
        self.developing = Developing(lambda *made: self.made.append(made), self.dropped.append)


async def until(check: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not check():
            await asyncio.sleep(0.01)


def shot(flow: str = "a-1") -> Exposure:
    return Exposure(("c1",), seen(SECRET.encode(), TEXT, id=flow))


def children() -> list[psutil.Process]:
    """Those that are the darkroom. One that has ended and is not waited for has no command line."""
    found = [each.as_dict(["pid", "cmdline"], ad_value=[]) for each in psutil.Process().children()]
    return [psutil.Process(each["pid"]) for each in found if "gateway.proxy.developing" in each["cmdline"]]


def test_without_a_process() -> None:
    frames = [pickle.dumps(each) for each in ((order(),), shot("a-1"), shot("a-2"), ())]
    out = io.BytesIO()
    develop(io.BytesIO(b"".join(struct.pack("!I", len(each)) + each for each in frames)), out)
    lines = out.getvalue().decode().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["c1", "c1"]
    assert json.loads(lines[1].partition(" ")[2])["flow"] == "a-2"
    assert SECRET not in out.getvalue().decode()


async def test_there_while_a_capture_runs() -> None:
    desk = Desk()
    assert children() == []
    desk.developing.set([order()])
    for number in range(50):
        desk.developing.take(shot(f"a-{number}"))
    await until(lambda: len(desk.made) == 50)
    assert [json.loads(record)["flow"] for _, record in desk.made] == [f"a-{number}" for number in range(50)]
    assert len(children()) == 1
    assert os.getpriority(os.PRIO_PROCESS, children()[0].pid) > os.getpriority(os.PRIO_PROCESS, 0)
    await desk.developing.close()
    assert children() == []


async def test_another_one_when_it_dies(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(developing, "AGAIN", 0.01)
    desk = Desk()
    desk.developing.set([order()])
    desk.developing.take(shot())
    await until(lambda: desk.made)
    os.kill(children()[0].pid, signal.SIGKILL)
    await until(lambda: "has ended with -9" in caplog.text)
    desk.developing.take(shot("a-2"))
    await until(lambda: len(desk.made) == 2)
    await desk.developing.close()


async def test_a_record_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(developing, "CHUNK", 100)
    desk = Desk()
    desk.developing.set([order()])
    for number in range(3):
        desk.developing.take(shot(f"a-{number}"))
    await until(lambda: len(desk.made) == 3)
    assert [json.loads(record)["flow"] for _, record in desk.made] == ["a-0", "a-1", "a-2"]
    await desk.developing.close()


async def test_a_record_without_an_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(developing, "LONGEST", 10)
    monkeypatch.setattr(developing, "CHUNK", 100)
    monkeypatch.setattr(developing, "AGAIN", 0.01)
    desk = Desk()
    desk.developing.set([order()])
    desk.developing.take(shot())
    await until(lambda: "a record of more than 10 bytes" in caplog.text)
    assert desk.made == []
    await desk.developing.close()


async def test_what_does_not_fit_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.developing.set([order()])
    monkeypatch.setattr(developing, "SIZE", 10)
    desk.developing.take(shot())
    assert desk.dropped == ["c1"]
    await desk.developing.close()


async def test_nothing_to_close() -> None:
    await Desk().developing.close()
