"""What a database's error means to the rest of Hubgate.

Pony wraps the driver's errors, some of them twice; the backend judges the
driver's own. What it has no words for is a bug and goes on unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.store.backend import Backend


def original(error: BaseException) -> BaseException:
    """The driver's error inside Pony's."""
    while True:
        inner = getattr(error, "original_exc", None)
        if inner is None and (several := getattr(error, "exceptions", None)):
            inner = several[0][1]
        if not isinstance(inner, BaseException):
            return error
        error = inner


@contextmanager
def translated(backend: Backend) -> Iterator[None]:
    """Raise our own errors instead of a driver's."""
    try:
        yield
    except Exception as error:
        fault = backend.fault(original(error))
        if fault is None:
            raise
        raise fault from error
