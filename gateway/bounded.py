"""A call of somebody else's function that must come back: interrupted when its time is over.

By the kernel's timer and a signal, so that a loop without end, a `sleep` and a wait for
a socket all end. It works where signals arrive, the main thread, which is where workers
and hub call plugins; elsewhere the call is not bounded. What cannot be interrupted is C
code that never looks for signals.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Coroutine, Generator
from types import FrameType
from typing import Any


class TookTooLong(BaseException):
    """Not an `Exception`: what is interrupted shall not catch it by accident."""


def bounded[T](seconds: float, function: Callable[..., T], *args: Any, **named: Any) -> T:
    """`function(*args, **named)`, or `TookTooLong`."""
    if threading.current_thread() is not threading.main_thread():
        return function(*args, **named)
    running = True

    def ring(_number: int, _frame: FrameType | None) -> None:
        if running:
            raise TookTooLong(f"no answer in {seconds:g} s")

    handler = signal.signal(signal.SIGALRM, ring)
    # Again and again: the first may fall on somebody who catches everything.
    timer = signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        try:
            return function(*args, **named)
        finally:
            running = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


class BoundedSteps[T]:
    """A coroutine that may wait for as long as it likes, but must not hold up the loop: each step is bounded."""

    def __init__(self, seconds: float, coroutine: Coroutine[Any, Any, T]) -> None:
        self._seconds = seconds
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, T]:
        step, given = self._coroutine.send, None
        while True:
            try:
                waited = bounded(self._seconds, step, given)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                given, step = (yield waited), self._coroutine.send
            except BaseException as error:  # noqa: BLE001  # it is the coroutine's: a cancellation, a failed future
                given, step = error, self._coroutine.throw
