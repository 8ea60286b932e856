"""The fork itself, with everything that can be wrong before it. Blocks: run it in a thread."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import StartFailed
from plugins.spawners import cgroups, limits, procfs
from plugins.spawners.account import Account
from plugins.spawners.limits import Limits
from plugins.spawners.procfs import Process

HOLD = 'read -r _ && cd "$0" && exec "$@" </dev/null'
"""A process that waits for a line before it becomes the program. If we die first, the line
never comes, and it ends. The folder is entered here, with the rights of whose process it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run, with nothing left to fill in."""

    command: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    log_file: Path
    title: str
    """Heads this start's part of the log."""
    who: Account | None = None
    """Whose processes it becomes, if not ours."""
    umask: int = -1
    """-1 = ours."""
    limits: Limits = field(default_factory=dict)
    group: Path | None = None
    """The control group that it is put into."""

    @property
    def held(self) -> bool:
        """Must something be done with the process before the program begins?"""
        return bool(self.who or self.limits or self.group)


class Child(subprocess.Popen[bytes]):
    """A server outlives us on purpose, so that losing one is no reason to warn or to reap it."""

    def __del__(self) -> None:
        pass


def fork(order: Order) -> tuple[Process, Child]:
    """Run it in a session of its own; `StartFailed` in words for the owner."""
    if order.who is None:
        _check_folder(order.cwd)
    program = find_program(order.command[0], order.env.get("PATH", os.defpath), order.cwd)
    log = open_log(order.log_file, order.title)
    try:
        child = _held(order, program, log) if order.held else _direct(order, program, log)
    except FileNotFoundError as error:
        raise StartFailed(
            f"{program} cannot be run: the interpreter that its first line names is missing",
            key="start-interpreter",
            about={"command": program},
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        whose = f" as {order.who.name}" if order.who else ""
        raise StartFailed(
            f"{program} cannot be run{whose}: {reason}",
            key="start-unrun",
            about={"command": program, "why": reason or ""},
        ) from error
    finally:
        os.close(log)
    status = procfs.status(child.pid)
    # Nobody has reaped it, so it has its entry, be it as a zombie.
    assert status is not None  # noqa: S101
    return status.process, child


def _direct(order: Order, program: str, log: int) -> Child:
    return Child(
        order.command,
        executable=program,
        cwd=order.cwd,
        env=order.env,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        close_fds=True,
        umask=order.umask,
    )


def _held(order: Order, program: str, log: int) -> Child:
    """Another user's, limited, or in a group, before the program's first instruction; else it never begins."""
    who = order.who
    waiting, go = os.pipe()
    try:
        child = Child(
            ("/bin/sh", "-c", limits.script(order.limits) + HOLD, order.cwd, program, *order.command[1:]),
            cwd="/",
            env=order.env,
            stdin=waiting,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
            umask=order.umask,
            # All three or an error: a process never keeps a group of ours.
            user=who.uid if who else None,
            group=who.gid if who else None,
            extra_groups=who.groups if who else None,
        )
        if order.group is not None:
            try:
                cgroups.enter(order.group, child.pid)
            except StartFailed:
                child.kill()
                child.wait()
                raise
        with contextlib.suppress(BrokenPipeError):  # it has failed already, and its log says why
            os.write(go, b"\n")
        return child
    finally:
        os.close(waiting)
        os.close(go)


def find_program(name: str, path: str, cwd: str) -> str:
    """The file that the command's first word stands for."""
    folders = [""] if "/" in name else path.split(":")
    candidates = [Path(cwd, folder, name) for folder in folders]
    present = [candidate for candidate in candidates if candidate.is_file()]
    for candidate in present:
        if os.access(candidate, os.X_OK):
            return str(candidate)
    if present:
        raise StartFailed(
            f"The server's command is not executable: {present[0]}",
            key="start-not-executable",
            about={"command": str(present[0])},
        )
    where = "" if "/" in name else f" in {path}"
    raise StartFailed(
        f"The server's command was not found: {name}{where}",
        key="start-no-command",
        about={"command": f"{name}{where}"},
    )


def _check_folder(cwd: str) -> None:
    if not Path(cwd).is_dir():
        raise StartFailed(
            f"The server's working directory does not exist: {cwd}", key="start-no-folder", about={"folder": cwd}
        )
    if not os.access(cwd, os.X_OK):
        raise StartFailed(
            f"The server's working directory may not be entered: {cwd}", key="start-folder", about={"folder": cwd}
        )


def open_log(path: Path, title: str) -> int:
    """Open the log for appending, readable by its owner only, and head this start's part."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartFailed(
            f"The server's log cannot be opened: {error.strerror}",
            key="start-log-opened",
            about={"why": error.strerror or ""},
        ) from error
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        os.fchmod(descriptor, stat.S_IRUSR | stat.S_IWUSR)
        os.write(descriptor, f"--- {moment} {title}\n".encode("utf-8", "backslashreplace"))
    except OSError as error:
        os.close(descriptor)
        raise StartFailed(
            f"The server's log cannot be written: {error.strerror}",
            key="start-log-written",
            about={"why": error.strerror or ""},
        ) from error
    return descriptor
