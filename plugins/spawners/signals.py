"""Signals to a process, and news of its end, by `pidfd`: never to whoever has its pid now."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal

from plugins.spawners import procfs
from plugins.spawners.procfs import Process

logger = logging.getLogger(__name__)


def send(process: Process, number: signal.Signals) -> bool:
    """Signal that very process. False = this may not be done; a process that is gone is fine."""
    try:
        pidfd = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        # The descriptor holds whoever has the pid now; if that is not ours, ours is gone.
        if procfs.alive(process):
            signal.pidfd_send_signal(pidfd, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        logger.warning("process %d may not be sent %s: it runs as somebody else", process.pid, number.name)
        return False
    finally:
        os.close(pidfd)
    return True


async def ended(process: Process) -> None:
    """Return when that very process has ended; it need not be a child of ours.

    `OSError` where this cannot be told (no file descriptor left).
    """
    try:
        pidfd = os.pidfd_open(process.pid)
    except OSError as error:
        if error.errno == errno.ESRCH:
            return
        raise
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    try:
        loop.add_reader(pidfd, gone.set)
        if procfs.alive(process):
            await gone.wait()
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)
