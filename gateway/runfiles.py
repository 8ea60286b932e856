"""The files in `{data_dir}/run`: who runs here, under which pid, and how it is.

Others read them at any moment, so each is written beside its place and renamed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.errors import HubgateError


def private_folder(path: Path) -> Path:
    """Make `path` if need be, for this user only (0700), and return it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise HubgateError(f"the folder {path} cannot be read and written by this user")
    except OSError as error:
        raise HubgateError(f"the folder {path} cannot be used: {error.strerror or error}") from None
    return path


def write_atomic(path: Path, text: str, mode: int = 0o600) -> None:
    """Readers see the old text or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_atomic(path, json.dumps(value, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """What `write_json` wrote, or None when there is nothing (fit) to read."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def write_pid(path: Path) -> None:
    write_atomic(path, f"{os.getpid()}\n", 0o644)


def read_pid(path: Path) -> int | None:
    """The pid in the file, whether or not it still runs; None when there is none."""
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def running_pid(path: Path) -> int | None:
    """The pid in the file if a process has it."""
    pid = read_pid(path)
    if pid is None or pid <= 0:
        return None
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except PermissionError:
        pass
    return pid


def remove_pid(path: Path) -> None:
    """Remove the file, unless a successor has written its own pid already."""
    if read_pid(path) == os.getpid():
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def lock(path: Path, what: str, patience: float = 2.0) -> int:
    """Hold `path` for the life of this process, or raise when another one does.

    The kernel lets go of it at any death. `patience` (seconds) bridges the moment
    in which a child of a dead holder has not yet begun its own program.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                os.close(fd)
                raise HubgateError(f"another {what} is at work here already ({path} is locked)") from None
            time.sleep(0.05)
        else:
            return fd
