"""The peers that are one program with a command line: each is found, started on a free port, and ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from tests.benchmarks import backend
from tests.integration.harness import eventually, free_port

LOOPBACK = "127.0.0.1"
PREFIX = "/user/admin/"
"""Below this path stands the backend, whoever stands before it."""
PATIENCE = 60.0
XSRF = "2|0123abcd|0123456789abcdef0123456789abcdef|1700000000"


def browser(origin: str, session: str = "hubgate-session=" + "x" * 43) -> dict[str, str]:
    """What JupyterLab's page in a browser sends with each call. Every peer gets the same."""
    return {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": "en-US,en;q=0.9",
        "Origin": origin,
        "Referer": f"{origin}{PREFIX}lab/tree/Untitled.ipynb",
        "Sec-Fetch-Dest": "empty",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "same-origin",
        "X-XSRFToken": XSRF,
        "Cookie": f"{session}; _xsrf={XSRF}",
    }


@dataclass(frozen=True, slots=True)
class Target:
    """Where a client connects, what it asks for, and what it shows."""

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}{self.path}"

    def head(self, method: str = "GET", more: str = "") -> bytes:
        """A request's head; `more` are further lines."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return f"{method} {self.path} HTTP/1.1\r\nHost: {LOOPBACK}:{self.port}\r\n{lines}{more}\r\n".encode("latin-1")


class Peer(Protocol):
    """Something that stands before the backend."""

    def start(self) -> None:
        """Returns once it answers."""

    def stop(self) -> None: ...

    def target(self, path: str) -> Target:
        """The backend's `path` (`small`, `ws` …) through it."""

    def processes(self) -> list[psutil.Process]:
        """All that serve requests and are no backend."""

    def workers(self) -> list[psutil.Process]:
        """Of these, what holds the clients' connections."""


class Missing(Exception):
    """A peer, or a part of it, is not on this machine; says which and how to get it."""


class Program:
    """A child process that listens on `port`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.port = free_port()
        self._popen: subprocess.Popen[bytes] | None = None

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{self.name}.log").open("ab") as log:
            everything = {**os.environ, **(env or {})}
            self._popen = subprocess.Popen(
                command, cwd=self.folder, env=everything, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        eventually(self._answers, PATIENCE, lambda: f"{self.name} does not listen:\n{self.log()}")

    def _answers(self) -> bool:
        assert self._popen is not None and self._popen.poll() is None, f"{self.name} ended:\n{self.log()}"
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((LOOPBACK, self.port)) == 0

    def stop(self) -> None:
        if self._popen is None:
            return
        family = self.family()
        self._popen.terminate()
        _, left = psutil.wait_procs(family, timeout=10)
        for process in left:
            process.kill()
        self._popen.wait(10)
        self._popen = None

    def processes(self) -> list[psutil.Process]:
        return self.family()

    def family(self) -> list[psutil.Process]:
        """Itself and all below it."""
        if self._popen is None or not psutil.pid_exists(self._popen.pid):
            return []
        own = psutil.Process(self._popen.pid)
        return [own, *own.children(recursive=True)]

    def workers(self) -> list[psutil.Process]:
        return self.processes()

    def target(self, path: str) -> Target:
        return Target(self.port, PREFIX + path, browser(f"http://{LOOPBACK}:{self.port}"))

    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text("utf-8", "replace")[-4000:]


class Direct(Program):
    """The backend itself, nothing before it: how much room is there?"""

    def start(self) -> None:
        self.run([sys.executable, backend.__file__, LOOPBACK, str(self.port)])


class Proxy(Program):
    """A proxy before the backend at `upstream`."""

    def __init__(self, folder: Path, name: str, upstream: int) -> None:
        super().__init__(folder, name)
        self.upstream = upstream


class Chp(Proxy):
    """configurable-http-proxy, JupyterHub's default; authenticates nobody."""

    def start(self) -> None:
        flags = ["--ip", LOOPBACK, "--port", str(self.port), "--api-ip", LOOPBACK, "--api-port", str(free_port())]
        self.run(
            [chp(), *flags, "--default-target", f"http://{LOOPBACK}:{self.upstream}"],
            {"CONFIGPROXY_AUTH_TOKEN": "benchmark", "NODE_ENV": "production"},
        )


class Mitmdump(Proxy):
    """mitmproxy as it is shipped, in reverse mode."""

    def start(self) -> None:
        program = found("mitmdump", "pip install mitmproxy", Path(sys.executable).with_name("mitmdump"))
        mode = f"reverse:http://{LOOPBACK}:{self.upstream}"
        confdir = f"confdir={self.folder / 'mitmproxy'}"
        self.run([program, "--mode", mode, "--listen-host", LOOPBACK, "-p", str(self.port), "--set", confdir])


def chp() -> str:
    return found("configurable-http-proxy", "make jupyterhub installs it", Path(os.environ.get("HUBGATE_CHP", "")))


def found(program: str, how: str, *places: Path) -> str:
    """The program's path, or `Missing`."""
    for place in places:
        if place.is_file():
            return str(place)
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        raise Missing(f"{program} ({how})")
    return path
