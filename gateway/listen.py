"""The listening sockets: bound once, by the supervisor or by a worker that runs alone.

`SO_REUSEADDR` so that a restart need not wait for old connections to time out;
never `SO_REUSEPORT`, with which any process of the same user could join the port
and get a share of the connections. A socket is shared by inheritance instead.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Sequence

from gateway import forms
from gateway.errors import HubgateError

BACKLOG = 1024
"""Connections that may wait; the kernel cuts it to `net.core.somaxconn`."""


def open_all(binds: Sequence[str], patience: float = 0.0) -> list[socket.socket]:
    """One listening socket for each `HOST:PORT`, in their order; all of them or `HubgateError`.

    `patience` (seconds) bridges the moment in which the workers of a dead
    supervisor still let go of the port.
    """
    opened: list[socket.socket] = []
    until = time.monotonic() + patience
    try:
        for bind in binds:
            opened.append(_open(bind, until))
    except HubgateError:
        close_all(opened)
        raise
    return opened


def close_all(sockets: Sequence[socket.socket]) -> None:
    for each in sockets:
        each.close()


def inherited(fds: Sequence[int]) -> list[socket.socket]:
    """The sockets behind inherited descriptors."""
    return [socket.socket(fileno=fd) for fd in fds]


def bound(listener: socket.socket) -> str:
    """`HOST:PORT` as it was really taken: port 0 has become a number."""
    name, port = listener.getsockname()[:2]
    return forms.joined(name, port)


def actual(binds: Sequence[str], listeners: Sequence[socket.socket]) -> tuple[str, ...]:
    """`binds` with their real ports; names stay names."""
    return tuple(
        forms.joined(forms.address(bind)[0], listener.getsockname()[1])
        for bind, listener in zip(binds, listeners, strict=True)
    )


def _open(bind: str, until: float) -> socket.socket:
    name, port = forms.address(bind)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise HubgateError(f"cannot listen on {bind}: {name!r} is no address of this machine ({error})") from None
    problem = OSError(errno.EADDRNOTAVAIL, "no address")
    for family, _, _, _, place in found:
        try:
            return _listening(family, place, until)
        except OSError as error:
            problem = error
            if error.errno == errno.EADDRINUSE:
                break  # `localhost` is taken, even if its other address is free
    raise HubgateError(f"cannot listen on {bind}: {_reason(problem)}") from None


def _listening(family: int, place: object, until: float) -> socket.socket:
    while True:
        try:
            return _try(family, place)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() >= until:
                raise
            time.sleep(0.05)


def _try(family: int, place: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(place)  # type: ignore[arg-type]  # as getaddrinfo gave it
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "address already in use, perhaps by an older gateway"
        case errno.EACCES:
            return "this user may not use this port"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        case _:
            return error.strerror or str(error)
