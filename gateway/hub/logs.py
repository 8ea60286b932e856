"""The servers' log files: one each, named so that no name can leave the folder."""

from __future__ import annotations

import glob
import hashlib
import os
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from gateway.model import Server
from gateway.runfiles import private_folder

LONGEST = 150
"""Characters of a file's name before its ending; file systems take 255 bytes."""
TAIL = 65536
"""Bytes at the end of a log that are looked at."""


def folder(data_dir: Path) -> Path:
    return data_dir / "logs" / "servers"


def made_folder(data_dir: Path) -> Path:
    """The same, made if need be, for the gateway's user only."""
    private_folder(data_dir / "logs")
    return private_folder(folder(data_dir))


def folders(data_dir: Path) -> tuple[Path, ...]:
    """All folders in which somebody else than the gateway writes."""
    return folder(data_dir), data_dir / "logs" / "services"


def of_service(data_dir: Path, service: str) -> Path:
    """A service's name is fit for a file's."""
    return data_dir / "logs" / "services" / f"{service}.log"


def name(user: str, server: str) -> str:
    """A file name that no other server has: `@` and `+` cannot come out of the escaping."""
    found = quote(user, safe="") + (f"@{server}" if server else "")
    if len(found) > LONGEST:
        found = found[: LONGEST - 41] + "+" + hashlib.sha256(f"{user}/{server}".encode()).hexdigest()[:40]
    return f"{found}.log"


def tail(path: Path, lines: int) -> list[str]:
    """The last lines, those of the part that was put aside last included; [] when there is none that may be read."""
    found = _last(path, lines)
    if len(found) < lines:
        found = _last(aside(path, 1), lines - len(found)) + found
    return found


def size(path: Path) -> int:
    """Bytes of the log itself; 0 when there is none."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _last(path: Path, lines: int) -> list[str]:
    try:
        with opened(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    found = text.splitlines()
    if size > TAIL:
        del found[0]
    return found[max(0, len(found) - lines) :]


def opened(path: Path, *, write: bool = False) -> BinaryIO:
    """Open a log, and nothing that a link leads to; `OSError` if it is not there."""
    flags = os.O_RDWR if write else os.O_RDONLY
    return os.fdopen(os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "r+b" if write else "rb")


def aside(path: Path, number: int) -> Path:
    """Where a long log is put; 1 is the youngest."""
    return path.with_name(f"{path.name}.{number}")


def forget(path: Path) -> None:
    """Remove a log, and what was put aside of it."""
    for each in (path, *path.parent.glob(f"{glob.escape(path.name)}.*")):
        each.unlink(missing_ok=True)


def of(logs: Path, server: Server) -> Path:
    return logs / name(server.user, server.name)
