"""From a `Launch` to what is run: command, environment and folder, with nothing left to fill in."""

from __future__ import annotations

import json
import logging
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import StartFailed
from gateway.model import Launch
from plugins.spawners import environment, jupyter, placeholders
from plugins.spawners.account import Account
from plugins.spawners.launching import Order
from plugins.spawners.ports import LOOPBACK

logger = logging.getLogger(__name__)


def order(launch: Launch, port: int, who: Account, environ: Mapping[str, str]) -> Order:
    """`environ` is the gateway's own; `StartFailed` when the profile cannot be filled in."""
    server, profile = launch.server, launch.profile
    values = {
        "ip": LOOPBACK,
        "port": str(port),
        "base_url": launch.base_url,
        "prefix": launch.base_url.rstrip("/"),
        "username": server.user,
        "server_name": server.name,
        "home": who.home,
    }
    chosen = values | placeholders.chosen(profile, server)
    command = _command(launch, who, chosen)
    title = f"{server.full_name} start {server.generation}: {json.dumps(command, ensure_ascii=False)}"
    env = _environment(launch, who, environ, chosen)
    cwd = str(Path(who.home, placeholders.fill(profile.cwd, values)))
    return Order(command, env, cwd, Path(launch.log_file), title, who=who if who.other else None)


def _command(launch: Launch, who: Account, values: Mapping[str, str]) -> tuple[str, ...]:
    command = tuple(placeholders.argument(each, values) for each in launch.profile.command)
    if not command or not command[0]:
        raise StartFailed("The profile's command is empty", key="start-no-words")
    if not launch.allow_root or who.uid != 0:
        return command
    rooted = jupyter.with_allow_root(command)
    if rooted != command:
        name = launch.server.full_name
        logger.info("the gateway runs as root: added %s to the command of %s", jupyter.ALLOW_ROOT, name)
    return rooted


def _environment(launch: Launch, who: Account, environ: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    server, profile = launch.server, launch.profile
    passed = environment.passed(environ)
    if who.other:
        passed.pop("TMPDIR", None)  # the gateway's own, where nobody else may write
    own = (str(Path(sys.executable).parent), sysconfig.get_path("scripts"))
    env = {**passed, **who.variables(), "PATH": environment.search_path(own, passed.get("PATH", os.defpath))}
    if sys.prefix != sys.base_prefix:
        env["VIRTUAL_ENV"] = sys.prefix
    env |= launch.env
    if profile.auth == "jupyterhub":
        env[environment.SERVICE_URL] = f"http://{LOOPBACK}:{values['port']}{launch.base_url}"
    env |= environment.of_profile(profile, lambda text: placeholders.fill(text, values))
    if profile.auth == "token":
        if not server.secret:
            raise StartFailed("The server has no secret to ask for", key="start-no-secret")
        env[environment.TOKEN] = server.secret
    return env | environment.marks(server.start_id, values["port"])
