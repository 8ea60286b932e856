"""`jupyterhub-idle-culler` as it is, run by the gateway: it stops a server that nobody uses, and no other."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually

pytestmark = [pytest.mark.sockets, pytest.mark.conformance]

IDLE = 10
"""Seconds without use after which a server is stopped."""
PASSWORD = "a password of theirs"


@pytest.fixture
def python() -> str:
    """The interpreter of a virtual environment with JupyterHub and its culler, not ours."""
    found = os.environ.get("HUBGATE_JUPYTERHUB", "")
    if not found:
        pytest.skip("HUBGATE_JUPYTERHUB names no python that has jupyterhub-idle-culler")
    return found


@pytest.fixture
def gateway(tmp_path: Path, python: str) -> Iterator[Gateway]:
    command = [python, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}", "--cull-every=1"]
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    settings = {
        "services": [{"name": "culler", "command": command}],
        "roles": [{"name": "culler", "scopes": scopes, "services": ["culler"]}],
        "profiles": [echo.PROFILE],
    }
    with Gateway(tmp_path / "gw", settings) as gateway:
        yield gateway


def person(gateway: Gateway, name: str) -> Client:
    made = gateway.run("user", "add", name, "--password-stdin", "-c", "hubgate.toml", input=PASSWORD)
    assert made.returncode == 0, made.stderr
    client = Client(gateway)
    client.log_in(name, PASSWORD)
    client.start_server()
    return client


def stopped(owner: Client) -> bool:
    """A request that is open at the moment of the stop is cut off."""
    try:
        return owner.http.get(owner.server("api")).status_code == 424
    except httpx.TransportError:
        return False


def test_an_idle_server_is_stopped_and_a_busy_one_is_not(gateway: Gateway) -> None:
    with person(gateway, "idle") as idle, person(gateway, "busy") as busy:
        done, seen = threading.Event(), []

        def work() -> None:
            while not done.wait(0.5):
                seen.append(busy.http.get(busy.server("api")).status_code)

        working = threading.Thread(target=work)
        working.start()
        try:
            # A request of its own would be use: the culler's word and the page of its owner tell.
            eventually(lambda: "Culling server idle" in log(gateway), 60, lambda: log(gateway) + gateway.log())
            eventually(lambda: stopped(idle), 10, gateway.log)
            done.wait(3)  # some more rounds of the culler
        finally:
            done.set()
            working.join()
        assert seen and set(seen) == {200}
        assert busy.http.get(busy.server("api")).status_code == 200
        assert "Culling server busy" not in log(gateway)
        assert "HTTP 4" not in log(gateway)


def log(gateway: Gateway) -> str:
    path = gateway.data_dir / "logs/services/culler.log"
    return path.read_text("utf-8") if path.exists() else ""
