"""`kill -9` of the hub at each step of a start: an adopted server is left, or none, and never two.

A spawner of the test's own does what the local one does, and kills the process
that it runs in (the hub) at the step that a file names, once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, plugin

pytestmark = pytest.mark.sockets

KILLER = """
import asyncio, os, signal
from pathlib import Path
from gateway.hookspecs import hookimpl
from plugins.spawners.local import LocalSpawner

STEP = Path(os.environ["HOME"], "kill-at")

def die_at(step):
    if STEP.exists() and STEP.read_text() == step:
        STEP.unlink()
        os.kill(os.getpid(), signal.SIGKILL)

class Killer(LocalSpawner):
    name = "killer"

    async def start(self, launch, report):
        die_at("before the fork")
        target = await super().start(launch, report)
        die_at("after the fork")
        return target

    async def died(self, launch):
        if launch.server.state == "booting":
            die_at("before it is asked whether it is ready")
        return await super().died(launch)

    async def check(self, launch):
        await super().check(launch)
        die_at("before it is called ready")

    async def stop(self, launch, now):
        die_at("before it is stopped")
        await super().stop(launch, now)
        die_at("after it was stopped")

@hookimpl
def gateway_spawners():
    return {"killer": Killer}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {"spawner": {"plugin": "killer"}, "profiles": [echo.PROFILE]}
    made = Gateway(tmp_path_factory.mktemp("gw"), settings)
    plugin(made, "killer", KILLER)
    with made:
        yield made


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        yield client


def dies_at(gateway: Gateway, step: str) -> int:
    (gateway.home / "kill-at").write_text(step)
    return gateway.pid("hub")


def await_next_hub(gateway: Gateway, client: Client, old: int) -> None:
    """Another hub answers, so it has adopted what there was."""

    def answers() -> bool:
        try:
            return gateway.pid("hub") != old and client.page("hub/home").status_code == 200
        except (FileNotFoundError, ValueError):
            return False

    eventually(answers, 30, lambda: f"no hub\n{gateway.log()}")
    assert not (gateway.home / "kill-at").exists(), "the step was never reached"


def status(client: Client) -> int:
    return client.http.get(client.server("where")).status_code


@pytest.mark.parametrize(
    ("step", "adopted"),
    [
        ("before the fork", False),
        ("after the fork", True),
        ("before it is asked whether it is ready", True),
        ("before it is called ready", True),
    ],
)
def test_killed_while_it_starts(gateway: Gateway, client: Client, step: str, adopted: bool) -> None:
    old = dies_at(gateway, step)
    client.ask_start()
    await_next_hub(gateway, client, old)
    if adopted:
        eventually(lambda: status(client) == 200, 30, lambda: f"{status(client)}\n{gateway.log()}")
        assert len(gateway.servers()) == 1
    else:
        assert status(client) == 424
        assert gateway.servers() == []
        client.start_server()
        assert len(gateway.servers()) == 1
    client.stop_server()
    eventually(lambda: status(client) == 424, 10)


@pytest.mark.parametrize("step", ["before it is stopped", "after it was stopped"])
def test_killed_while_it_stops(gateway: Gateway, client: Client, step: str) -> None:
    client.start_server()
    old = dies_at(gateway, step)
    client.submit(f"hub/stop/{client.user}", {}, form="hub/home")
    await_next_hub(gateway, client, old)
    eventually(lambda: gateway.servers() == [], 30, lambda: f"{gateway.servers()}\n{gateway.log()}")
    eventually(lambda: status(client) == 424, 10)
