"""The few calls to the kernel that Python has no function for. Elsewhere than on Linux they do nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Callable

SET_PDEATHSIG = 1
SET_CHILD_SUBREAPER = 36


def _prctl() -> Callable[[int, int], int] | None:
    if sys.platform != "linux":
        return None
    function = ctypes.CDLL(None, use_errno=True).prctl
    function.argtypes = (ctypes.c_int, ctypes.c_ulong)
    function.restype = ctypes.c_int
    return function


_call = _prctl()


def adopt_orphans() -> None:
    """From now on, what our descendants leave behind becomes our child, not init's."""
    if _call is not None:
        _call(SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal: int, parent: int) -> None:
    """For a child between fork and exec: get `signal` when `parent` is gone, however it went."""
    if _call is not None:
        _call(SET_PDEATHSIG, signal)
        if os.getppid() != parent:  # it went before we asked
            os._exit(1)


def raise_file_limit() -> None:
    """A proxy needs two descriptors a connection: take all that we may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
