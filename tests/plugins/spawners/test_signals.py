from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.spawners import procfs, signals
from plugins.spawners.procfs import Process
from tests.plugins.launches import IDLE

pytestmark = pytest.mark.sockets


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(IDLE) as made:
        yield made
        made.kill()


def process(child: subprocess.Popen[bytes]) -> Process:
    status = procfs.status(child.pid)
    assert status is not None
    return status.process


def opened() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_process_is_signalled(child: subprocess.Popen[bytes]) -> None:
    before = opened()
    assert signals.send(process(child), signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM
    assert opened() == before


def test_whoever_has_the_pid_now_is_not(child: subprocess.Popen[bytes]) -> None:
    gone = Process(child.pid, process(child).start_time - 1)
    assert signals.send(gone, signal.SIGKILL)
    time.sleep(0.05)
    assert child.poll() is None


def test_who_is_gone_is_no_error(child: subprocess.Popen[bytes]) -> None:
    gone = process(child)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert signals.send(gone, signal.SIGKILL)
    child.wait()
    assert signals.send(gone, signal.SIGKILL)


def test_what_is_not_permitted_is_said(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(pidfd: int, number: int) -> None:
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(signal, "pidfd_send_signal", refuse)
    assert not signals.send(process(child), signal.SIGTERM)
    assert f"process {child.pid} may not be sent SIGTERM" in caplog.text


async def test_an_end_is_told_at_once(child: subprocess.Popen[bytes]) -> None:
    before = opened()
    watch = asyncio.create_task(signals.ended(process(child)))
    await asyncio.sleep(0.05)
    assert not watch.done()
    child.kill()
    await asyncio.wait_for(watch, 2)
    assert opened() == before


async def test_the_end_of_one_that_is_gone_is_told_too(child: subprocess.Popen[bytes]) -> None:
    this = process(child)
    await asyncio.wait_for(signals.ended(Process(this.pid, this.start_time - 1)), 2)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    await asyncio.wait_for(signals.ended(this), 2)
    child.wait()
    await asyncio.wait_for(signals.ended(this), 2)


async def test_where_it_cannot_be_told_it_says_so(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(pid: int) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "pidfd_open", none_left)
    with pytest.raises(OSError, match="Too many"):
        await signals.ended(process(child))
