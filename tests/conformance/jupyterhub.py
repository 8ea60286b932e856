"""A real JupyterHub with its own proxy, for a test: processes, folder and ports of its own.

It runs in an environment of its own, since it cannot be installed beside mitmproxy.
`HUBGATE_JUPYTERHUB` names that environment's Python and `HUBGATE_CHP` the command of
configurable-http-proxy; `make test-conformance` makes both.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import pytest

from tests.conformance import world
from tests.integration.harness import eventually, free_port, shown

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("HUBGATE_JUPYTERHUB", ROOT / ".venv-jupyterhub/bin/python"))
PROXY = Path(os.environ.get("HUBGATE_CHP", ROOT / "node_modules/.bin/configurable-http-proxy"))
START = 60.0


def needed() -> None:
    """Skip, saying what to do, where JupyterHub is not installed."""
    for part in (PYTHON, PROXY):
        if not part.exists():
            pytest.skip(f"{part} is missing: `make test-conformance` installs JupyterHub and its proxy")
    if not shutil.which("node"):
        pytest.skip("JupyterHub's proxy needs node")


class JupyterHub:
    """One JupyterHub behind configurable-http-proxy, on loopback."""

    def __init__(self, folder: Path, more: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.port, self.token = free_port(), secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None
        self.world: dict[str, Any] = {
            "port": self.port,
            "hub_port": free_port(),
            "proxy": str(PROXY.resolve()),
            "proxy_port": free_port(),
            "database": f"sqlite:///{folder}/jupyterhub.sqlite",
            "cookie_secret": str(folder / "cookie_secret"),
            "admin": world.ADMIN,
            "token": self.token,
            "password": world.PASSWORD,
            "services": [dict(service) for service in world.SERVICES],
            "roles": [dict(role) for role in world.ROLES],
            "servers_per_user": world.SERVERS_PER_USER,
            "homes": str(self.home),
            "profiles": {name: world.command(name) for name in world.PROFILES},
        } | dict(more or {})

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        inherited = {key: os.environ[key] for key in ("LANG", "LC_ALL", "TZ") if key in os.environ}
        path = f"{PYTHON.parent}:{os.environ.get('PATH', '')}"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [PYTHON, "-m", "jupyterhub", "-f", str(Path(__file__).with_name("jupyterhub_config.py"))],
                cwd=self.folder,
                env=inherited
                | {
                    "HOME": str(self.home),
                    "PATH": path,
                    "CONFORMANCE": json.dumps(self.world),
                    "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(self.ready, START, lambda: f"JupyterHub is not ready\n{self.log()}")

    def ready(self) -> bool:
        assert self.process
        if self.process.poll() is not None:
            raise AssertionError(f"JupyterHub ended with {self.process.returncode}\n{self.log()}")
        try:
            answer = httpx.get(f"{self.origin}/hub/api", trust_env=False, timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def stop(self) -> None:
        """End it, its proxy and its servers; prove that nothing is left."""
        assert self.process
        try:
            self.process.terminate()
            self.process.wait(30)
            eventually(lambda: not self.alive(), 5, lambda: f"left behind: {shown(self.alive())}")
        finally:
            self.kill()

    def kill(self) -> None:
        for process in self.alive():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        if self.process:
            self.process.wait(10)

    def alive(self) -> list[psutil.Process]:
        """All living processes of this hub: its proxy and servers carry its folder in `HOME` or their command."""
        return [process for process in psutil.process_iter() if self.owns(process)]

    def owns(self, process: psutil.Process) -> bool:
        try:
            home = process.environ().get("HOME", "")
            return process.status() != psutil.STATUS_ZOMBIE and Path(home).is_relative_to(self.home)
        except psutil.Error:
            return False

    def log(self, last: int = 8000) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")[-last:]
