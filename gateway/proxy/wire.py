"""One socket of a client connection: the client's own, or an upstream's.

An asyncio protocol instead of a stream: no task and no reader buffer for each
connection, reads of up to 256 KiB, and back-pressure by direction. Whatever
happens is told to the handler at once, which is where decisions are made.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, cast

from mitmproxy.connection import Connection, ConnectionState

if TYPE_CHECKING:
    from gateway.proxy.handler import Handler

HIGH_WATER = 262144
"""Bytes waiting to be written above which what feeds this socket is not read."""
LOW_WATER = 65536
KEEPALIVE = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 20), (socket.TCP_KEEPCNT, 4))
RESET = struct.pack("ii", 1, 0)
"""`SO_LINGER` on, 0 seconds: closing discards what the peer has not taken."""


class Wire(asyncio.Protocol):
    __slots__ = ("blocked", "connection", "handler", "held", "progress", "takes", "transport")

    def __init__(self, handler: Handler, connection: Connection) -> None:
        self.handler = handler
        self.connection = connection
        self.transport = cast(asyncio.Transport, None)
        self.blocked = False
        """More waits to be written than `HIGH_WATER`."""
        self.held = False
        """Not read for the time being."""
        self.takes = True
        """Bytes may be written to it."""
        self.progress = (0, 0.0)
        """Bytes that waited to be written, and when that was last different."""

    # ── what asyncio tells ───────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        keep_alive(self.transport.get_extra_info("socket"))
        self.handler.opened(self)

    def data_received(self, data: bytes) -> None:
        self.handler.received(self, data)

    def eof_received(self) -> bool:
        self.handler.ended(self)
        return self.transport.get_extra_info("sslcontext") is None  # a half-closed TLS stream cannot be kept

    def connection_lost(self, error: Exception | None) -> None:
        self.takes = False
        self.handler.lost(self)

    def pause_writing(self) -> None:
        self.blocked = True
        self.handler.regulate()

    def resume_writing(self) -> None:
        self.blocked = False
        self.progress = (-1, 0.0)  # by the next look it may be as full as before
        self.handler.regulate()

    # ── what the handler does ────────────────────────────────────────────────

    def hold(self, held: bool) -> None:
        """Stop reading, or go on."""
        if held is self.held:
            return
        self.held = held
        if held:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def close(self) -> None:
        """Send what waits, then close."""
        self.takes = False
        self.connection.state = ConnectionState.CLOSED
        self.transport.close()

    def half_close(self) -> None:
        """Send what waits, then say that no more will come; where that cannot be said, close."""
        if not self.transport.can_write_eof():
            self.close()
        elif self.connection.state & ConnectionState.CAN_WRITE:
            self.takes = False
            self.connection.state &= ~ConnectionState.CAN_WRITE
            self.transport.write_eof()

    def abort(self) -> None:
        """Close now; what the kernel holds still goes out."""
        self.takes = False
        self.connection.state = ConnectionState.CLOSED
        self.transport.abort()

    def reset(self) -> None:
        """Close now, and let the peer have nothing more."""
        if (sock := self.transport.get_extra_info("socket")) is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.abort()

    def stuck(self, now: float, patience: float) -> bool:
        """Has nothing gone out for `patience` seconds although something waits? Asked each second."""
        waiting = self.transport.get_write_buffer_size()
        if waiting == 0 or waiting != self.progress[0]:
            self.progress = (waiting, now)
        return now - self.progress[1] > patience


def keep_alive(sock: socket.socket | None) -> None:
    """Have the kernel notice a dead peer within three minutes."""
    if sock is None or sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
