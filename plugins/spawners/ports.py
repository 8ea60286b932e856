"""Free ports on loopback, where no outgoing connection gets in the way. None is handed out twice in short order.

Between the moment when a port is found free and the one when its server listens there lies a second or two. In the
kernel's own range (`ip_local_port_range`) any connection that anybody makes may be given the port in between, and a
gateway makes a great many.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path

from gateway.errors import StartFailed

LOOPBACK = "127.0.0.1"

HOLD_SECONDS = 60.0
"""A server that was given a port may take this long to listen on it."""

TRIES = 100
"""On ports of `OURS`, and then as many on what the kernel offers."""

OURS = range(20_000, 30_000)
"""Below Linux's own range and that of Kubernetes' node ports, and with few well-known services."""

KERNELS = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Ports:
    def __init__(self) -> None:
        self._held: dict[int, float] = {}
        self._ours = _ours()

    def take(self, now: float) -> int:
        """A port that is free now. Whether the server really got it is checked when it answers."""
        self._held = {port: until for port, until in self._held.items() if until > now}
        for wish in self._wishes():
            port = _free(wish)
            if port and port not in self._held:
                self._held[port] = now + HOLD_SECONDS
                return port
        raise StartFailed("There is no free port on this machine", key="start-no-port")

    def _wishes(self) -> Iterator[int]:
        """0: whichever the kernel gives."""
        return chain(random.sample(self._ours, min(TRIES, len(self._ours))), repeat(0, TRIES))


def _ours() -> range:
    """None where the kernel's range is another, or cannot be known."""
    with suppress(OSError, ValueError):
        first, last = map(int, KERNELS.read_text("ascii").split())
        if last < OURS.start or first >= OURS.stop:
            return OURS
    return range(0)


def _free(port: int) -> int:
    """`port` if it is free, else 0; for 0 one that the kernel chooses."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if port:
                return 0
            raise StartFailed(
                f"There is no free port on this machine: {error.strerror}", key="start-no-port"
            ) from error
        found: int = probe.getsockname()[1]
        return found
