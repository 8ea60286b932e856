from __future__ import annotations

import pytest

from gateway.settings import LAB
from plugins.spawners import jupyter


@pytest.mark.parametrize(
    "command",
    [
        "jupyter lab --x",
        "/opt/venv/bin/jupyter lab",
        "jupyter notebook",
        "jupyter-lab --x",
        "/opt/venv/bin/jupyter-server",
        "python -m jupyterlab",
        "/usr/bin/python3.13 -m jupyter lab",
        "/opt/hub/bin/jupyterhub-singleuser --x",
        "jupyter-labhub",
        "python -m jupyterhub.singleuser",
    ],
)
def test_jupyter_servers_are_allowed_root(command: str) -> None:
    words = command.split()
    assert jupyter.with_allow_root(words) == (*words, "--allow-root")


@pytest.mark.parametrize(
    "command",
    [
        "jupyter nbconvert x",
        "jupyter",
        "code-server",
        "python -m http.server",
        "python -m",
        "python jupyter lab",
        "jupyter-kernelspec list",
        "jupyter lab --allow-root --x",
    ],
)
def test_other_commands_stay_as_they_are(command: str) -> None:
    words = command.split()
    assert jupyter.with_allow_root(words) == tuple(words)


def test_the_default_profile_is_one() -> None:
    assert jupyter.with_allow_root(LAB.command)[-1] == "--allow-root"
