"""The servers' log files: one each, named so that no name can leave the folder."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
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


def of_service(data_dir: Path, service: str) -> Path:
    """A service's name is fit for a file's."""
    return data_dir / "logs" / "services" / f"{service}.log"


def name(user: str, server: str) -> str:
    """A file name that no other server has: `@` and `+` cannot come out of the escaping."""
    found = quote(user, safe="") + (f"@{server}" if server else "")
    if len(found) > LONGEST:
        found = found[: LONGEST - 41] + "+" + hashlib.sha256(f"{user}/{server}".encode()).hexdigest()[:40]
    return f"{found}.log"


def tail(path: Path, lines: int) -> str:
    """The last lines; "" when there is no file, or none that may be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(fd, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        text = file.read().decode("utf-8", "replace")
    found = text.splitlines()
    if size > TAIL:
        del found[0]
    return "\n".join(found[max(0, len(found) - lines) :])


def forget(path: Path) -> None:
    """Remove a log, and the one that was put aside before it."""
    for each in (path, path.with_name(f"{path.name}.1")):
        each.unlink(missing_ok=True)


def of(logs: Path, server: Server) -> Path:
    return logs / name(server.user, server.name)
