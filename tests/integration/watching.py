"""What tests of guests who look on have in common: a place with an owner and a guest, and kernel messages."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.integration.client import Client, Kernel
from tests.integration.harness import Gateway
from tests.integration.wire import cookie

# Where JupyterLab is not installed, the modules that need it skip.
JUPYTER = pytest.importorskip("jupyter_server.services.kernels.connection.base", reason="JupyterLab is not installed")


class Place:
    """A gateway; alice with a running JupyterLab, a notebook and a kernel; bob, who may look on."""

    def __init__(self, gateway: Gateway, alice: Client, bob: Client, kernel: Kernel) -> None:
        self.gateway, self.alice, self.bob, self.kernel = gateway, alice, bob, kernel
        self.token = gateway.run("token", "alice").stdout.strip()

    @property
    def channels(self) -> str:
        return f"user/alice/api/kernels/{self.kernel.id}/channels"

    def call(self, method: str, path: str, json: Any = None) -> httpx.Response:
        """An API call of alice's program."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.gateway.url(path), json=json, headers=headers, trust_env=False)

    def share(self, **fields: Any) -> str:
        made = self.call("POST", "api/shares", {"with_user": "bob", "expires_in": None, **fields})
        assert made.status_code == 201, made.text
        number: str = made.json()["id"]
        return number

    def headers(self) -> dict[str, str]:
        """As a page of the gateway's origin in bob's browser sends them."""
        return {"Cookie": cookie(self.bob), "Origin": self.gateway.origin, "Sec-Fetch-Site": "same-origin"}

    @contextlib.contextmanager
    def listening(self, path: str = "", **more: Any) -> Iterator[ClientConnection]:
        """A WebSocket of bob's."""
        address = f"ws://{self.gateway.authority}/{path or self.channels}"
        raw = socket.create_connection(("127.0.0.1", self.gateway.port))
        with raw, connect(address, sock=raw, additional_headers=self.headers(), max_size=None, **more) as made:
            yield made

    def value(self, expression: str) -> str:
        return self.kernel.execute(f"print({expression})").strip()


NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "metadata": {}, "source": "print(6*7)", "id": "a", "execution_count": 1,
         "outputs": [{"output_type": "stream", "name": "stdout", "text": "42\n"}]}
    ],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip


# ── kernel messages ──────────────────────────────────────────────────────────


def request(kind: str, channel: str = "shell", **content: Any) -> dict[str, Any]:
    header = {
        "msg_id": uuid.uuid4().hex, "msg_type": kind, "session": uuid.uuid4().hex, "username": "bob", "date": "",
        "version": "5.4",
    }  # fmt: skip
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}


def run(code: str) -> dict[str, Any]:
    return request("execute_request", code=code, silent=False, store_history=False, allow_stdin=False)


class Speaker:
    """Kernel messages in one of the three ways that Jupyter reads them."""

    def __init__(self, websocket: ClientConnection, way: str) -> None:
        self.websocket, self.way = websocket, way

    def data(self, message: Mapping[str, Any]) -> str | bytes:
        if self.way == "v1":
            parts = [json.dumps(message[name]).encode() for name in ("header", "parent_header", "metadata", "content")]
            whole: bytes = JUPYTER.serialize_msg_to_ws_v1(parts, message["channel"])
            return whole
        text = json.dumps({**message, "buffers": []})
        return text if self.way == "text" else (1).to_bytes(4) + (8).to_bytes(4) + text.encode()

    def say(self, message: Mapping[str, Any], parts: int = 1) -> str:
        data = self.data(message)
        size = -(-len(data) // parts)
        self.websocket.send([data[start : start + size] for start in range(0, len(data), size)])  # type: ignore[arg-type]
        number: str = message["header"]["msg_id"]
        return number

    def hear(self, timeout: float = 15) -> dict[str, Any]:
        data = self.websocket.recv(timeout=timeout)
        if self.way == "v1":
            assert isinstance(data, bytes)
            channel, parts = JUPYTER.deserialize_msg_from_ws_v1(data)
            header, parent, _, content = (json.loads(part) for part in parts[:4])
            return {"channel": channel, "header": header, "parent_header": parent, "content": content}
        if isinstance(data, bytes):
            data = data[int.from_bytes(data[4:8]) :].decode()
        found: dict[str, Any] = json.loads(data)
        return found

    def until(self, kind: str, number: str = "", text: str = "") -> dict[str, Any]:
        """The next message of that type, to that request, with that text."""
        end = time.monotonic() + 15
        while True:
            found = self.hear(end - time.monotonic())
            if found["header"]["msg_type"] != kind or text not in json.dumps(found["content"]):
                continue
            if not number or found["parent_header"]["msg_id"] == number:
                return found
