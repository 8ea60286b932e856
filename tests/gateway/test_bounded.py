"""What does not come back is interrupted, and what comes back leaves no trace."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
import uvloop

from gateway import bounded as bounded_module
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


@pytest.mark.parametrize("hang", [turn, ignore_exceptions, wait_for_a_socket, match, partial(time.sleep, 30)])
def test_whatever_hangs_is_interrupted(hang: Callable[[], None]) -> None:
    began = time.monotonic()
    with pytest.raises(TookTooLong, match=r"no answer in 0\.05 s"):
        bounded(0.05, hang)
    assert time.monotonic() - began < 5


def test_what_comes_back_leaves_no_trace() -> None:
    timer = signal.getitimer(signal.ITIMER_REAL)
    assert bounded(5, lambda a, b: (a, b), 1, b=2) == (1, 2)
    with pytest.raises(ZeroDivisionError):
        bounded(5, lambda: 1 / 0)
    assert signal.getitimer(signal.ITIMER_REAL)[1] == timer[1]


def test_an_alarm_of_somebody_else_reaches_them() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: heard.append(number))
    timer = signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        assert bounded(5, lambda: 3) == 3
        time.sleep(0.2)
        assert heard == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def test_many_that_are_late_by_a_hair_leave_nothing_behind() -> None:
    """The alarm may ring at any moment, also while one tidies up."""
    for number in range(3000):
        with suppress(TookTooLong):
            bounded(0.0005, sum, range(number % 200 * 200))
    assert bounded_state() == []
    assert bounded(5, lambda: 3) == 3


def bounded_state() -> list[float]:
    return bounded_module._limits


def test_one_within_the_other() -> None:
    def outer() -> str:
        with pytest.raises(TookTooLong, match=r"0\.05 s"):
            bounded(0.05, turn)
        return "went on"

    assert bounded(5, outer) == "went on"


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
