"""The hub's one socket, and uvicorn behind it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Generator
from pathlib import Path

import uvicorn

from gateway import forms, listen
from gateway.channel.messages import MAX_FRAME
from gateway.errors import HubgateError
from gateway.hub.asgi import App
from gateway.hub.joined import Connection

KEEP_ALIVE = 300
"""Seconds for which a worker may keep a connection that it does not use."""
FAREWELL = 2
"""Seconds that requests in flight get when the hub ends."""


class Server(uvicorn.Server):
    """uvicorn without its own mind about signals; it tells when it answers."""

    def __init__(self, app: App, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME,
                ws_per_message_deflate=False,
                ws_ping_interval=None,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=FAREWELL,
            )
        )
        self._on_started = on_started

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()


def listener(place: forms.Place) -> socket.socket:
    """A listening socket: loopback, or a path that nobody but this user can open."""
    if isinstance(place, tuple):
        return listen.open_all([forms.joined(*place)])[0]
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _bind(made, place)
        made.listen(listen.BACKLOG)
    except OSError as error:
        made.close()
        raise HubgateError(f"cannot listen on {place}: {error.strerror or error}") from None
    made.setblocking(False)
    return made


def _bind(made: socket.socket, path: Path) -> None:
    """The hub's lock is ours, so what stands there belongs to a dead hub."""
    path.unlink(missing_ok=True)
    before = os.umask(0o077)
    try:
        made.bind(str(path))
    finally:
        os.umask(before)
