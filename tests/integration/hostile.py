"""A user server that means harm: it keeps all that reaches it and answers what a test tells it.

`Hostile` is the test's side: profiles that start it, what was received, what to
answer. The rest is the server, started as `python hostile.py IP PORT BASE_URL FOLDER`.
It answers by the last segment of the path: with the raw bytes of a file of that name
in `FOLDER/answers`; `run` executes the request's body, as any kernel would; anything
else gets a page with `MARK` in it, a WebSocket gets a message with it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import socketserver
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "bytes-of-a-server"
"""In every answer of the server, header and body: must never reach a stranger."""
PASSWORD = "the-shared-word"


class Hostile:
    """Profiles `open` (no secret), `secret` (asks for its token) and `slow` (never listens)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = folder / "answers"
        self.answers.mkdir(parents=True)
        self.file = folder / "received"
        self.file.touch()

    def settings(self, *users: str, gateway: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """For `Gateway`: these users and `admin` log in with `PASSWORD`."""
        command = [sys.executable, __file__, "{ip}", "{port}", "{base_url}", str(self.folder)]
        idle = [sys.executable, "-c", "import time; time.sleep(600)"]
        return {
            "gateway": dict(gateway or {}),
            "authenticator": {
                "plugin": "dummy",
                "admin_users": ["admin"],
                "allowed_users": list(users),
                "dummy": {"password": PASSWORD},
            },
            "profiles": [
                {"name": "open", "command": command, "auth": "none", "ready_path": "api"},
                {"name": "secret", "command": command, "auth": "token", "ready_path": "api"},
                {"name": "slow", "command": idle, "auth": "none"},
            ],
        }

    def answer(self, name: str, status: str = "200 OK", headers: Iterable[str] = (), body: str = "") -> None:
        """What to say to a request for `…/name`."""
        content = body.encode()
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(content)}"]
        self.raw(name, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content)

    def page(self, name: str, html: str) -> None:
        self.answer(name, headers=["Content-Type: text/html; charset=utf-8"], body=html)

    def raw(self, name: str, data: bytes) -> None:
        (self.answers / name).write_bytes(data)

    # ── what came ────────────────────────────────────────────────────────────

    def mark(self) -> int:
        """A moment, for `since`."""
        return self.file.stat().st_size

    def records(self, mark: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_bytes()[mark:].decode().splitlines()]

    def since(self, mark: int = 0, base_url: str = "") -> list[Received]:
        """The connections that sent something since then, to one server or to all."""
        data: dict[str, str] = {}
        urls = {}
        for record in self.records(mark):
            if "data" in record and record["url"].startswith(base_url):
                data[record["id"]] = data.get(record["id"], "") + record["data"]
                urls[record["id"]] = record["url"]
        return [Received(urls[id], text) for id, text in data.items()]

    def bytes_since(self, mark: int = 0) -> str:
        return "".join(received.text for received in self.since(mark))

    def start(self, base_url: str) -> dict[str, Any]:
        """What the last process that served there saw when it was started."""
        return [record for record in self.records() if record["url"] == base_url and "environ" in record][-1]


@dataclass(frozen=True)
class Received:
    """All that came over one connection."""

    url: str
    text: str

    @property
    def heads(self) -> list[str]:
        return [part for part in self.text.split("\r\n\r\n") if " HTTP/1.1\r\n" in part]

    def values(self, name: str) -> list[str]:
        """Of this header, in all heads."""
        lines = [line.partition(":") for head in self.heads for line in head.split("\r\n")[1:]]
        return [value.strip() for said, _, value in lines if said.lower() == name.lower()]


# ── the server ───────────────────────────────────────────────────────────────


class Handler(socketserver.BaseRequestHandler):
    server: Server
    buffer = b""

    def handle(self) -> None:
        self.id = f"{os.getpid()}-{time.monotonic_ns()}"
        try:
            while (head := self.until(b"\r\n\r\n")) is not None:
                self.answer(head.decode("latin-1"))
        except ConnectionError:
            return

    def answer(self, head: str) -> None:
        request, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = self.body(fields)
        name = request.split(" ")[1].partition("?")[0].rpartition("/")[2]
        file = self.server.folder / "answers" / (name or "index")
        token = os.environ.get("JUPYTER_TOKEN")
        if token and fields.get("authorization") != f"token {token}":
            self.say("403 Forbidden", b"no")
        elif file.is_file():
            self.request.sendall(file.read_bytes())
        elif name == "run":
            space: dict[str, Any] = {}
            exec(body, space)
            self.say("200 OK", json.dumps(space["result"]).encode())
        elif fields.get("upgrade", "").lower() == "websocket":
            self.upgraded(fields)
        else:
            self.say("200 OK", MARK.encode())

    def body(self, fields: Mapping[str, str]) -> bytes:
        if "chunked" in fields.get("transfer-encoding", ""):
            return self.until(b"0\r\n\r\n") or b""
        length = int(fields.get("content-length", "0"))
        while len(self.buffer) < length and self.more():
            pass
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def say(self, status: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nX-Mark: {MARK}\r\nX-Pid: {os.getpid()}\r\n\r\n"
        self.request.sendall(head.encode() + body)

    def upgraded(self, fields: Mapping[str, str]) -> None:
        key = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        head = f"HTTP/1.1 101 Go on\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}"
        self.request.sendall(f"{head}\r\n\r\n".encode() + bytes([0x81, len(MARK)]) + MARK.encode())
        while self.more():
            pass

    def until(self, end: bytes) -> bytes | None:
        while end not in self.buffer:
            if not self.more():
                return None
        found, _, self.buffer = self.buffer.partition(end)
        return found + end

    def more(self) -> bool:
        """Read on and keep what came before anything is done with it."""
        data = self.request.recv(65536)
        self.buffer += data
        if data:
            self.server.keep(id=self.id, data=data.decode("latin-1"))
        return bool(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, ip: str, port: str, base_url: str, folder: str) -> None:
        self.base_url = base_url
        self.folder = Path(folder)
        self.keep(environ=dict(os.environ), descriptors=descriptors(), argv=sys.argv, port=int(port))
        super().__init__((ip, int(port)), Handler)

    def keep(self, **what: Any) -> None:
        line = json.dumps({"url": self.base_url, "pid": os.getpid(), **what}) + "\n"
        with (self.folder / "received").open("ab") as file:
            file.write(line.encode())


def descriptors() -> dict[str, str]:
    """All that is open in this process, and what it leads to."""
    found = {}
    for each in Path("/proc/self/fd").iterdir():
        # The one that did the listing is closed by now.
        with contextlib.suppress(FileNotFoundError):
            found[each.name] = str(each.readlink())
    return found


if __name__ == "__main__":
    Server(*sys.argv[1:5]).serve_forever()
