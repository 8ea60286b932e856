"""A server is a process of the gateway's own user, and nothing is around it.

What is known of it is kept by its start id, because a hub that is killed in the
middle of a start knows nothing else. Limits are not enforced, so a profile that has
some is refused. Linux only: a process is told by its pid and the moment it began.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from gateway.errors import StartFailed
from gateway.hookspecs import Report, Spawner
from gateway.model import Launch, Profile, Target

GRACE = 10.0
"""Seconds between asking a server to end and killing it."""
PASSED_ON = ("PATH", "HOME", "LANG", "TZ")
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}|\{(\w+)\}")


class Plain(Spawner):
    name = "plain"

    _children: ClassVar[dict[int, subprocess.Popen[bytes]]] = {}
    """Of this process, whichever instance has started them: only their parent can bury them."""

    def mistakes(self, profile: Profile) -> Sequence[str]:
        if profile.memory or profile.cpu_seconds or profile.open_files:
            return ["memory, cpu_seconds, open_files: the spawner 'plain' enforces no limits"]
        return []

    async def start(self, launch: Launch, report: Report) -> Target:
        if wrong := self.mistakes(launch.profile):
            raise StartFailed(wrong[0])
        report(10, "Starting a process")
        port = free_port()
        child = spawned(launch, port)
        try:
            self._children[child.pid] = child
            state = {"pid": child.pid, "began": began(child.pid), "url": f"http://127.0.0.1:{port}"}
            await self.storage.put(launch.server.start_id, state)
        except BaseException:  # cancelled, or the storage is away: nothing may be left
            await self._end(child.pid, now=True)
            raise
        return target(launch, state)

    async def poll(self, launch: Launch) -> int | None:
        state = await self._state(launch)
        return 0 if state is None else self._code(state)

    async def stop(self, launch: Launch, now: bool) -> None:
        state = await self._state(launch)
        if state is not None and self._code(state) is None:
            await self._end(state["pid"], now)
        await self.storage.delete(launch.server.start_id)

    async def adopt(self, launch: Launch) -> Target | None:
        state = await self._state(launch)
        if state is None or self._code(state) is not None:
            return None
        return target(launch, state)

    async def died(self, launch: Launch) -> int:
        while (code := await self.poll(launch)) is None:
            await asyncio.sleep(0.2)
        return code

    # ── inside ───────────────────────────────────────────────────────────────

    async def _state(self, launch: Launch) -> dict[str, Any] | None:
        kept = await self.storage.get(launch.server.start_id)
        return kept if isinstance(kept, dict) else None

    def _code(self, state: Mapping[str, Any]) -> int | None:
        """None while it runs."""
        if (child := self._children.get(state["pid"])) is not None and (code := child.poll()) is not None:
            del self._children[state["pid"]]
            return code
        return None if began(state["pid"]) == state["began"] else 0

    async def _end(self, pid: int, now: bool) -> None:
        """The process and all of its group."""
        first = began(pid)
        until = asyncio.get_running_loop().time() + (0 if now else GRACE)
        signal_group(pid, signal.SIGKILL if now else signal.SIGTERM)
        while began(pid) == first and first:
            if asyncio.get_running_loop().time() > until:
                signal_group(pid, signal.SIGKILL)
            await asyncio.sleep(0.02)
        signal_group(pid, signal.SIGKILL)
        if (child := self._children.pop(pid, None)) is not None:
            child.wait()  # it is dead, and now buried


def spawned(launch: Launch, port: int) -> subprocess.Popen[bytes]:
    """The process, its output in the server's log."""
    profile = launch.profile
    words = {
        "ip": "127.0.0.1",
        "port": str(port),
        "base_url": launch.root,
        "prefix": launch.base_url,
        "username": launch.server.user,
        "server_name": launch.server.name,
        "home": str(Path.home()),
        **{f"opt_{option.name}": "" for option in profile.options},
        **{f"opt_{name}": str(value) for name, value in launch.server.options.items()},
    }
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    env |= {name: filled(value, words) for name, value in profile.env.items()}
    env["SERVER_START_ID"] = launch.server.start_id  # by which the gateway tells a server's processes
    if profile.auth == "token":
        env["JUPYTER_TOKEN"] = launch.server.secret
    log_file = Path(launch.log_file)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log_file.open("ab") as log:
            return subprocess.Popen(
                [filled(argument, words) for argument in profile.command],
                cwd=profile.cwd or Path.home(),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except (OSError, ValueError) as error:
        raise StartFailed(f"The server could not be started: {error}") from None


def filled(text: str, words: Mapping[str, str]) -> str:
    """Placeholders, each once: what is filled in is not looked at again."""
    return PLACEHOLDER.sub(
        lambda found: "{" + found[1] + "}" if found[1] else words.get(found[2], found[0]), text
    ).replace("\0", "")


def target(launch: Launch, state: dict[str, Any]) -> Target:
    return Target(state["url"], launch.server.secret if launch.profile.auth == "token" else "", state)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def began(pid: int) -> str:
    """When the process began, as the kernel counts; "" if it is not there, or dead and not buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
