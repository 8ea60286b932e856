"""What happens to a socket between `accept` and its handler: nothing, a TLS handshake, or a redirect to https."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

log = logging.getLogger(__name__)

HANDSHAKE = 10.0
"""Seconds to the end of the TLS handshake."""
SHUTDOWN = 30.0
"""Seconds for the last bytes and the end of a TLS connection that we close."""
TLS_RECORD = b"\x16"
"""The first byte of a TLS client; that of an HTTP request is a letter."""

type Factory = Callable[[], asyncio.Protocol]


class Plain:
    """Whatever comes is for the protocol."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory

    async def __call__(self, sock: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._factory, sock)


class Secure:
    """A handshake first; who speaks plain http here is told where to go."""

    def __init__(self, factory: Factory, context: Callable[[], ssl.SSLContext], redirects: Factory) -> None:
        self._factory = factory
        self._context = context
        self._redirects = redirects

    async def __call__(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        first = await _first_byte(sock)
        if first == TLS_RECORD:
            await loop.connect_accepted_socket(
                self._factory,
                sock,
                ssl=self._context(),
                ssl_handshake_timeout=HANDSHAKE,
                ssl_shutdown_timeout=SHUTDOWN,
            )
        elif first:
            await loop.connect_accepted_socket(self._redirects, sock)
        else:
            sock.close()


async def _first_byte(sock: socket.socket) -> bytes:
    """Look at it and leave it there; empty when the client has gone. `TimeoutError` when none comes."""
    loop = asyncio.get_running_loop()
    try:
        return sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        pass
    came = asyncio.Event()
    loop.add_reader(sock, came.set)
    try:
        async with asyncio.timeout(HANDSHAKE):
            await came.wait()
    finally:
        loop.remove_reader(sock)
    return sock.recv(1, socket.MSG_PEEK)
