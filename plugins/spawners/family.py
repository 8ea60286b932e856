"""Which processes belong to one start of a server. Pure: judges a list of processes.

Jupyter's kernels live in sessions of their own, and what they start may do so
again. So a process belongs if it carries the start's mark in its environment, is
in the leader's session or group, was seen to belong before, or descends from one
that does. The leader is the process that the spawner itself started.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from plugins.spawners.procfs import Process, Status


def members(
    everything: Iterable[Status], leader: Process | None, marked: Collection[int], known: Collection[Process]
) -> list[Status]:
    """The living processes that belong to a start, its leader included."""
    living = [status for status in everything if not status.dead]
    session = _session(living, leader)
    found = {
        status.process.pid: status
        for status in living
        if status.process == leader
        or status.process in known
        or status.process.pid in marked
        or (session is not None and session in (status.session, status.group))
    }
    while new := [status for status in living if status.parent in found and status.process.pid not in found]:
        found |= {status.process.pid: status for status in new}
    return list(found.values())


def leader_among(everything: Iterable[Status], marked: Collection[int]) -> Process | None:
    """The leader of a start of which nothing but the mark is known.

    A session leader that no marked process started; the eldest, because a kernel
    whose server has died looks the same.
    """
    candidates = [
        status.process
        for status in everything
        if status.process.pid in marked
        and status.process.pid == status.session
        and status.parent not in marked
        and not status.dead
    ]
    return min(candidates, key=lambda process: (process.start_time, process.pid), default=None)


def _session(living: Iterable[Status], leader: Process | None) -> int | None:
    """The leader's session and group, unless its pid is somebody else's by now.

    While any process is in the session the kernel gives its number to nobody.
    """
    if leader is None:
        return None
    reused = any(status.process.pid == leader.pid and status.process != leader for status in living)
    return None if reused else leader.pid
