from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from plugins.spawners import probe

pytestmark = pytest.mark.sockets


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that reads one head and sends `answer`, or nothing and waits."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is None:
            await reader.read()
        writer.write(answer or b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heads


async def test_the_status_is_read() -> None:
    async with answering(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (port, heads):
        assert await probe.status(port, "/user/a%20b/api") == 403
    (head,) = heads
    assert head.startswith(b"GET /user/a%20b/api HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"uthorization" not in head


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 abc\r\n", b"x" * 100_000])
async def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    async with answering(answer) as (port, _):
        with pytest.raises(ConnectionError):
            await probe.status(port, "/")


async def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SECONDS", 0.1)
    async with answering(None) as (port, _):
        with pytest.raises(TimeoutError):
            await probe.status(port, "/")


async def test_nobody_there_is_an_error(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await probe.status(unused_tcp_port, "/")
