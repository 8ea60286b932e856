"""Free ports on loopback. The kernel chooses; none is handed out twice in short order."""

from __future__ import annotations

import socket

from gateway.errors import StartFailed

LOOPBACK = "127.0.0.1"

HOLD_SECONDS = 60.0
"""A server that was given a port may take this long to listen on it."""

TRIES = 100


class Ports:
    def __init__(self) -> None:
        self._held: dict[int, float] = {}

    def take(self, now: float) -> int:
        """A port that is free now. Whether the server really got it is checked when it answers."""
        self._held = {port: until for port, until in self._held.items() if until > now}
        for _ in range(TRIES):
            port = _free()
            if port not in self._held:
                self._held[port] = now + HOLD_SECONDS
                return port
        raise StartFailed("There is no free port on this machine")


def _free() -> int:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, 0))
        except OSError as error:
            raise StartFailed(f"There is no free port on this machine: {error.strerror}") from error
        port: int = probe.getsockname()[1]
        return port
