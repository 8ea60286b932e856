"""The upstream connections of one client connection, kept for its next requests.

They belong to a route *and its generation*, never to an address: a port can be
taken over by somebody else. One that is idle must be silent; what it sends then
would become the answer to a request that it has not seen, so it is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from mitmproxy.connection import Server

from gateway.routes import Route

UNIX = "unix:"
IDLE = 8
"""Idle connections that are kept; a front proxy may bring many users on one connection."""


def address_of(url: str) -> tuple[str, int]:
    """A route's URL as mitmproxy's address; a unix socket is `("unix:/path", 0)`."""
    if url.startswith(UNIX):
        return url, 0
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


class Upstreams:
    def __init__(self) -> None:
        self._idle: dict[tuple[str, int], Server] = {}

    def __iter__(self) -> Iterator[Server]:
        return iter(list(self._idle.values()))

    def __len__(self) -> int:
        return len(self._idle)

    def take(self, route: Route) -> Server | None:
        """The idle connection to `route` as it is now."""
        return self._idle.pop((route.id, route.generation), None)

    def outdated(self, route: Route) -> list[Server]:
        """Take out those that were made for other generations of `route`."""
        keys = [key for key in self._idle if key[0] == route.id and key[1] != route.generation]
        return [self._idle.pop(key) for key in keys]

    def keep(self, route: Route, server: Server) -> Server | None:
        """Keep `server` for the next request to `route`; gives the one that must make room."""
        old = self._idle.pop((route.id, route.generation), None)
        self._idle[route.id, route.generation] = server
        if old is None and len(self._idle) > IDLE:
            old = self._idle.pop(next(iter(self._idle)))
        return old

    def remove(self, server: object) -> bool:
        """Forget `server`; False if it is not one of these."""
        for key, kept in self._idle.items():
            if kept is server:
                del self._idle[key]
                return True
        return False
