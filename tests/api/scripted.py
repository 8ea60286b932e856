"""A spawner that does what the profile's name says, and starts no process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import StartFailed
from gateway.hookspecs import Report, Spawner, hookimpl
from gateway.model import Launch, Target

PROFILES = [
    {"name": "quick", "display_name": "Quick & <b>bold</b>", "command": ["quick"]},
    {"name": "slow", "display_name": "Slow", "command": ["slow"]},
    {"name": "bad", "display_name": "Bad", "command": ["bad"]},
    {
        "name": "form",
        "display_name": "With a form",
        "description": "It asks <i>first</i>.",
        "command": ["quick", "{opt_folder}"],
        "options": [
            {"name": "folder", "default": "a & <b>", "required": True, "help": "Where <i>it</i> works", "max": 20},
            {"name": "workers", "type": "number", "min": 1, "max": 8, "default": 2},
            {"name": "share", "type": "number", "step": 0},
            {"name": "debug", "type": "boolean"},
            {"name": "size", "type": "choice", "choices": {"s": "Small & <b>", "l": "Large"}},
        ],
    },
    {"name": "aware", "display_name": "Hub-aware", "command": ["quick"], "auth": "jupyterhub"},
    {"name": "secret", "display_name": "For students", "command": ["quick"], "groups": ["students"]},
]
MARKUP = "<script>alert('x')</script> & \"quotes\" {{ 7*7 }} {% raw %}"
"""What a hostile name, message or log may hold."""


class Scripted(Spawner):
    name = "scripted"

    async def start(self, launch: Launch, report: Report) -> Target:
        report(20, f"Working on it {MARKUP}")
        match launch.profile.command[0]:
            case "slow":
                await asyncio.sleep(3600)
            case "bad":
                log = Path(launch.log_file)
                log.parent.mkdir(parents=True, exist_ok=True)
                log.write_text(f"the last words\n\x1b[31m{MARKUP}\x1b[0m\n", "utf-8")
                raise StartFailed(f"It would not: {MARKUP}")
        return Target("http://127.0.0.1:9", launch.server.secret, {"running": True})

    async def poll(self, launch: Launch) -> int | None:
        return None

    async def stop(self, launch: Launch, now: bool) -> None:
        pass

    async def adopt(self, launch: Launch) -> Target | None:
        return launch.server.target


class Plugin:
    @hookimpl
    def gateway_spawners(self) -> Mapping[str, type[Spawner]]:
        return {"scripted": Scripted}
