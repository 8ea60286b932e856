"""Routes: which path leads where, as one immutable table that is swapped whole.

A path is cut on raw `/`, each segment is decoded once and brought to NFC; the
longest prefix of segments wins. Pure: no I/O, no clock.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

type Segments = tuple[str, ...]

SESSION_COOKIE = "hubgate-session"
"""The session cookie's name. `session_cookie` tells which of its two forms is used."""
SECRET_MARK = "server."  # noqa: S105  # a mark in the clear, no secret
"""How every server's secret begins. JupyterLab repeats its server's secret in the
`Authorization` of each request; the gate must tell that from a gateway token,
also when the tab is older than the server. Gateway tokens never contain a dot."""
LONGEST_TOKEN = 64
"""Characters, JupyterHub's limit: whatever is presented as a token and is longer is none."""

RESPONSE_TIMEOUT = 300.0
"""Long enough for what a notebook server computes before it says a word."""


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of the table. `id` names it for ever and is the JWT's audience."""

    id: str
    """`hub`, `server:alice/`, `server:alice/gpu`, `service:culler`, `custom:/x/`."""
    kind: Literal["hub", "server", "service", "custom"]
    prefix: Segments
    """Decoded segments, base path included."""
    generation: int = 0
    """Changes with the target. Upstream connections belong to (id, generation)."""
    state: Literal["ready", "starting", "stopping", "stopped"] = "ready"
    url: str = ""
    """`http://host:port` or `unix:/path`; "" unless ready."""
    secret: str = ""
    """Sent upstream as `Authorization: token …` where `auth` is `token`."""
    auth: Literal["token", "none", "jupyterhub"] = "none"
    owner: str = ""
    server: str = ""
    owner_groups: tuple[str, ...] = ()
    upgrades: tuple[str, ...] = ("websocket",)
    access: Literal["admin", "authenticated", "public"] = "authenticated"
    """Who may use a custom route."""
    message: str = ""
    """Why it stopped, in words for those who may use it."""
    max_body: int = 0
    """Bytes of a request's body; 0 = no limit but the gateway's own."""
    response_timeout: float = RESPONSE_TIMEOUT
    """Seconds until the head of a response must be there, once the request is sent; 0 = for ever."""
    idle_timeout: float = 0
    """Seconds that a WebSocket may be silent in both directions; 0 = for ever."""
    strip_prefix: bool = False
    """What is there lives at its own root and does not know `prefix`."""
    client: str = ""
    """Its id as an OAuth client, if it asks the hub itself who comes: then it sees its own cookies, and the token
    by which it is used."""


def same_target(before: Route, now: Route | None) -> bool:
    """May what is open to `before` stay open? Not when it is being stopped, or leads elsewhere."""
    return (
        now is not None
        and now.state == "ready"
        and (now.generation, now.url, now.prefix) == (before.generation, before.url, before.prefix)
    )


def split(raw_path: str) -> Segments:
    """Raw path (no query) to decoded NFC segments; leading `/` dropped, last "" kept.

    `/user/a%20b/` gives `("user", "a b", "")`. Bytes that are no UTF-8 become
    U+FFFD, which no name contains.
    """
    return tuple(decode(segment) for segment in raw_path.removeprefix("/").split("/"))


def decode(segment: str) -> str:
    """Percent-decode one raw segment once, as UTF-8, to NFC."""
    if "%" not in segment and segment.isascii():
        return segment
    raw = unquote_to_bytes(segment.encode("latin-1", "replace"))
    return unicodedata.normalize("NFC", raw.decode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def escape(name: str) -> str:
    """A name as one path segment, as JupyterHub escapes it (`@` and `~` stay)."""
    return quote(name, safe="@~")


def base_segments(base_path: str) -> Segments:
    """`/` to `()`, `/x/y/` to `("x", "y")`."""
    return tuple(part for part in split(base_path) if part)


def session_cookie(base_path: str, secure: bool) -> str:
    """The session cookie's name: with TLS at the root no sibling host can set it."""
    return f"__Host-{SESSION_COOKIE}" if secure and base_path == "/" else SESSION_COOKIE


def server_url(base_path: str, user: str, server: str = "") -> str:
    """The path of a server, percent-encoded, with both slashes."""
    return f"{base_path}user/{escape(user)}/" + (f"{escape(server)}/" if server else "")


def server_route_id(user: str, server: str = "") -> str:
    return f"server:{user}/{server}"


def service_url(base_path: str, service: str) -> str:
    """The path of a service, percent-encoded, with both slashes."""
    return f"{base_path}services/{escape(service)}/"


def service_route_id(service: str) -> str:
    return f"service:{service}"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All routes of a moment. Never changed; `changed` makes the next one."""

    by_id: Mapping[str, Route] = field(default_factory=dict)
    by_prefix: Mapping[Segments, Route] = field(default_factory=dict)

    @classmethod
    def of(cls, routes: Iterable[Route]) -> RouteTable:
        by_id = {route.id: route for route in routes}
        return cls(by_id, {route.prefix: route for route in by_id.values()})

    def changed(self, put: Iterable[Route] = (), drop: Iterable[str] = ()) -> RouteTable:
        by_id = dict(self.by_id)
        by_prefix = dict(self.by_prefix)
        put = tuple(put)
        for route_id in (*drop, *(route.id for route in put)):
            # A prefix may have gone to another route meanwhile: that one keeps it.
            if (old := by_id.pop(route_id, None)) and by_prefix.get(old.prefix) is old:
                del by_prefix[old.prefix]
        for route in put:
            by_id[route.id] = route
            by_prefix[route.prefix] = route
        return RouteTable(by_id, by_prefix)

    def find(self, segments: Segments) -> Route | None:
        """The route with the longest prefix of `segments`, or None."""
        for length in range(min(len(segments), DEEPEST), -1, -1):
            if route := self.by_prefix.get(segments[:length]):
                return route
        return None


DEEPEST = 16
"""A prefix may have so many segments at most; `find` looks no deeper."""
