"""Asks a server on loopback for one page and reads the status. No more HTTP than that."""

from __future__ import annotations

import asyncio

from plugins.spawners.ports import LOOPBACK

SECONDS = 10.0


async def status(port: int, path: str) -> int:
    """The status of `GET path` without any credential; `OSError` or `TimeoutError` without an answer."""
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection(LOOPBACK, port, limit=8192)
        try:
            writer.write(_request(port, path))
            await writer.drain()
            return _parsed(await reader.readuntil(b"\n"))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise ConnectionError(f"no HTTP answer on port {port}") from error
        finally:
            writer.transport.abort()


def _request(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode()


def _parsed(line: bytes) -> int:
    version, code, *_ = line.split(maxsplit=2)
    if not version.startswith(b"HTTP/1."):
        raise ValueError(line)
    return int(code)
