"""Who answers on the port, with real servers, strangers, and servers that ask nobody for anything."""

from __future__ import annotations

import logging
import socket
import sys

import pytest

from gateway.errors import StartFailed
from gateway.model import Launch
from plugins.spawners import probe
from plugins.spawners.local import LocalSpawner
from tests.plugins.launches import GUARDED, IDLE, WEB, Launches, ignore, listens, python, shell, started

pytestmark = pytest.mark.sockets

OPEN = (sys.executable, "-m", "http.server", "--bind", "0.0.0.0", "{port}")


async def run(spawner: LocalSpawner, launch: Launch) -> Launch:
    target = await spawner.start(launch, ignore)
    await listens(target)
    return started(launch, target)


async def test_a_server_that_is_not_there_is_not_ready(spawner: LocalSpawner, launches: Launches) -> None:
    with pytest.raises(StartFailed, match="not running"):
        await spawner.check(launches(WEB))


async def test_a_server_that_does_not_listen_is_not_ready(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE)
    launch = started(launch, await spawner.start(launch, ignore))
    with pytest.raises(StartFailed, match=r"does not listen on 127\.0\.0\.1:\d+, the port it was given"):
        await spawner.check(launch)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
async def test_a_stranger_on_the_port_is_found(spawner: LocalSpawner, launches: Launches, address: str) -> None:
    launch = launches(IDLE)
    target = await spawner.start(launch, ignore)
    port = int(target.url.rpartition(":")[2])
    with (
        socket.create_server((address, port)),
        pytest.raises(StartFailed, match=f"Another process answers on port {port}"),
    ):
        await spawner.check(started(launch, target))


async def test_a_stranger_beside_the_server_is_found(spawner: LocalSpawner, launches: Launches) -> None:
    """Of two that share the port, the kernel would choose."""
    sharing = """
import socket, sys, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
time.sleep(300)
"""
    launch = await run(spawner, launches(python(sharing, "{port}")))
    await spawner.check(launch)
    target = launch.server.target
    assert target is not None
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        stranger.bind(("127.0.0.1", int(target.url.rpartition(":")[2])))
        stranger.listen()
        with pytest.raises(StartFailed, match="Another process"):
            await spawner.check(launch)


async def test_a_descendant_may_be_the_one_that_listens(spawner: LocalSpawner, launches: Launches) -> None:
    command = shell(f"setsid {' '.join(WEB)} & wait")
    await spawner.check(await run(spawner, launches(command)))


async def test_a_server_that_is_open_to_the_network_is_reported(
    spawner: LocalSpawner, launches: Launches, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await spawner.check(await run(spawner, launches(WEB)))
        assert caplog.text == ""
        await spawner.check(await run(spawner, launches(OPEN)))
    assert "server alice/ listens on 0.0.0.0 port" in caplog.text
    assert "profile 'test' should say {ip}" in caplog.text


async def test_a_server_that_asks_for_its_secret_is_ready(spawner: LocalSpawner, launches: Launches) -> None:
    await spawner.check(await run(spawner, launches(python(GUARDED, "{port}"), auth="token")))


async def test_jupyters_public_page_is_no_sign_of_a_missing_secret(spawner: LocalSpawner, launches: Launches) -> None:
    command = python(GUARDED, "{port}", "{base_url}api")
    await spawner.check(await run(spawner, launches(command, auth="token")))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(python(GUARDED, "{port}", "{base_url}api", "{base_url}api/status"), id="status is public too"),
        pytest.param(WEB, id="no Jupyter"),
    ],
)
async def test_a_server_that_asks_nobody_is_not_ready(
    spawner: LocalSpawner, launches: Launches, command: tuple[str, ...]
) -> None:
    launch = launches(command, auth="token", ready_path="api" if "-c" in command else "", base_url="/")
    with pytest.raises(StartFailed, match=r'answers without its secret.*auth = "none"'):
        await spawner.check(await run(spawner, launch))


async def test_a_server_that_dies_meanwhile_is_not_ready(
    spawner: LocalSpawner, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "SECONDS", 0.2)
    deaf = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(300)"
    launch = await run(spawner, launches(python(deaf, "{port}"), auth="token"))
    with pytest.raises(StartFailed, match="stopped answering while it was checked"):
        await spawner.check(launch)
