"""Names come from the raw path: cut on `/` first, each piece decoded exactly once.

ASGI servers decode the path before the app can cut it, so `/users/a%2Fb` would
have one segment too many. `RawPath` gives Falcon's router each segment decoded and
encoded again with nothing left unescaped but letters, digits and `_.-~`; the
converters of the URL map decode the fields.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from falcon.routing import BaseConverter

from api.dialect import dialect_of
from gateway.model import normalise
from gateway.routes import base_segments, split

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]
type Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


SLASHED = ("servers", "shares", "share-codes", "shared")
"""Below these an empty name is one: the default server's."""


PLAIN = re.compile(r"(/[A-Za-z0-9_.~-]*)+")
"""A path that is spelled so already, as nearly all are."""


def routable(raw_path: str) -> str:
    """A raw path in the one spelling that the router compares with."""
    if PLAIN.fullmatch(raw_path):
        return raw_path
    return "/" + "/".join(quote(segment, safe="") for segment in split(raw_path))


def unslashed(path: str) -> str:
    """A routable path of the API without the slash at its end, where that does not name anything.

    It does in `users/{user}/servers/` and in `shares/{owner}/` with its like.
    """
    parts = path.split("/")
    if parts[-1] or len(parts) < 3 or parts[-2] == "servers" or parts[-3] in SLASHED:
        return path
    return path[:-1]


def template_base(base_path: str) -> str:
    """The base path as the URL map writes it, in the same spelling, `/` at the end."""
    return "".join(f"/{quote(segment, safe='')}" for segment in base_segments(base_path)) + "/"


class RawPath:
    """ASGI middleware: puts the routable path where Falcon looks for the path."""

    def __init__(self, app: Any, base: str) -> None:
        self.app = app
        self._base = template_base(base)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw = scope["raw_path"].decode("latin-1")
            path = routable(raw)
            if path[-1] == "/" and dialect_of(path, self._base):
                path = unslashed(path)
            scope = {**scope, "path": path}
        await self.app(scope, receive, send)


class UserConverter(BaseConverter):
    """`{user:user}`: a user's name as names are compared; whether it exists is not asked."""

    def convert(self, value: str) -> str | None:
        name = normalise(unquote(value))
        return name if name and "\0" not in name else None


class ServerConverter(BaseConverter):
    """`{server:server}`: a named server's name, kept as it was sent."""

    def convert(self, value: str) -> str | None:
        name = unquote(value)
        return name if name and "\0" not in name else None


class GroupConverter(BaseConverter):
    """`{group:group}`: a group's name in the form in which names are kept; upper and lower case are different."""

    def convert(self, value: str) -> str | None:
        name = unicodedata.normalize("NFC", unquote(value))
        return name if name and "\0" not in name else None
