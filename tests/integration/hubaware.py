"""JupyterHub's own servers behind a gateway, each from an environment of its own: where they are, and how they start.

`HUBGATE_JUPYTERHUB` names the Python of JupyterHub 6.1, `HUBGATE_JUPYTERHUB_5` that of 5.4;
`make jupyterhub` makes both environments.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually

PASSWORD = "a password of theirs"
PYTHONS = {"6.1": "HUBGATE_JUPYTERHUB", "5.4": "HUBGATE_JUPYTERHUB_5"}


def python(version: str = "6.1") -> Path:
    """The interpreter of an environment with that JupyterHub, not ours."""
    found = Path(os.environ.get(PYTHONS[version], ""))
    if not found.is_file():
        pytest.skip(f"{PYTHONS[version]} names no python with JupyterHub {version}: `make jupyterhub` installs it")
    return found


def profile(name: str, version: str = "6.1", program: str = "jupyterhub-singleuser", **more: Any) -> dict[str, Any]:
    """A profile that starts JupyterHub's own server; it tells its activity every second."""
    command = [str(python(version).with_name(program)), *more.pop("arguments", ())]
    # All have one home here, and JupyterLab shows each of them what the last one has left open.
    env = {"JUPYTERLAB_WORKSPACES_DIR": "{home}/workspaces-{username}", "JUPYTERHUB_ACTIVITY_INTERVAL": "1"}
    env |= more.pop("env", {})
    return {"name": name, "command": command, "auth": "jupyterhub", "env": env, **more}


def bare(name: str = "bare", *arguments: str) -> dict[str, Any]:
    """The same without JupyterLab, which starts sooner."""
    return profile(name, env={"JUPYTERHUB_SINGLEUSER_APP": "jupyter-server"}, arguments=arguments)


def settings(*profiles: dict[str, Any], users: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {
        "authenticator": {
            "plugin": "dummy",
            "dummy": {"password": PASSWORD},
            "admin_users": ["admin"],
            "allowed_users": list(users),
        },
        "spawner": {"start_timeout": 180},
        "profiles": list(profiles),
        **more,
    }


def output(gateway: Gateway, user: str) -> str:
    """What a user's server wrote."""
    path = gateway.data_dir / f"logs/servers/{user}.log"
    return path.read_text("utf-8", "replace") if path.exists() else ""


def start(client: Client, profile: str = "") -> None:
    """Start my server, and wait until it is there."""
    client.ask_start(profile=profile)

    def ready() -> bool:
        server = _server(client)
        assert server, output(client.gateway, client.user) + client.gateway.log()
        return bool(server["ready"])

    eventually(ready, 180, lambda: output(client.gateway, client.user) + client.gateway.log())


def stop(client: Client) -> None:
    assert client.submit(f"hub/stop/{client.user}", {}, "hub/home").status_code == 302
    eventually(lambda: not _server(client), 60, client.gateway.log)


def _server(client: Client) -> dict[str, Any]:
    """My server as the hub sees it; {} when it is stopped. The gate bears no many questions for one that is."""
    found: dict[str, Any] = client.http.get(f"hub/api/users/{client.user}").json()["servers"].get("", {})
    return found
