"""Hubgate with the same world as JupyterHub: `world.py` as its settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conformance import world
from tests.integration.harness import Gateway, merged

ADDRESS = ("{ip}", "{port}")


def settings() -> dict[str, Any]:
    return {
        "authenticator": {
            "plugin": "dummy",
            "allow_all": True,
            "admin_users": [world.ADMIN],
            "dummy": {"password": world.PASSWORD},
        },
        "spawner": {"servers_per_user": world.SERVERS_PER_USER},
        "traffic": {"access_log": False},
        "profiles": [
            {
                "name": name,
                "command": world.command(name, *ADDRESS),
                "auth": "jupyterhub" if name == "aware" else "none",
            }
            for name in world.PROFILES
        ],
        "services": [dict(service) for service in world.SERVICES],
        "roles": [dict(role) for role in world.ROLES],
    }


def gateway(folder: Path, more: Mapping[str, Any] | None = None) -> Gateway:
    return Gateway(folder, merged(settings(), more or {}))


def admin_token(running: Gateway) -> str:
    """A token of the admin, who has not logged in yet."""
    running.run("user", "add", world.ADMIN, "--admin", "--password-stdin", input=f"{world.PASSWORD}\n")
    made = running.run("token", world.ADMIN)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()
