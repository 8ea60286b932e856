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


_limits: list[float] = []
"""Of the calls that run, the innermost last; the main thread's own."""
_others: list[Any] = [None]
"""Who had the signal before."""


def _ring(number: int, frame: FrameType | None) -> None:
    """Interrupts what is called, and never `bounded` itself, which may be tidying up."""
    if not _limits:
        if callable(_others[0]):
            _others[0](number, frame)
    elif frame is not None and frame.f_code is not bounded.__code__:
        raise TookTooLong(f"no answer in {_limits[-1]:g} s")


def bounded[T](seconds: float, function: Callable[..., T], *args: Any, **named: Any) -> T:
    """`function(*args, **named)`, or `TookTooLong`."""
    if threading.current_thread() is not threading.main_thread():
        return function(*args, **named)
    # It stays: to set it for each call would cost ten times as much as the timer.
    if (other := signal.getsignal(signal.SIGALRM)) is not _ring:
        _others[0] = other
        signal.signal(signal.SIGALRM, _ring)
    _limits.append(seconds)
    # Again and again: the first may fall on somebody who catches everything.
    timer = signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        return _called(function, args, named)
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        _limits.pop()


def _called[T](function: Callable[..., T], args: tuple[Any, ...], named: dict[str, Any]) -> T:
    """A frame of its own: whatever is in it or below is the function."""
    return function(*args, **named)


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
