"""HTTP by hand: a test that attacks must send what no client library would.

`Wire` is one connection to a gateway. Nothing is added to what it is given to send.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from tests.integration.client import Client
from tests.integration.harness import Gateway
from tests.integration.hostile import PASSWORD

NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
FETCH = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for said, value in self.headers if said.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        """The header's only value, or ""."""
        values = self.all(name)
        assert len(values) <= 1, f"{name}: {values}"
        return values[0] if values else ""

    @property
    def raw(self) -> bytes:
        return "\r\n".join(f"{name}: {value}" for name, value in self.headers).encode("latin-1") + self.body


class Wire:
    def __init__(self, gateway: Gateway, *, source: str = "127.0.0.1") -> None:
        """`source` is the client's address; all of 127.0.0.0/8 is this machine."""
        self.gateway = gateway
        self.socket = gateway.connect(source)
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(
        self, target: str, headers: Mapping[str, str] | None = None, method: str = "GET", body: bytes = b""
    ) -> Reply:
        """One request, with a right `Host`; the reply to it."""
        self.send(head(self.gateway, target, headers, method, body) + body)
        reply = self.read(method)
        assert reply is not None, "the gateway closed the connection"
        return reply

    def read(self, method: str = "GET") -> Reply | None:
        """The next reply; None when the connection was closed instead."""
        text = self._until(b"\r\n\r\n")
        if text is None:
            return None
        line, *lines = text.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        pairs = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in lines))
        reply = Reply(int(line.split(" ")[1]), pairs, b"")
        if method == "HEAD" or reply.status < 200 or reply.status in (204, 304):
            return reply
        if reply["transfer-encoding"] == "chunked":
            return Reply(reply.status, pairs, self._chunks())
        return Reply(reply.status, pairs, self._exactly(int(reply["content-length"] or "0")))

    def closed(self) -> bool:
        """Does the gateway end the connection, sending nothing more?"""
        try:
            return not self._buffer and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n") or b"0", 16):
            body += self._exactly(size + 2)[:-2]
        self._until(b"\r\n")
        return body

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._buffer:
            if not self._more():
                return None
        found, _, self._buffer = self._buffer.partition(end)
        return found + end

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size and self._more():
            pass
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        assert len(found) == size, f"cut short after {len(found)} of {size} bytes"
        return found

    def _more(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self._buffer += data
        return bool(data)


def head(
    gateway: Gateway,
    target: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes = b"",
) -> bytes:
    """A request's head as bytes; `headers` may replace `Host`."""
    fields = {"Host": gateway.authority, **(headers or {})}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def ask(gateway: Gateway, target: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
    """One request on a connection of its own."""
    with Wire(gateway) as wire:
        return wire.ask(target, headers, method)


def upgrade(gateway: Gateway) -> dict[str, str]:
    """The headers of a WebSocket's handshake, as a page of this gateway sends them."""
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Origin": gateway.origin,
    }


def cookie(client: Client) -> str:
    """The client's `Cookie` header for its own gateway's root."""
    root = client.gateway.base_path
    return "; ".join(f"{each.name}={each.value}" for each in client.http.cookies.jar if each.path == root)


def session(client: Client) -> str:
    """The value of its session cookie."""
    return next(each.value or "" for each in client.http.cookies.jar if each.name.endswith("hubgate-session"))


@contextmanager
def people(gateway: Gateway, *names: str) -> Iterator[dict[str, Client]]:
    """These people, logged in; they know the password of `hostile`."""
    clients = {name: Client(gateway) for name in names}
    try:
        for name, client in clients.items():
            client.log_in(name, PASSWORD)
        yield clients
    finally:
        for client in clients.values():
            client.http.close()


def start(clients: Mapping[str, Client], *servers: str) -> None:
    """Start these servers at once: default ones with the profile `open`, named ones (`alice/gpu`) with `secret`."""
    wanted = [server.partition("/")[::2] for server in servers]
    for user, name in wanted:
        clients[user].ask_start(name, "secret" if name else "open")
    for user, name in wanted:
        clients[user].await_server(name)
