"""A transport that writes once what is written in several pieces.

uvicorn writes the head of an answer and then its body, and uvloop hands each to the kernel at
once. For a small answer that is two system calls here, and two reads and two writes in the
worker, which is most of what the answer costs.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ENOUGH = 65536
"""Bytes that do not wait for more."""


class Joined:
    """What is written during one turn of the event loop leaves at its end. Everything else is the transport's."""

    __slots__ = ("_loop", "_size", "_transport", "_waiting")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= ENOUGH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        waiting, self._waiting, self._size = self._waiting, [], 0
        if waiting and not self._transport.is_closing():
            self._transport.writelines(waiting)


class Connection(HttpToolsProtocol):
    """uvicorn's connection, over such a transport."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, Joined(cast(asyncio.Transport, transport), self.loop)))
