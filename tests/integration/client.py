"""A person at a gateway, without the browser: log-in form, pages, kernel WebSocket.

It behaves as a browser does: keeps cookies, sends `Origin`, and takes `_xsrf`
from the page's own HTML.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.integration.harness import Gateway, eventually, shown

PAGE = {"Accept": "text/html"}


class Client:
    """One person with one cookie jar."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.user = ""
        headers = {"Host": gateway.authority}
        verify = gateway.tls or True
        self.http = httpx.Client(base_url=gateway.url(), headers=headers, trust_env=False, timeout=30, verify=verify)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    # ── pages ────────────────────────────────────────────────────────────────

    def page(self, path: str, **more: Any) -> httpx.Response:
        """GET, as a navigation. `path` is below the base path."""
        return self.http.get(path, headers=PAGE, **more)

    def submit(self, path: str, fields: Mapping[str, str], form: str = "") -> httpx.Response:
        """Send a form as the page at `form` (default: the same path) would."""
        page = self.page(form or path)
        assert page.status_code in (200, 424), f"{page.status_code} {page.headers} {page.text[:500]}"
        found = re.search(r'name="_xsrf"\s+value="([^"]+)"|value="([^"]+)"\s+name="_xsrf"', page.text)
        assert found, f"no _xsrf in the page {form or path}:\n{page.text[:2000]}"
        xsrf = found[1] or found[2]
        headers = PAGE | {"Origin": self.gateway.origin}
        return self.http.post(path, data={**fields, "_xsrf": xsrf}, headers=headers)

    def log_in(self, user: str = "admin", password: str = "") -> httpx.Response:
        fields = {"username": user, "password": password or self.gateway.admin_password}
        answer = self.submit("hub/login", fields)
        assert answer.status_code == 302, f"{answer.status_code} {answer.text[:2000]}\n{self.gateway.log()}"
        self.user = user
        return answer

    # ── servers ──────────────────────────────────────────────────────────────

    def server(self, path: str = "", name: str = "") -> str:
        """The path of my server, or of something in it."""
        return f"user/{quote(self.user)}/" + (f"{quote(name)}/" if name else "") + path

    def ask_start(self, name: str = "", profile: str = "") -> None:
        target = f"hub/spawn/{quote(self.user)}/{quote(name)}" if name else "hub/spawn"
        # One that is just being stopped has no form yet.
        eventually(lambda: self.page(target).status_code in (200, 424), 30)
        answer = self.submit(target, {"profile": profile} if profile else {})
        assert answer.status_code == 302, f"{answer.status_code} {answer.text[:2000]}\n{self.gateway.log()}"

    def start_server(self, name: str = "", profile: str = "", timeout: float = 60) -> None:
        self.ask_start(name, profile)
        self.await_server(name, timeout)

    def await_server(self, name: str = "", timeout: float = 60) -> None:
        """Until the server answers with 200 behind the gateway."""
        last: list[httpx.Response] = []

        def answers() -> bool:
            last[:] = [self.http.get(self.server("api", name))]
            # 429: the gateway tempers whoever asks again and again, and a start may take long on a busy machine.
            assert last[0].status_code in (200, 424, 429, 503), f"{last[0].status_code} {last[0].text[:500]}"
            return last[0].status_code == 200

        eventually(answers, timeout, lambda: f"no server: {last[0].status_code} {last[0].text}\n{self.gateway.log()}")

    def stop_server(self, name: str = "", timeout: float = 30) -> None:
        """Stop it, and wait until none of its processes is left."""
        target = f"hub/stop/{quote(self.user)}" + (f"/{quote(name)}" if name else "")
        answer = self.submit(target, {}, form="hub/home")
        assert answer.status_code == 302, f"{answer.status_code} {answer.text[:2000]}"
        eventually(lambda: not self.gateway.servers(), timeout, lambda: f"still there: {shown(self.gateway.servers())}")

    # ── Jupyter ──────────────────────────────────────────────────────────────

    def jupyter(self, method: str, path: str, name: str = "", **more: Any) -> httpx.Response:
        """A call to my server's API as JupyterLab makes it, with Jupyter's own `_xsrf`."""
        if not (token := self.jupyter_xsrf()):
            self.page(self.server("lab", name), follow_redirects=True)
            token = self.jupyter_xsrf()
        headers = {"Origin": self.gateway.origin, "X-XSRFToken": token}
        return self.http.request(method, self.server(path, name), headers=headers, **more)

    def jupyter_xsrf(self) -> str:
        found = [c.value or "" for c in self.http.cookies.jar if c.name == "_xsrf" and "/user/" in f"{c.path}/"]
        return found[0] if found else ""

    @contextmanager
    def kernel(self, name: str = "") -> Iterator[Kernel]:
        """A new kernel on my server, with its WebSocket open."""
        made = self.jupyter("POST", "api/kernels", name, json={"name": "python3"})
        assert made.status_code == 201, f"{made.status_code} {made.text[:2000]}\n{self.gateway.log()}"
        with self.websocket(self.server(f"api/kernels/{made.json()['id']}/channels", name)) as socket_:
            yield Kernel(socket_, made.json()["id"])

    @contextmanager
    def websocket(self, path: str, headers: Mapping[str, str] | None = None) -> Iterator[ClientConnection]:
        """A WebSocket with my cookies and the page's `Origin`."""
        cookie = self.http.build_request("GET", path).headers.get("cookie", "")
        sent = {"Cookie": cookie, "Origin": self.gateway.origin} | dict(headers or {})
        address = f"ws://{self.gateway.authority}{self.gateway.base_path}{path}"
        raw = self.gateway.connect()
        with raw, connect(address, sock=raw, additional_headers=sent, compression=None, max_size=None) as socket_:
            yield socket_


class Kernel:
    """A running kernel seen through its WebSocket, in Jupyter's JSON protocol."""

    def __init__(self, socket_: ClientConnection, kernel_id: str) -> None:
        self.socket = socket_
        self.id = kernel_id
        self.session = uuid.uuid4().hex

    def send(self, code: str) -> str:
        """Ask for an execution and give the message id; does not wait."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.4"}
        message = {
            "header": header | {"session": self.session, "username": "", "date": ""},
            "parent_header": {},
            "metadata": {},
            "content": {"code": code, "silent": False, "store_history": False, "allow_stdin": False},
            "channel": "shell",
            "buffers": [],
        }
        self.socket.send(json.dumps(message))
        return header["msg_id"]

    def messages(self, request: str, timeout: float = 60) -> Iterator[dict[str, Any]]:
        """What belongs to that request, until the kernel is idle again."""
        deadline = time.monotonic() + timeout
        replied = idle = False
        while not (replied and idle):
            message = json.loads(self.socket.recv(timeout=deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            yield message
            replied |= message["header"]["msg_type"] == "execute_reply"
            idle |= message["content"].get("execution_state") == "idle"

    def execute(self, code: str, timeout: float = 60) -> str:
        """Run `code` and give what it printed."""
        text = ""
        for message in self.messages(self.send(code), timeout):
            if message["header"]["msg_type"] == "stream":
                text += message["content"]["text"]
            assert message["header"]["msg_type"] != "error", message["content"]
        return text
