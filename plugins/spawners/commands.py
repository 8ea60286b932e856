"""The administrator's own commands around a server: before its start and after its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gateway.errors import StartFailed
from gateway.model import Launch
from plugins.spawners import placeholders
from plugins.spawners.launching import open_log

NAMES = ("username", "server_name", "profile")
"""What may be filled in: known before there is a home, and after there is a server."""


def mistake(command: Sequence[str]) -> str:
    """What is wrong with a command of the settings; "" if nothing."""
    try:
        filled = _filled(command, dict.fromkeys(NAMES, "x"))
    except StartFailed as error:
        return error.message.removeprefix("The profile has ")
    return "the name of a program first" if filled and not filled[0] else ""


async def run(what: str, command: Sequence[str], launch: Launch, env: Mapping[str, str], seconds: float | None) -> int:
    """Its exit code. Its output goes to the server's log; it ends with its whole group when its time is over.

    `StartFailed` if it cannot be run, `TimeoutError` after `seconds`.
    """
    server = launch.server
    words = _filled(command, {"username": server.user, "server_name": server.name, "profile": launch.profile.name})
    title = f"{server.full_name} {what}: {json.dumps(words, ensure_ascii=False)}"
    log = await asyncio.to_thread(open_log, Path(launch.log_file), title)
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd="/",
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    except OSError as error:
        raise StartFailed(
            f"{what} ({words[0]}) cannot be run: {error.strerror}",
            key="start-command",
            about={"what": what, "command": words[0], "why": error.strerror or ""},
        ) from error
    finally:
        os.close(log)
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _filled(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(placeholders.argument(word, values) for word in command)
