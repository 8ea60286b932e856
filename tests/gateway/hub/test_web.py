"""The hub's one socket: nobody else's, found again after a crash, and uvicorn behind it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import unix_connect

from gateway.channel.messages import MAX_FRAME
from gateway.errors import HubgateError
from gateway.hub.web import Server, listener

pytestmark = pytest.mark.sockets


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        body = f"{scope['client']} {scope['scheme']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})
        return
    await receive()
    await send({"type": "websocket.accept"})
    event = await receive()
    await send({"type": "websocket.send", "text": str(len(event["text"]))})
    await receive()


@asynccontextmanager
async def serving(place: Any) -> AsyncIterator[list[str]]:
    started: list[str] = []
    server = Server(app, lambda: started.append("started"))
    task = asyncio.create_task(server.serve([listener(place)]))
    while not started:
        await asyncio.sleep(0.01)
    yield started
    server.should_exit = True
    await task


async def test_a_socket_that_nobody_else_can_open(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    before = os.umask(0)
    os.umask(before)
    async with serving(path) as started:
        assert path.stat().st_mode & 0o077 == 0
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            answer = await client.get("/", headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"})
        assert answer.status_code == 200
        assert "192.0.2.1" not in answer.text and "https" not in answer.text, "forwarding headers are not uvicorn's"
        assert "server" not in answer.headers
        assert started == ["started"]
    after = os.umask(before)
    assert after == before, "the process keeps its umask"


async def test_what_a_dead_hub_has_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    listener(path).close()
    assert path.exists()
    async with serving(path):
        pass


async def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(HubgateError, match="cannot listen on"):
        listener(tmp_path / ("x" * 120))


async def test_loopback() -> None:
    with listener(("127.0.0.1", 0)) as made:
        place = made.getsockname()[:2]
        with pytest.raises(HubgateError, match="already in use"):
            listener(place)
    assert place[0] == "127.0.0.1"


async def test_a_frame_of_the_channel_fits(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    async with serving(path), unix_connect(str(path), "ws://hub/channel", max_size=None) as connection:
        await connection.send("x" * (MAX_FRAME - 100))
        assert await connection.recv() == str(MAX_FRAME - 100)
        assert connection.protocol.extensions == [], "nothing is compressed on the same machine"


async def test_our_signal_handlers_stay() -> None:
    server = Server(app, lambda: None)
    with server.capture_signals():
        assert not server.should_exit


def test_sockets_are_not_left_open(tmp_path: Path) -> None:
    """`filterwarnings = error` makes an unclosed socket a failure; this one is closed on the way out."""
    (tmp_path / "hub.sock").mkdir()
    with pytest.raises(HubgateError, match="cannot listen"):
        listener(tmp_path / "hub.sock")
