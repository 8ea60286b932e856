"""What dies comes back, and nobody who is working notices."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually

pytestmark = pytest.mark.sockets

BUSY = "import time\nfor number in range({count}):\n    print(number, flush=True)\n    time.sleep(0.05)\n"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), {"gateway": {"workers": 2}}) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        client.start_server()
        yield client


def await_new(gateway: Gateway, name: str, old: int, timeout: float) -> int:
    """The run file names another, living process."""

    def changed() -> int:
        try:
            pid = gateway.pid(name)
        except (FileNotFoundError, ValueError):
            return 0
        return pid if pid != old and Path(f"/proc/{pid}").exists() else 0

    return eventually(changed, timeout, lambda: f"{name} is not back\n{gateway.log()}")


def home_works(client: Client) -> bool:
    return client.page("hub/home").status_code == 200


def test_a_busy_kernel_outlives_two_restarts_of_the_hub(gateway: Gateway, client: Client) -> None:
    with client.kernel() as kernel:
        pids = kernel.execute("import os; print(os.getppid(), os.getpid())")
        request = kernel.send(BUSY.format(count=160))
        text = ""
        hub, steps = gateway.pid("hub"), [signal.SIGHUP, signal.SIGKILL]
        for message in kernel.messages(request):
            if message["header"]["msg_type"] == "stream":
                text += message["content"]["text"]
            printed = text.count("\n")
            if steps and printed >= (20 if len(steps) == 2 else 90):
                # SIGHUP goes to the supervisor, which restarts the hub; the other to the hub itself.
                step = steps.pop(0)
                os.kill(gateway.pid("supervisor") if step is signal.SIGHUP else hub, step)
                hub = await_new(gateway, "hub", hub, 10)
        assert text.split() == [str(number) for number in range(160)]
        eventually(lambda: home_works(client), 10, "the home page does not work again")
        assert kernel.execute("print(number)") == "159\n"
        assert kernel.execute("print(os.getppid(), os.getpid())") == pids
    assert {int(pid) for pid in pids.split()} <= {process.pid for process in gateway.servers()}


def test_a_killed_worker_is_back_and_no_connection_is_refused(gateway: Gateway) -> None:
    eventually(gateway.healthy, 10)
    old = gateway.pid("worker-1")
    os.kill(old, signal.SIGKILL)
    killed = time.monotonic()
    broken = 0
    while time.monotonic() < killed + 2:
        try:
            httpx.get(gateway.url("hub/health?worker=1"), headers={"Host": gateway.authority}, trust_env=False)
        except httpx.ConnectError:
            raise
        except httpx.TransportError:
            # It had been accepted by the worker that died; a refused one would be an error.
            broken += 1
    await_new(gateway, "worker-1", old, 0.5)
    assert broken <= 1
    eventually(gateway.healthy, 10)


def test_the_server_stops_cleanly_after_all_that(gateway: Gateway, client: Client) -> None:
    eventually(lambda: home_works(client), 10)
    client.stop_server()
    assert client.http.get(client.server("api")).status_code == 424


@pytest.mark.parametrize("when", ["the old hub leaves", "it has left", "the new one begins"])
def test_a_stop_finds_the_servers_though_the_hub_is_just_restarting(tmp_path: Path, when: str) -> None:
    with Gateway(tmp_path, {"profiles": [PROFILE]}) as gateway:
        with Client(gateway) as client:
            client.log_in()
            client.start_server()
        assert gateway.servers()
        hub, supervisor = gateway.pid("hub"), gateway.pid("supervisor")
        os.kill(supervisor, signal.SIGHUP)
        if when == "it has left":
            eventually(lambda: not Path(f"/proc/{hub}").exists(), 20)
        if when == "the new one begins":  # and does not know yet what runs
            await_new(gateway, "hub", hub, 20)
        os.kill(supervisor, signal.SIGTERM)
        assert gateway.processes[0].wait(60) == 0
        assert gateway.servers() == []
