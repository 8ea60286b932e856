"""Reads `/proc`: which processes there are, what they carry, who listens where.

A pid alone says nothing: it is reused. A `Process` is a pid *and* its start time,
and is gone when either differs; a zombie is gone too. All calls block shortly.
"""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    start_time: int
    """Clock ticks since the machine booted."""


@dataclass(frozen=True, slots=True)
class Status:
    process: Process
    parent: int
    group: int
    session: int
    dead: bool


@dataclass(frozen=True, slots=True)
class Listener:
    address: Address
    inode: int


def status(pid: int) -> Status | None:
    """The process that has this pid now."""
    try:
        text = (PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return parsed(pid, text)


def parsed(pid: int, text: str) -> Status:
    """One `/proc/<pid>/stat`. The name in it may hold spaces and brackets: look behind the last."""
    fields = text.rpartition(")")[2].split()
    # With threads left it is alive although its first thread has ended.
    dead = fields[0] in "ZXx" and int(fields[17]) <= 1
    return Status(Process(pid, int(fields[19])), int(fields[1]), int(fields[2]), int(fields[3]), dead)


def alive(process: Process) -> bool:
    """Is that very process still running?"""
    now = status(process.pid)
    return now is not None and now.process == process and not now.dead


def everything() -> Iterator[Status]:
    """All processes of this machine, zombies included."""
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (found := status(int(folder.name))):
            yield found


def environ(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty when it is gone or not ours to read."""
    pairs = (entry.partition(b"=") for entry in _environ(pid))
    return {key.decode("utf-8", "replace"): value.decode("utf-8", "surrogateescape") for key, _, value in pairs if key}


def carries(pid: int, key: str, value: str) -> bool:
    return f"{key}={value}".encode() in _environ(pid)


def _environ(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or somebody else's
        return []


def sockets(pid: int) -> set[int]:
    """Inodes of the sockets that a process holds open."""
    try:
        links = list((PROC / str(pid) / "fd").iterdir())
    except OSError:  # it ended, or is somebody else's
        return set()
    found = set()
    for link in links:
        with contextlib.suppress(OSError):  # closed meanwhile
            name = str(link.readlink())
            if name.startswith("socket:["):
                found.add(int(name[8:-1]))
    return found


def listeners(port: int) -> list[Listener]:
    """Every TCP socket that listens on `port`, on whatever address."""
    found: list[Listener] = []
    for table in ("tcp", "tcp6"):
        try:
            lines = (PROC / "net" / table).read_text("ascii").splitlines()[1:]
        except FileNotFoundError:  # a kernel without IPv6
            continue
        found += filter(None, (listener(line, port) for line in lines))
    return found


def listener(line: str, port: int) -> Listener | None:
    """One line of `/proc/net/tcp`, if it listens (state 0A) on `port`."""
    fields = line.split()
    address, _, number = fields[1].partition(":")
    if fields[3] != "0A" or int(number, 16) != port:
        return None
    return Listener(_address(address), int(fields[9]))


def _address(text: str) -> Address:
    """Four bytes at a time, each in the order of this machine."""
    raw = bytes.fromhex(text)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    return ipaddress.ip_address(raw)


def loopback(address: Address) -> bool:
    return (_mapped(address) or address).is_loopback


def reached_by_loopback(address: Address) -> bool:
    """Does a listener on `address` get what is sent to 127.0.0.1?"""
    plain = _mapped(address) or address
    return plain.is_unspecified or plain == ipaddress.IPv4Address("127.0.0.1")


def _mapped(address: Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None


def boot_id() -> str:
    """Differs after each boot, as start times count from there."""
    return (PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
