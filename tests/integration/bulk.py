"""A gateway for tests with much traffic: alice and bob, one server each (`bulkserver.py`), and named
servers `flow`, whose requests take the flow lane."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.integration.client import Client
from tests.integration.harness import Gateway, plugin
from tests.integration.hostile import PASSWORD

LONG = os.environ.get("HUBGATE_LONG") == "1"
"""The long forms of these tests; `make soak` sets it."""
MIB = 1 << 20
SERVER = Path(__file__).with_name("bulkserver.py")
PROFILE = {"name": "bulk", "command": [sys.executable, str(SERVER), "{ip}", "{port}", "{base_url}"], "auth": "none"}
ADDON = """
from gateway.hookspecs import Addon, Match, hookimpl


class Watch:
    def response(self, flow):
        pass

    def websocket_message(self, flow):
        pass


@hookimpl
def gateway_addons():
    names = ("alice", "bob")
    return [Addon(name=f"watch-{name}", match=Match(path=f"/user/{name}/flow/"), addon=Watch()) for name in names]
"""


class Bulk:
    """The gateway under test, and who is logged in there."""

    def __init__(self, gateway: Gateway, people: Mapping[str, Client]) -> None:
        self.gateway = gateway
        self.people = people
        self._tokens: dict[str, str] = {}

    def token(self, user: str) -> str:
        if user not in self._tokens:
            made = self.gateway.run("token", user)
            assert made.returncode == 0, made.stderr
            self._tokens[user] = made.stdout.strip()
        return self._tokens[user]

    def bearer(self, user: str = "alice") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(user)}"}

    def command(self, act: str) -> None:
        """Run `act(hub)` in another process that opens the same store, as the gateway's commands do."""
        source = (
            "from pathlib import Path\nfrom gateway.commands.opened import with_hub\n"
            "from gateway.commands.options import settings\n"
            f"{act}\nasync def run(hub):\n    await act(hub)\n"
            'with_hub(settings(Path("hubgate.toml"), None), run)\n'
        )
        folder, environment = self.gateway.folder, self.gateway.environment()
        done = subprocess.run(
            [sys.executable, "-P", "-c", source],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def path(self, what: str, lane: str = "express", user: str = "alice") -> str:
        return f"/user/{user}/{'flow/' if lane == 'flow' else ''}{what}"

    def workers(self) -> list[psutil.Process]:
        count = int(self.gateway.settings["gateway"].get("workers", 1))
        return [psutil.Process(self.gateway.pid(f"worker-{number}")) for number in range(1, count + 1)]

    def hub(self) -> psutil.Process:
        return psutil.Process(self.gateway.pid("hub"))


@contextmanager
def bulk(
    folder: Path, *, workers: int = 1, start: bool = True, settings: Mapping[str, Any] | None = None
) -> Iterator[Bulk]:
    more = dict(settings or {})
    gateway = Gateway(
        folder,
        {
            "gateway": {"workers": workers, **more.pop("gateway", {})},
            "authenticator": {
                "plugin": "dummy",
                "admin_users": ["admin"],
                "allowed_users": ["alice", "bob"],
                "dummy": {"password": PASSWORD},
            },
            "profiles": [PROFILE],
            **more,
        },
    )
    plugin(gateway, "watching", ADDON)
    with gateway, contextlib.ExitStack() as stack:
        people = {name: stack.enter_context(Client(gateway)) for name in ("admin", "alice", "bob")}
        for name, client in people.items():
            client.log_in(name, PASSWORD)
        if start:
            for name in ("alice", "bob"):
                for server in ("", "flow"):
                    people[name].ask_start(server)
            for name in ("alice", "bob"):
                for server in ("", "flow"):
                    people[name].await_server(server)
        yield Bulk(gateway, people)


class Growth:
    """Samples the memory of processes while a block runs; `most` is the largest growth of one, in bytes."""

    def __init__(self, *processes: psutil.Process) -> None:
        self._before = [(process, process.memory_info().rss) for process in processes]
        self.most = 0

    def look(self) -> None:
        for process, before in self._before:
            self.most = max(self.most, process.memory_info().rss - before)
