"""`hubgate status`: what runs, read from the run files and the process table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.commands.options import Config, DataDir, note, say, settings

if TYPE_CHECKING:
    from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    """As in its run file: supervisor, hub, worker-1, …"""
    role: str
    """supervisor, hub or worker."""
    pid: int
    uptime: float
    """Seconds."""
    connected: bool | None
    """Does the hub hear of this worker? None for the others."""


def status(
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Show the gateway's address, its version, and its processes. Fails when none runs."""
    from gateway import __version__, runfiles

    resolved = settings(config, data_dir)
    told = runfiles.read_json(resolved.run_dir / "status.json") or {}
    processes = list(_processes(resolved.run_dir, told))
    address = _address(resolved, told)
    version = told.get("version", __version__)
    if as_json:
        document = {"address": address, "version": version, "processes": [asdict(each) for each in processes]}
        say(json.dumps(document, indent=2))
    elif processes:
        say(f"address\t{address}\nversion\t{version}")
        for each in processes:
            say(_line(each))
    if not processes:
        note(f"no gateway runs on {resolved.gateway.data_dir}")
        raise typer.Exit(1)


def _address(resolved: Settings, told: dict[str, Any]) -> str:
    return str(told.get("address") or resolved.public_url)


def _processes(run_dir: Path, told: dict[str, Any]) -> Iterator[Process]:
    from gateway import runfiles

    heard = {each.get("pid") for each in told.get("workers", []) if isinstance(each, dict)}
    hub_runs = False
    numbered = sorted(run_dir.glob("worker-*.pid"), key=lambda path: (len(path.name), path.name))
    for path in (run_dir / "supervisor.pid", run_dir / "hub.pid", *numbered):
        pid = runfiles.read_pid(path)
        uptime = _uptime(pid, path) if pid else None
        if pid is None or uptime is None:
            continue
        hub_runs |= path.stem == "hub"
        connected = hub_runs and pid in heard if path in numbered else None
        yield Process(path.stem, path.stem.partition("-")[0], pid, uptime, connected)


def _uptime(pid: int, path: Path) -> float | None:
    """Seconds, or None when the file's process is gone: a zombie is, and so is a pid in other hands."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.create_time() > path.stat().st_mtime + 1:
            return None
        return round(time.time() - process.create_time(), 1)
    except (psutil.Error, OSError, ValueError):
        return None


def _line(process: Process) -> str:
    words = [process.name, f"pid {process.pid}", f"up {_duration(process.uptime)}"]
    if process.connected is not None:
        words.append("connected" if process.connected else "not connected")
    return "\t".join(words)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number}{unit}" for number, unit in parts[:2])
