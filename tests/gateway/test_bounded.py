"""What does not come back is interrupted, and what comes back leaves no trace."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import threading
import time
from collections.abc import Callable

import pytest
import uvloop

from gateway.bounded import BoundedSteps, TookTooLong, bounded


def turn() -> None:
    while True:
        pass


def ignore_exceptions() -> None:
    while True:
        try:
            time.sleep(0.01)
        except Exception:  # noqa: BLE001  # this is what the test is about
            continue


def wait_for_a_socket() -> None:
    one, _other = socket.socketpair()
    with one, _other:
        one.recv(1)


def match() -> None:
    re.match(r"(a+)+$", "a" * 40 + "b")


@pytest.mark.parametrize("hang", [turn, ignore_exceptions, wait_for_a_socket, match, lambda: time.sleep(30)])
def test_whatever_hangs_is_interrupted(hang: Callable[[], None]) -> None:
    began = time.monotonic()
    with pytest.raises(TookTooLong, match=r"no answer in 0\.05 s"):
        bounded(0.05, hang)
    assert time.monotonic() - began < 5


def test_what_comes_back_leaves_no_trace() -> None:
    handler, timer = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    assert bounded(5, lambda a, b: (a, b), 1, b=2) == (1, 2)
    with pytest.raises(ZeroDivisionError):
        bounded(5, lambda: 1 / 0)
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL)[1] == timer[1]


def test_elsewhere_it_is_only_called() -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(bounded(5, lambda: 3)))
    thread.start()
    thread.join(5)
    assert done == [3]


async def patient() -> int:
    await asyncio.sleep(0.1)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(30)
    except TimeoutError:
        return 7
    return 0


async def hanging() -> None:
    await asyncio.sleep(0)
    turn()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_coroutine_may_wait_but_not_hold_up_the_others(run: Callable[..., object]) -> None:
    async def both() -> int:
        with pytest.raises(TookTooLong):
            await BoundedSteps(0.05, hanging())
        return await BoundedSteps(0.05, patient())

    assert run(both()) == 7
