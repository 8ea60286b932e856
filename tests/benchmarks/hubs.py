"""The two that have users and start servers: Hubgate, and JupyterHub with its proxy.

Both start `backend.py` as the user's server, are given the same users, and are asked
by the same calls of the same API.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.benchmarks import backend
from tests.benchmarks.measure import Invalid
from tests.benchmarks.peers import LOOPBACK, PREFIX, Missing, Program, Target, browser, chp, found
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port, plugin

USERS = 100
"""Besides the one that a peer begins with."""
TOKEN = "benchmark-0123456789abcdef0123456789abcdef"
SMALL, LAB = "small", "lab"
"""Profiles: `backend.py`, and a stock JupyterLab."""
LAB_FLAGS = ("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0")


def lab() -> str:
    """The same JupyterLab for both: the one beside this interpreter."""
    return found("jupyter-lab", "make test installs it", Path(sys.executable).with_name("jupyter-lab"))


class Api:
    """A hub's REST API, asked by an admin; made to be inherited."""

    port: int
    admin_token: str
    rest_users: bool = False

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        headers = {"Authorization": f"token {self.admin_token}"}
        base = f"http://{LOOPBACK}:{self.port}"
        with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60) as http:
            yield http

    def call(self, http: httpx.Client, method: str, path: str, **json: Any) -> httpx.Response:
        answer = http.request(method, f"/hub/api/{path}", json=json)
        if not answer.is_success:
            raise Invalid(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def populate(self, http: httpx.Client, count: int = USERS) -> None:
        """Make `user-1` to `user-<count>`, once."""
        if not self.rest_users:
            for number in range(1, count + 1):
                self.call(http, "POST", f"users/user-{number}")
            self.rest_users = True

    def rest(self, path: str, by: str = "") -> Target:
        """A call of the API, with the admin's token or one of the user `by`."""
        with self.client() as http:
            self.populate(http)
            token = self.admin_token
            if by:
                token = str(self.call(http, "POST", f"users/{by}/tokens", note="benchmark").json()["token"])
        return Target(self.port, f"/hub/api/{path}", {"Authorization": f"token {token}"})


class Hubgate(Api):
    """The gateway as it is installed. The client is logged in, and judged by its cookie at each request."""

    def __init__(self, folder: Path, workers: int = 1, addon: str = "") -> None:
        profiles = [
            {
                "name": SMALL,
                "command": [sys.executable, "-P", backend.__file__, "{ip}", "{port}"],
                "ready_path": "api",
            },
            {
                "name": LAB,
                "command": [lab(), *LAB_FLAGS, "--ServerApp.port={port}", "--ServerApp.base_url={base_url}"],
            },
        ]
        self.gateway = Gateway(folder, {"gateway": {"workers": workers}, "profiles": profiles})
        self.count = workers
        self.headers: dict[str, str] = {}
        if addon:
            plugin(self.gateway, "benchmark_addon", addon)

    def start(self) -> None:
        self.gateway.start()
        self.port = self.gateway.port
        made = self.gateway.run("token", "admin")
        if made.returncode:
            raise Invalid(f"no token: {made.stderr}")
        self.admin_token = made.stdout.strip()
        with Client(self.gateway) as person:
            person.log_in()
            person.start_server(profile=SMALL)
            cookie = "; ".join(f"{each.name}={each.value}" for each in person.http.cookies.jar if each.path == "/")
        self.headers = browser(self.gateway.origin, cookie)

    def stop(self) -> None:
        self.gateway.stop()

    def target(self, path: str) -> Target:
        return Target(self.port, PREFIX + path, self.headers)

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self.gateway.pid(name)) for name in ("supervisor", "hub")] + self.workers()

    def workers(self) -> list[psutil.Process]:
        return [psutil.Process(self.gateway.pid(f"worker-{number}")) for number in range(1, self.count + 1)]


class Watched(Hubgate):
    """Somebody looks at every request as it ends."""

    def start(self) -> None:
        super().start()
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def _watch(self) -> None:
        """Like a browser that shows the traffic's page: it reads what comes, and connects again."""
        path = "/hub/api/traffic/requests/stream"
        while not self._over.is_set():
            with suppress(httpx.HTTPError), self.client() as http, http.stream("GET", path, timeout=20) as stream:
                for _ in stream.iter_raw():
                    if self._over.is_set():
                        return

    def stop(self) -> None:
        self._over.set()
        super().stop()


NO_LOG = '''
"""No request is written down, nor told to the hub."""
from gateway.proxy.accesslog import AccessLog

AccessLog.write = lambda *_: None
'''

UNTOLD = '''
"""Requests are written to stderr as ever; the hub is not told of them."""
from gateway.proxy.accesslog import AccessLog

AccessLog._tell = property(lambda _: lambda _: True, lambda *_: None)
'''

MATCH_ALL = '''
"""An addon that wants to see every flow, and does nothing with it."""
from gateway.hookspecs import Addon, Match, hookimpl


class Watch:
    def request(self, flow):
        pass

    def response(self, flow):
        pass


@hookimpl
def gateway_addons():
    return [Addon(name="watch", match=Match(path="/user/"), addon=Watch())]
'''

JUPYTERHUB = """\
import os
c = get_config()  # noqa
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{chp!r}]
c.ConfigurableHTTPProxy.auth_token = {token!r}
c.JupyterHub.db_url = "sqlite:///{folder}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"admin"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.JupyterHub.services = [{{"name": "benchmark", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{
    "name": "benchmark", "services": ["benchmark"],
    "scopes": ["admin:users", "admin:servers", "tokens", "access:servers", "list:users", "read:hub"],
}}]
COMMANDS = {commands!r}
def choose(spawner):
    spawner.cmd = COMMANDS[spawner.user_options.get("profile", "small")]
c.Spawner.pre_spawn_hook = choose
"""
LAB_SCRIPT = """\
port=${{JUPYTERHUB_SERVICE_URL#http://127.0.0.1:}}
exec {lab} {flags} --IdentityProvider.token= --ServerApp.port=${{port%%/*}} \\
  --ServerApp.base_url=$JUPYTERHUB_SERVICE_PREFIX"""


class JupyterHub(Program, Api):
    """JupyterHub 6 and configurable-http-proxy; the users' servers ask nobody for anything."""

    admin_token = TOKEN

    def start(self) -> None:
        python = Path(os.environ.get("HUBGATE_JUPYTERHUB", ""))
        if not python.is_file():
            raise Missing("JupyterHub (make jupyterhub installs it)")
        self.folder.mkdir(parents=True, exist_ok=True)
        script = LAB_SCRIPT.format(lab=lab(), flags=" ".join(LAB_FLAGS))
        commands = {SMALL: [sys.executable, "-P", backend.__file__], LAB: ["sh", "-c", script]}
        config = self.folder / "jupyterhub_config.py"
        ports = {"port": self.port, "hub_port": free_port(), "api_port": free_port()}
        text = JUPYTERHUB.format(folder=self.folder, token=TOKEN, chp=chp(), commands=commands, **ports)
        config.write_text(text, "utf-8")
        self.run([str(python), "-m", "jupyterhub", "-f", str(config)])
        self._await_hub()
        with self.client() as http:
            self.call(http, "POST", "users/admin/server", profile=SMALL)

    def _await_hub(self) -> None:
        def there() -> bool:
            try:
                return httpx.get(f"http://{LOOPBACK}:{self.port}/hub/health", trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        eventually(there, 60, lambda: f"JupyterHub is not ready:\n{self.log()}")

    def processes(self) -> list[psutil.Process]:
        """The hub and its proxy; users' servers are its children too."""
        hub, *below = self.family()
        return [hub, *(child for child in below if "configurable-http-proxy" in " ".join(child.cmdline()))]

    def workers(self) -> list[psutil.Process]:
        return self.processes()[1:]
