"""What somebody may do with a server: everything, what lies below one path of it, or only look on. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from gateway.model import Identity
from gateway.proxy.facts import Facts
from gateway.routes import Route, Segments
from gateway.scopes import allows
from gateway.sharing import in_api, plain_name

type Right = Literal["full", "part", "view"]


def right(who: Identity, route: Route, facts: Facts) -> Right | None:
    """The most that `who` may do with this path of a user's server; None = nothing."""
    if allows(who.scopes, "access:servers", user=route.owner, server=route.server, groups=route.owner_groups):
        return "full"
    if route.auth == "jupyterhub":
        return None  # it asks the hub, which knows who may use all of it: whatever was shared of it, and whenever
    ways = [way for way in who.admissions if (way.owner, way.server) == (route.owner, route.server)]
    if not ways or (asked := below(facts.path, len(route.prefix))) is None:
        return None
    open_ = [way for way in ways if asked[: len(path := _names(way.path))] == path]
    # Of Jupyter's REST API nothing but this is shared; a grant may be older than that rule.
    if any(not (way.view_only or in_api(way.path)) for way in open_):
        return "part"
    return "view" if open_ else None


def below(path: str, depth: int) -> Segments | None:
    """What a raw path has after so many segments, decoded once; None where a server could read it in another way.

    An empty segment may stand at the end alone: some servers drop those in between.
    """
    raw = path.encode("latin-1").split(b"/")[depth + 1 :]
    names = tuple(plain_name(segment) if segment else "" for segment in raw)
    if None in names or "" in names[:-1]:
        return None
    return tuple(name or "" for name in names)


@lru_cache(maxsize=4096)
def _names(path: str) -> Segments:
    return tuple(unquote(part) for part in path.split("/")) if path else ()
