"""A real gateway for a test: its own processes, folder, port and home.

`Gateway` writes a `hubgate.toml`, starts the command, waits until log-ins work,
and after `stop()` proves that no process of it is left. Everything it starts
inherits a `HOME` inside its folder; that is how its processes are told from all
others. Nothing here knows the gateway's code: only its command, files and URLs.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

START = 90.0
"""Seconds a gateway may take until log-ins work, on a busy machine."""


class Gateway:
    """One gateway. `commands` is `("run",)`, or `("hub", "proxy")` for each half alone."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any] | None = None,
        *,
        commands: tuple[str, ...] = ("run",),
        host: str = "",
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> None:
        self.command = list(command) or hubgate()
        self.folder = folder
        self.commands = commands
        self.home = folder / "home"
        self.data_dir = folder / "data"
        self.plugins = folder / "plugins"
        for made in (self.home, self.plugins):
            made.mkdir(parents=True, exist_ok=True)
        # Halves started alone announce no address: give them one that is known.
        bind = "127.0.0.1:0" if commands == ("run",) else f"127.0.0.1:{free_port()}"
        self.settings = merged({"gateway": {"bind": bind, "data_dir": str(self.data_dir)}}, settings or {})
        self.base_path: str = self.settings["gateway"].get("base_path", "/")
        self.host = host
        self.certificate: str = self.settings["gateway"].get("tls_cert", "")
        """The gateway speaks TLS with this one, which stands for itself."""
        self.extra_env = dict(env or {})
        self.processes: list[subprocess.Popen[bytes]] = []
        self.port = 0
        self.admin_password = ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ── addresses ────────────────────────────────────────────────────────────

    @property
    def authority(self) -> str:
        """What a browser would send as `Host`."""
        return self.host or f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"

    @property
    def tls(self) -> ssl.SSLContext | None:
        """For a client of this gateway, which believes its certificate and no other."""
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None

    def url(self, path: str = "") -> str:
        """An address to connect to; `path` is below the base path, without a slash."""
        return f"{self.scheme}://127.0.0.1:{self.port}{self.base_path}{path}"

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """A connection of one's own; `source` is the client's address."""
        made = socket.create_connection(("127.0.0.1", self.port), 10, (source, 0))
        return self.tls.wrap_socket(made, server_hostname="127.0.0.1") if self.tls else made

    # ── start and stop ───────────────────────────────────────────────────────

    def start(self, *flags: str, timeout: float = START) -> None:
        file = self.folder / "hubgate.toml"
        file.write_text(toml(self.settings), "utf-8")
        for command in self.commands:
            self.processes.append(self.launch(command, "-c", str(file), *flags))
        self.await_ready(timeout)

    def launch(self, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `hubgate <command>`; its output goes to files in the folder."""
        with self.output(command, "out").open("ab") as out, self.output(command, "err").open("ab") as err:
            return subprocess.Popen(
                [*self.command, command, *arguments],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def run(self, *arguments: str, input: str = "", timeout: float = START) -> subprocess.CompletedProcess[str]:
        """A command beside the running gateway, such as `user add bob`, to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment(),
            input=input,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        mine = {key: value for key, value in os.environ.items() if not key.startswith(("HUBGATE_", "JUPYTER", "COV_"))}
        return mine | {"HOME": str(self.home), "PYTHONPATH": str(self.plugins)} | self.extra_env

    def await_ready(self, timeout: float) -> None:
        def ready() -> bool:
            for process in self.processes:
                if process.poll() is not None:
                    raise AssertionError(f"{process.args!r} ended with {process.returncode}\n{self.log()}")
            if self.commands == ("run",):
                found = re.search(r"^Hubgate is ready at https?://[^/]*:(\d+)/", self.printed(), re.MULTILINE)
                self.port = int(found[1]) if found else 0
                return found is not None
            self.port = int(self.settings["gateway"]["bind"].rpartition(":")[2])
            return self.healthy()

        eventually(ready, timeout, lambda: f"the gateway is not ready\n{self.printed()}\n{self.log()}")
        if found := re.search(r"^admin password: (\S+)$", self.printed(), re.MULTILINE):
            self.admin_password = found[1]

    def stop(self, timeout: float = 30) -> list[int]:
        """End it cleanly, prove that nothing of it is left, and give the exit codes."""
        try:
            for process in reversed(self.processes):
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            codes = [process.wait(timeout) for process in self.processes]
            eventually(lambda: not self.alive(), 2, lambda: f"left behind: {shown(self.alive())}\n{self.log()}")
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"not stopped after {timeout} s\n{self.log()}") from error
        finally:
            self.kill()
        return codes

    def kill(self) -> None:
        """Kill whatever is left, the hard way; only processes that carry our home."""
        for process in self.alive():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        for mine in self.processes:
            mine.wait(10)
        self.processes.clear()

    # ── looking inside, from outside ─────────────────────────────────────────

    def healthy(self) -> bool:
        try:
            verify = self.tls or True
            answer = httpx.get(self.url("hub/health"), headers={"Host": self.authority}, trust_env=False, verify=verify)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def pid(self, name: str) -> int:
        """From a run file: `supervisor`, `hub`, `worker-1`."""
        return int((self.data_dir / "run" / f"{name}.pid").read_text("ascii"))

    def alive(self) -> list[psutil.Process]:
        """All living processes of this gateway, user servers and kernels too."""
        return [process for process in psutil.process_iter() if self.owns(process)]

    def owns(self, process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE and process.environ().get("HOME") == str(self.home)
        except psutil.Error:
            return False

    def servers(self) -> list[psutil.Process]:
        """The living processes of users: servers and their kernels, told by the mark of the local spawner."""
        return [process for process in self.alive() if marked(process)]

    def output(self, command: str, stream: str) -> Path:
        return self.folder / f"{command}.{stream}"

    def printed(self) -> str:
        """All that went to stdout."""
        return "".join(self.output(command, "out").read_text("utf-8") for command in self.commands)

    def log(self, last: int = 8000) -> str:
        """The end of all that went to stderr."""
        return "\n".join(self.output(command, "err").read_text("utf-8", "replace")[-last:] for command in self.commands)


def marked(process: psutil.Process) -> bool:
    try:
        return "SERVER_START_ID" in process.environ()
    except psutil.Error:
        return False


def hubgate() -> list[str]:
    """The installed command, else the module of the interpreter that runs the tests."""
    script = Path(sys.executable).with_name("hubgate")
    return [str(script)] if script.exists() else [sys.executable, "-P", "-m", "gateway.cli"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def eventually[T](check: Callable[[], T], timeout: float, problem: Callable[[], str] | str = "it did not happen") -> T:
    """Ask again until the answer is true, and give it; else fail with `problem`."""
    deadline = time.monotonic() + timeout
    while not (answer := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout} s: {problem() if callable(problem) else problem}")
        time.sleep(0.05)
    return answer


def shown(processes: Iterable[psutil.Process]) -> str:
    """For a message: what each process is, and whose child."""
    return "".join(f"\n{p.pid} (of {p.ppid()}) {' '.join(p.cmdline())}" for p in processes if p.is_running())


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def toml(document: Mapping[str, Any]) -> str:
    """A TOML document; tables below a section are written inline."""
    lines = []
    for section, value in document.items():
        for table in value if isinstance(value, list) else [value]:
            lines.append(f"[[{section}]]" if isinstance(value, list) else f"[{section}]")
            lines += [f"{json.dumps(key)} = {literal(item)}" for key, item in table.items()]
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def plugin(gateway: Gateway, name: str, source: str) -> None:
    """Install a plugin for this gateway alone: a module, and metadata that names it."""
    (gateway.plugins / f"{name}.py").write_text(source, "utf-8")
    info = gateway.plugins / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[hubgate]\n{name} = {name}\n", "utf-8")
