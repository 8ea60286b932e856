"""What the local spawner knows of Jupyter. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

ALLOW_ROOT = "--allow-root"

PRIVATE_PATH = "api/status"
"""Asks for the token. `api`, where readiness is looked for, tells Jupyter's version to anybody."""

_APPS = ("lab", "labhub", "notebook", "nbclassic", "server")
_MODULES = ("jupyterlab", "notebook", "nbclassic", "jupyter_server", "jupyterhub.singleuser")
_HUB_AWARE = "jupyterhub-singleuser"


def with_allow_root(command: Sequence[str]) -> tuple[str, ...]:
    """`command` with `--allow-root` if it starts a Jupyter server, which else refuses to run as root."""
    if ALLOW_ROOT in command or not _is_server(list(command)):
        return tuple(command)
    return (*command, ALLOW_ROOT)


def _is_server(command: list[str]) -> bool:
    program, *arguments = command
    name = PurePath(program).name
    if name.startswith("python") and arguments[:1] == ["-m"]:
        name, *arguments = arguments[1:] or [""]
        if name in _MODULES:
            return True
    if name == "jupyter":
        return bool(arguments) and arguments[0] in _APPS
    return name == _HUB_AWARE or name in {f"jupyter-{app}" for app in _APPS}
