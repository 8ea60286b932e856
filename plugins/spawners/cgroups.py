"""Control groups: one for each server, below a folder that the administrator gave to the gateway.

Memory is limited for all of a server's processes together, and none of them can leave
the group unnoticed. Both versions of the kernel's interface will do. Calls block shortly.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.errors import StartFailed

logger = logging.getLogger(__name__)

PROCESSES = "cgroup.procs"
MEMORY = ("memory.max", "memory.limit_in_bytes")
"""In version 2, in version 1."""
REMOVE_SECONDS = 2.0
"""A group may be busy shortly after its last process has ended."""


def problem(folder: str) -> str:
    """Why this is no folder of control groups; "" if it is one."""
    if not folder or (Path(folder).is_absolute() and (Path(folder) / PROCESSES).is_file()):
        return ""
    return "an absolute path of a control group, such as /sys/fs/cgroup/system.slice/hubgate.service"


class Groups:
    """`folder` "" = there are none, and nothing here does anything."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None

    def __bool__(self) -> bool:
        return self._folder is not None

    def make(self, start_id: str, memory: int) -> Path | None:
        """The group of a start, empty still; `StartFailed` when it cannot be, or cannot limit memory."""
        group = self._of(start_id)
        if group is None:
            return None
        try:
            self._enable_memory()
            group.mkdir(exist_ok=True)
            if memory:
                self._limit(group, memory)
        except OSError as error:
            self.remove(start_id)
            raise StartFailed(
                f"The server's control group cannot be made: {error.strerror}",
                key="start-cgroup-made",
                about={"why": error.strerror or ""},
            ) from error
        return group

    def members(self, start_id: str) -> set[int]:
        """The pids in the group of a start, and in groups that were made below it."""
        group = self._of(start_id)
        found: set[int] = set()
        for folder in _below(group) if group else ():
            with contextlib.suppress(OSError):  # removed meanwhile
                found |= {int(pid) for pid in (folder / PROCESSES).read_text("ascii").split()}
        return found

    def remove(self, start_id: str) -> None:
        """Once its processes have ended. One that does not go is left behind, and said."""
        group = self._of(start_id)
        until = time.monotonic() + REMOVE_SECONDS
        while group is not None and group.is_dir():
            try:
                for folder in reversed(list(_below(group))):
                    folder.rmdir()
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > until:
                    logger.warning("the control group %s cannot be removed: %s", group, error.strerror)
                    return
                time.sleep(0.02)

    def _of(self, start_id: str) -> Path | None:
        return self._folder / f"hubgate-{start_id}" if self._folder and start_id else None

    def _enable_memory(self) -> None:
        """In version 2, groups have a limit of memory once the one above says so."""
        assert self._folder is not None  # noqa: S101  # by the caller
        control = self._folder / "cgroup.subtree_control"
        if control.is_file() and "memory" not in control.read_text("ascii").split():
            with contextlib.suppress(OSError):  # whoever needs a limit is told that there is none
                control.write_text("+memory")

    @staticmethod
    def _limit(group: Path, memory: int) -> None:
        for name in MEMORY:
            if (group / name).is_file():
                (group / name).write_text(str(memory))
                return
        raise StartFailed(
            f"The control group {group.parent} cannot limit memory",
            key="start-cgroup-memory",
            about={"group": str(group.parent)},
        )


def enter(group: Path, pid: int) -> None:
    """Put a process into a group, with all that it will start."""
    try:
        (group / PROCESSES).write_text(str(pid))
    except OSError as error:
        raise StartFailed(
            f"The server's control group cannot be entered: {error.strerror}",
            key="start-cgroup-entered",
            about={"why": error.strerror or ""},
        ) from error


def _below(group: Path) -> Iterator[Path]:
    """The group and those below it, from the top."""
    yield group
    with contextlib.suppress(OSError):
        for entry in list(group.iterdir()):
            if entry.is_dir():
                yield from _below(entry)
