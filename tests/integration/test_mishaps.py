"""Bad input and broken surroundings: one clear message, the right exit code or page, nothing left behind."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually

pytestmark = pytest.mark.sockets

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
DYING = [sys.executable, "-c", "import sys; print('no licence found'); sys.exit(3)"]


def refused(gateway: Gateway, code: int, *words: str) -> str:
    """`hubgate run` ends by itself with that exit code, says why, and leaves nothing running."""
    process = gateway.launch("run", "-c", str(gateway.folder / "hubgate.toml"))
    try:
        assert process.wait(20) == code, gateway.log()
        told = gateway.output("run", "err").read_text("utf-8")
        assert "Traceback" not in told, told
        for word in words:
            assert word in told, told
        assert "ready at" not in gateway.output("run", "out").read_text("utf-8")
        eventually(lambda: not gateway.alive(), 2, lambda: f"left behind: {gateway.alive()}")
        assert not list((gateway.data_dir / "run").glob("*.pid"))
        return told
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def written(tmp_path: Path, text: str) -> Gateway:
    gateway = Gateway(tmp_path)
    (tmp_path / "hubgate.toml").write_text(text, "utf-8")
    return gateway


SETTINGS = {
    "broken TOML": ("[gateway\nbind = 1", ("hubgate.toml", "line 1")),
    "unknown key": ('[gateway]\nbnid = "127.0.0.1:0"', ("gateway.bnid", "bind")),
    "unknown authenticator": ('[authenticator]\nplugin = "natve"', ("natve", "native")),
    "unknown spawner": ('[spawner]\nplugin = "lcal"', ("lcal", "local")),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_that_cannot_be_used(tmp_path: Path, case: str) -> None:
    text, words = SETTINGS[case]
    refused(written(tmp_path, text), 2, *words)


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused(written(tmp_path, f'[gateway]\nbind = "{address}"\ndata_dir = "data"'), 1, address, "in use")


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("")
    refused(written(tmp_path, '[gateway]\nbind = "127.0.0.1:0"\ndata_dir = "occupied"'), 1, "occupied")


def test_a_disk_that_is_full_for_the_database(tmp_path: Path) -> None:
    with small_disk(tmp_path) as small:
        url = f"sqlite:{small / 'hubgate.sqlite'}"
        text = f'[gateway]\nbind = "127.0.0.1:0"\ndata_dir = "data"\n[store]\nurl = "{url}"'
        gateway = written(tmp_path, text)
        fill(small / "filler")
        refused(gateway, 1, "database", "the disk is full")


# ── servers that cannot start ────────────────────────────────────────────────


def profile(name: str, command: list[str], **more: Any) -> Mapping[str, Any]:
    return {"name": name, "command": command, "auth": "none", "ready_path": "", **more}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    profiles = [
        profile("absent", ["no-such-program-anywhere"]),
        profile("folderless", SLEEPER, cwd="/no/such/folder"),
        profile("dying", DYING),
        profile("silent", SLEEPER),
    ]
    settings = {"spawner": {"start_timeout": 3, "stop_timeout": 3}, "profiles": profiles}
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        yield client


FAILURES = {
    "absent": "no-such-program-anywhere",
    "folderless": "/no/such/folder",
    "dying": "no licence found",
    "silent": "3 seconds",
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_server_that_cannot_start_says_why(gateway: Gateway, client: Client, name: str) -> None:
    client.ask_start(profile=name)
    told = eventually(lambda: failure(client), 15, lambda: f"no failure is shown\n{gateway.log()}")
    assert FAILURES[name] in told
    eventually(lambda: not gateway.servers(), 5, lambda: f"left behind: {gateway.servers()}\n{gateway.log()}")
    assert client.http.get("user/admin/").status_code == 424


def failure(client: Client) -> str:
    """The progress page's text once the start has ended; "" before."""
    page = client.page("hub/spawn-pending/admin")
    assert page.status_code in (200, 500), page.text
    return page.text if page.status_code == 500 or "did not start" in page.text else ""


def test_a_full_disk_while_it_runs_is_an_answer_and_no_crash(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path) as small,
        Gateway(tmp_path, {"store": {"url": f"sqlite:{small / 'hubgate.sqlite'}"}}) as gateway,
        Client(gateway) as client,
    ):
        hub = gateway.pid("hub")
        fill(small / "filler")
        page = client.page("hub/login")
        assert page.status_code == 200
        answer = client.http.post("hub/login", data=form(page.text), headers={"Origin": gateway.origin})
        assert answer.status_code == 503, (answer.status_code, answer.text[:300])
        (small / "filler").unlink()
        client.log_in()
        assert gateway.pid("hub") == hub


@contextmanager
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a file system of 1 MB."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield small
    finally:
        subprocess.run(["umount", str(small)], check=True)


def fill(filler: Path) -> None:
    """Write until the disk is full."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def form(page: str) -> dict[str, str]:
    xsrf = page.split('name="_xsrf" value="', 1)[1].split('"', 1)[0]
    return {"username": "admin", "password": "not this one", "_xsrf": xsrf}
