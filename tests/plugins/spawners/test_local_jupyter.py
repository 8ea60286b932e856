"""A stock JupyterLab: it starts, asks for its token, and its kernels end with it."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from gateway.model import Launch
from gateway.settings import LAB
from plugins.spawners import probe, procfs
from plugins.spawners.local import LocalSpawner
from tests.plugins.launches import Launches, ignore, pids, started, until

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.skipif(importlib.util.find_spec("jupyterlab") is None, reason="needs JupyterLab (the extra `lab`)"),
]


def ask(launch: Launch, path: str, body: dict[str, str] | None = None) -> Any:
    target = launch.server.target
    assert target is not None
    url = target.url + launch.base_url + path
    request = Request(url, headers={"Authorization": f"token {target.secret}"})
    if body is not None:
        request.data = json.dumps(body).encode()
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


async def ready(launch: Launch) -> None:
    target = launch.server.target
    assert target is not None
    port = int(target.url.rpartition(":")[2])
    async with asyncio.timeout(60):
        while True:
            try:
                if await probe.status(port, launch.base_url + launch.profile.ready_path) == 200:
                    return
            except OSError:
                await asyncio.sleep(0.2)


def sessions(launch: Launch) -> set[int]:
    """The server's own session and one for each kernel."""
    return {status.session for pid in pids(launch) if (status := procfs.status(pid))}


@pytest.fixture
def lab(launches: Launches, tmp_path: Path) -> Launch:
    """With a home of its own, so that the test depends on nobody's settings."""
    profile = LAB.value()
    env = {"JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    launch = launches(profile.command, auth=profile.auth, ready_path=profile.ready_path, env=env)
    return dataclasses.replace(launch, allow_root=True)


@pytest.mark.parametrize("now", [False, True], ids=["asked", "killed"])
async def test_kernels_end_with_their_server(spawner: LocalSpawner, lab: Launch, now: bool) -> None:
    launch = started(lab, await spawner.start(lab, ignore))
    await ready(launch)
    await spawner.check(launch)
    await asyncio.to_thread(ask, launch, "api/kernels", {"name": "python3"})
    await until(lambda: len(sessions(launch)) == 2)
    assert (await asyncio.to_thread(ask, launch, "api/status"))["kernels"] == 1
    assert await spawner.poll(launch) is None
    await spawner.stop(launch, now)
    assert pids(launch) == set()
    assert await spawner.poll(launch) == (-9 if now else 0)
