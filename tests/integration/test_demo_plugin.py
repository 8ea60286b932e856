"""A stranger's package: installed into an environment of its own, four lines of settings, used, and taken away again.

Its own tests, the suites of `gateway.testing` among them, run there too.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port

pytestmark = pytest.mark.sockets

DEMO = Path(__file__).parents[2] / "examples" / "hubgate-plugin-demo"
WORD, SECRET = "xyzzy", "of both, and long enough"


class Environment:
    """A virtual environment that sees all that this one has, and to which something can be added."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
        self.python = folder / "bin" / "python"
        site = next((folder / "lib").glob("python*/site-packages"))
        (site / "all-of-it.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")

    def run(self, *arguments: str, timeout: float = 180, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *arguments],
            capture_output=True, text=True, check=False, timeout=timeout, stdin=subprocess.DEVNULL, **more,
        )  # fmt: skip

    def pip(self, *arguments: str) -> None:
        done = self.run("-m", "pip", "--disable-pip-version-check", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("environment")
    source = folder / "hubgate-plugin-demo"  # a build leaves things beside the sources
    for path in DEMO.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and not path.parent.name.endswith(".egg-info"):
            (source / path.relative_to(DEMO)).parent.mkdir(parents=True, exist_ok=True)
            (source / path.relative_to(DEMO)).write_bytes(path.read_bytes())
    made = Environment(folder / "venv")
    made.pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", str(source))
    return made


def settings(port: int) -> dict[str, Any]:
    provider = {"url": f"http://127.0.0.1:{port}/", "secret": SECRET}
    return {
        "profiles": [echo.PROFILE],
        # The four lines of the package's README, and where the provider is.
        "authenticator": {
            "plugin": ["native", "guests", "provider"],
            "allow_all": True,
            "guests": {"word": WORD},
            "provider": provider,
        },
        "spawner": {"plugin": "plain"},
        "sharing": {"handlers": ["friends"], "users_may_share": True},
        "policy": {"plugins": ["demo"]},
    }


@pytest.fixture(scope="module")
def gateway(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    port = free_port()
    provider = subprocess.Popen(
        [environment.python, "-m", "hubgate_plugin_demo.provider", str(port), SECRET], stderr=subprocess.DEVNULL
    )
    command = [str(environment.python), "-P", "-m", "gateway.cli"]
    gateway = Gateway(tmp_path_factory.mktemp("gw"), settings(port), command=command)
    try:
        with gateway:
            yield gateway
    finally:
        provider.kill()
        provider.wait(10)


@contextmanager
def guest(gateway: Gateway, name: str) -> Iterator[Client]:
    with Client(gateway) as client:
        answer = client.submit("hub/login", {"username": name, "password": WORD, "authenticator": "guests"})
        assert answer.status_code == 302, answer.text[:2000] + gateway.log()
        client.user = name
        yield client


def test_it_logs_in_starts_shares_and_acts(gateway: Gateway) -> None:
    with guest(gateway, "guest-1") as owner, guest(gateway, "guest-2") as friend:
        owner.start_server()
        answer = owner.http.get(owner.server("x"))
        assert answer.status_code == 200
        assert answer.headers["X-Demo"] == "hello", "its addon acts"
        assert owner.http.get(owner.server("closed/x")).json()["message"] == "This part of the server is closed."
        assert [process for process in gateway.servers() if "echo.py" in " ".join(process.cmdline())], "its spawner's"
        assert friend.http.get(owner.server("x")).status_code == 403
        headers = {"Authorization": f"token {gateway.run('token', 'guest-1').stdout.strip()}"}
        made = owner.http.post("api/shares", headers=headers, json={"handler": "friends", "expires_in": 600})
        assert made.status_code == 201, made.text + gateway.log()
        code = made.json()["code"]
        accepted = friend.submit("hub/accept-share", {"code": code}, form=f"hub/accept-share?code={code}")
        assert accepted.status_code == 302, accepted.text
        assert eventually(lambda: friend.http.get(owner.server("x")).status_code == 200, 3)


def test_its_routes_count_and_are_behind_scopes(gateway: Gateway) -> None:
    token = gateway.run("token", "guest-1").stdout.strip()
    with Client(gateway) as client:
        url = "hub/api/plugins/demo/visits/guest-1"
        assert client.http.get(url).status_code == 403
        mine = client.http.get(url, headers={"Authorization": f"token {token}"})
        assert mine.json() == {"name": "guest-1", "visits": 1}
        other = client.http.get("hub/api/plugins/demo/visits/guest-2", headers={"Authorization": f"token {token}"})
        assert other.status_code == 404
        noted = client.http.put(
            "hub/api/plugins/demo/notes/guest-1", headers={"Authorization": f"token {token}"}, json={"text": "x"}
        )
        assert noted.status_code == 403


def at_the_provider(client: Client, name: str) -> str:
    """Press its button, log in there, and give the address to which the provider sends back."""
    assert "hub/auth/provider/login" in client.page("hub/login").text
    away = client.page("hub/auth/provider/login")
    assert away.status_code == 302, f"{away.status_code} {away.text[:1000]}"
    back = httpx.get(f"{away.headers['location']}&name={name}", trust_env=False)
    assert back.status_code == 302
    return back.headers["location"]


def test_its_redirect_provider_logs_in_once(gateway: Gateway) -> None:
    with Client(gateway) as client, Client(gateway) as other, Client(gateway) as thief:
        back = at_the_provider(client, "guest-7")
        done = client.page(back)
        assert done.status_code == 302, done.text[:1000] + gateway.log()
        assert client.page("hub/home").status_code == 200
        assert thief.page(back).status_code == 403, "once"
        assert thief.page(at_the_provider(other, "guest-8")).status_code == 403, "for one browser"
        forged = at_the_provider(thief, "guest-8").replace("code=", "code=x")
        assert thief.page(forged).status_code == 403
        assert thief.page("hub/home").status_code == 302
        assert SECRET not in gateway.log(10**6)


def test_it_is_listed(gateway: Gateway) -> None:
    said = gateway.run("plugins", "-c", str(gateway.folder / "hubgate.toml")).stdout
    block = said.partition("demo  (hubgate-plugin-demo 0.1.0, hubgate_plugin_demo)\n")[2]
    for line in (
        "* authenticator  guests",
        "* spawner        plain",
        "* share handler  friends",
        "* policy         demo",
    ):
        assert line in block


def test_its_own_tests_pass_where_it_is_installed(environment: Environment, tmp_path: Path) -> None:
    tests = str(DEMO / "tests")
    alone = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-c", "/dev/null", "--rootdir", tests)
    done = environment.run("-P", "-m", "pytest", "-q", *alone, tests, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b3\d passed", done.stdout), done.stdout


def test_without_it_the_start_says_what_is_missing(environment: Environment, gateway: Gateway) -> None:
    """The last test: it takes the package away."""
    environment.pip("uninstall", "--quiet", "--yes", "hubgate-plugin-demo")
    for command in ("check", "run"):
        done = gateway.run(
            command, "-c", str(gateway.folder / "hubgate.toml"), "--data-dir", str(gateway.folder / "other")
        )
        assert done.returncode == 2
        for words in (
            "authenticator.plugin: no plugin offers 'guests'; known are: dummy",
            "spawner.plugin: no plugin offers 'plain'; known are: local",
            "sharing.handlers: no plugin offers 'friends'",
            "policy.plugins: no plugin offers 'demo'",
        ):
            assert words in done.stderr
