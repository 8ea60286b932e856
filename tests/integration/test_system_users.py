"""Servers as the system's users, through a whole gateway that runs as root: two people who cannot see each other."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually

PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin") or ""

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start servers of other users"),
    pytest.mark.skipif(not (shutil.which("useradd") and PYTHON), reason="needs useradd and a Python for everybody"),
]

PASSWORD = "a password that is long enough"


def processes(person: pwd.struct_passwd) -> list[psutil.Process]:
    """Living ones; who has ended may wait for a parent that reaps, under a number that was given away again."""
    found = (each for each in psutil.process_iter(["uids", "status"]) if each.info["status"] != psutil.STATUS_ZOMBIE)
    return [each for each in found if each.info["uids"].real == person.pw_uid]


@pytest.fixture
def people() -> Iterator[list[pwd.struct_passwd]]:
    names = [f"hg-{uuid.uuid4().hex[:8]}" for _ in range(2)]
    for name in names:
        subprocess.run(["useradd", "--create-home", "--key", "HOME_MODE=0700", name], check=True)
    found = [pwd.getpwnam(name) for name in names]
    yield found
    for person in found:
        for process in processes(person):
            process.kill()
        subprocess.run(["userdel", "--force", "--remove", person.pw_name], check=True, capture_output=True)


@pytest.fixture
def gateway(tmp_path: Path, people: list[pwd.struct_passwd]) -> Iterator[Gateway]:
    profile = {
        "name": "files",
        "command": [PYTHON, "-m", "http.server", "--bind={ip}", "{port}"],
        "auth": "none",
        "strip_prefix": True,
        "ready": "port",
        "open_files": 64,
    }
    local = {"user": "system", "umask": "077", "post_stop": ["touch", str(tmp_path / "stopped-{username}")]}
    with Gateway(tmp_path, {"spawner": {"local": local}, "profiles": [profile]}) as gateway:
        for name in (*(person.pw_name for person in people), "nobody-of-this-machine"):
            made = gateway.run("user", "add", name, "--password-stdin", input=f"{PASSWORD}\n")
            assert made.returncode == 0, made.stderr
        yield gateway


def test_each_has_a_server_of_their_own(gateway: Gateway, people: list[pwd.struct_passwd], tmp_path: Path) -> None:
    for person in people:
        (Path(person.pw_dir) / "mine.txt").write_text(person.pw_name)
        os.chown(Path(person.pw_dir) / "mine.txt", person.pw_uid, person.pw_gid)
        with Client(gateway) as client:
            client.log_in(person.pw_name, PASSWORD)
            client.ask_start()
            eventually(lambda: client.page(client.server("mine.txt")).status_code == 200, 30, gateway.log)
            assert client.page(client.server("mine.txt")).text == person.pw_name
        (server,) = processes(person)
        assert server.cwd() == person.pw_dir
        limits = Path(f"/proc/{server.pid}/limits").read_text("ascii")
        assert re.search(r"^Max open files +64 +64 ", limits, re.MULTILINE), limits
        assert set(server.gids()) == {person.pw_gid}
    gateway.stop()
    assert not any(processes(person) for person in people)
    assert sorted(path.name for path in tmp_path.glob("stopped-*")) == sorted(f"stopped-{p.pw_name}" for p in people)


def test_who_has_no_account_is_told_so(gateway: Gateway) -> None:
    with Client(gateway) as client:
        client.log_in("nobody-of-this-machine", PASSWORD)
        client.ask_start()
        page = eventually(lambda: failed(client), 20, gateway.log)
        assert "This machine has no user “nobody-of-this-machine”" in page


def failed(client: Client) -> str:
    page = client.page(f"hub/spawn-pending/{client.user}")
    return page.text if page.status_code == 500 else ""


def test_a_log_is_followed_through_the_gateway(gateway: Gateway, people: list[pwd.struct_passwd]) -> None:
    """As it is written, through the worker, to the end."""
    name = people[0].pw_name
    with Client(gateway) as client:
        client.log_in(name, PASSWORD)
        client.ask_start()
        eventually(lambda: client.page(client.server()).status_code == 200, 30, gateway.log)
        token = gateway.run("token", name).stdout.strip()
        headers = {"Authorization": f"token {token}", "Host": gateway.authority}
        url = gateway.url(f"hub/api/users/{name}/server/log")
        first = httpx.get(url, headers=headers, trust_env=False).json()["lines"][0]
        assert f"{name}/ start " in first
        with httpx.stream("GET", f"{url}?follow=true&lines=0", headers=headers, trust_env=False, timeout=20) as stream:
            lines = stream.iter_lines()
            client.page(client.server("asked-for-by-the-test"))
            while "asked-for-by-the-test" not in next(lines):
                pass
            client.stop_server()
            rest = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
        assert rest[-1] == {"lines": [], "ended": True}
