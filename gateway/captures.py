"""What a capture records: the values that hub and workers share. Pure.

The hub decides that there is a capture and says so to the workers as `Order`; a worker
decides for each request whether an order covers it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.routes import server_route_id

MAX_SECONDS = 3600
BODY = 65536
"""Bytes that are kept of each body and message, without a wish."""
MAX_BODY = 262144
"""And at most: a worker works off what it keeps between two requests of others."""
RUNNING = 4
"""Captures at a time."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which requests are meant; an empty field means any, all fields count at once."""

    user: str = ""
    """Who sends them."""
    server: str = ""
    """`owner/name`: to whose server, whoever sends them."""
    path: str = ""
    """The decoded path, base path included, or what it lies below."""
    filter: str = ""
    """An expression (`gateway.flowfilter`) over what was recorded."""

    def covers(self, user: str, route: str, path: str) -> bool:
        """Is a request of `user` ("" = nobody known) for this route and path meant, its filter aside?"""
        return (
            (not self.user or self.user == user)
            and (not self.server or route == server_route_id(*self.server.split("/", 1)))
            and _below(path, self.path)
        )

    def concerns(self, user: str) -> bool:
        """Could requests of `user`, or for a server of theirs, be among them?"""
        owner = self.server.partition("/")[0]
        return user in {self.user, owner} or not (self.user or self.server)


def _below(path: str, top: str) -> bool:
    """`/a/b` is below `/a`, `/ab` is not."""
    return not top or path == top or path.startswith(top if top.endswith("/") else top + "/")


@dataclass(frozen=True, slots=True)
class Order:
    """A running capture, as workers know it."""

    id: str
    key: str
    """Random, of this capture alone: what is hidden is shown as a hash with it."""
    until: float
    """POSIX seconds; nothing is recorded later, whether the hub is there or not."""
    scope: Scope
    body: int = BODY
    redact: bool = True
    fields: tuple[str, ...] = ()
    """More names of headers, arguments, form fields and JSON keys whose values are hidden."""
