"""How a herd is ended is told by `test_local_stop.py`, with real servers; here is what is left."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from collections.abc import Iterator

import pytest

from plugins.spawners import herd, procfs, signals
from plugins.spawners.herd import Herd
from tests.plugins.launches import IDLE

pytestmark = pytest.mark.sockets


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(IDLE, start_new_session=True, env={**os.environ, "SERVER_START_ID": "the-start"}) as made:
        yield made
        made.kill()


def test_one_never_sees_oneself(child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procfs, "carries", lambda pid, key, value: True)
    everything, marked = herd.seen("the-start")
    assert child.pid in marked
    assert os.getpid() not in marked
    assert os.getpid() not in {status.process.pid for status in everything}


def test_no_id_marks_nobody(child: subprocess.Popen[bytes]) -> None:
    assert herd.seen("the-start")[1] == {child.pid}
    assert herd.seen("the-star")[1] == set()
    assert herd.seen("")[1] == set()


async def test_who_belongs_is_remembered(child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    flock = Herd(None, "the-start")
    assert [status.process.pid for status in await flock.members()] == [child.pid]
    monkeypatch.setattr(procfs, "carries", lambda pid, key, value: False)
    assert [status.process.pid for status in await flock.members()] == [child.pid]
    assert await Herd(None, "the-start").members() == []


async def test_one_that_takes_its_time_to_die_is_named(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that waits for a disk that does not answer."""
    monkeypatch.setattr(herd, "LONG", 2)
    monkeypatch.setattr(signals, "send", lambda process, number: True)
    killing = asyncio.create_task(Herd(None, "the-start").kill())
    with caplog.at_level(logging.WARNING):
        while not caplog.records:
            await asyncio.sleep(0.01)
    assert f"still has processes after 2 kills: [{child.pid}]" in caplog.text
    monkeypatch.undo()
    await asyncio.wait_for(killing, 5)
    assert child.poll() == -9
