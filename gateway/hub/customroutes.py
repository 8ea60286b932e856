"""Routes that administrators add: which paths and targets they may have, kept and published."""

from __future__ import annotations

import asyncio
import socket
import unicodedata
from collections.abc import Callable, Collection, Iterable
from urllib.parse import urlsplit

from gateway import forms, targets
from gateway.errors import BadInput, NotFound
from gateway.hub.routes import Routes
from gateway.hub.words import plain
from gateway.model import CustomRoute
from gateway.routes import DEEPEST, Route, escape, split
from gateway.settings import Settings
from gateway.store import audit, customroutes
from gateway.store.store import Store
from gateway.store.work import Transaction
from gateway.targets import Refusal

RESERVED = ("hub", "api", "user", "services")
"""What the gateway itself has below its base path."""
LONGEST = 1000
"""Characters of a path."""
DEEP = 8
"""Segments of a path; a base path may have as many again."""
PATIENCE = 3.0
"""Seconds for a name to be resolved."""
ANYWHERE = "127.0.0.1"
"""From where a connection would come, for all that is known before there is one."""


class CustomRoutes:
    def __init__(self, settings: Settings, *, store: Store, routes: Routes, clock: Callable[[], float]) -> None:
        self._store = store
        self._routes = routes
        self._clock = clock
        self._own_ports = own_ports(settings)

    async def load(self) -> None:
        """Publish what is kept."""
        self._routes.set_custom(await self._store(customroutes.listing))

    async def add(self, wish: CustomRoute, by: str = "") -> CustomRoute:
        """BadInput for the path or the target, Conflict if the path is taken."""
        path = checked_path(wish.path)
        target = await self._checked_target(wish.target)
        route = CustomRoute(path, target, self._clock(), wish.access)
        await self._store(_add, route, by)
        await self.load()
        return route

    async def remove(self, path: str, by: str = "") -> None:
        """NotFound. Open connections of the route end."""
        try:
            known = checked_path(path)
        except BadInput:
            known = ""
        if not known or not await self._store(_remove, known, by, self._clock()):
            raise NotFound(f"there is no custom route for {plain(path)}", key="no-route", about={"path": plain(path)})
        await self.load()

    async def _checked_target(self, target: str) -> str:
        """The target in its one spelling, as far as it can be judged before the first connection.

        Workers judge the address that they reach, at every connection: a name may mean
        something else by then.
        """
        try:
            url = forms.service_url(target)
        except ValueError:
            url = ""
        if not url or len(target) > LONGEST or not target.isprintable():
            raise BadInput("target must be an address such as http://10.0.0.5:9000, with no path", key="route-target")
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        for address in await _addresses(host, port):
            if why := forbidden(address, port, self._own_ports, self._routes.table.by_id.values()):
                raise BadInput(
                    f"{plain(target)} is no target for a route: {why}",
                    key="route-nowhere",
                    about={"target": plain(target), "why": why.name},
                )
        return url


def checked_path(path: str) -> str:
    """A path below the base path in its one spelling, or `BadInput`. Pure."""
    if not path.startswith("/"):
        raise BadInput("path must begin with '/'", key="route-slash")
    if len(path) > LONGEST:
        raise BadInput(f"path must not be longer than {LONGEST} characters", key="route-long", about={"most": LONGEST})
    segments = list(split(path))
    if segments[-1] == "":
        segments.pop()
    if not segments:
        raise BadInput("path must not be '/': that is the gateway's own", key="route-root")
    if len(segments) > min(DEEP, DEEPEST):
        raise BadInput(f"path must not have more than {DEEP} segments", key="route-deep", about={"most": DEEP})
    for segment in segments:
        _check(segment)
    if segments[0].casefold() in RESERVED:
        raise BadInput(
            f"path must not be at or under /{segments[0]}: that is the gateway's own",
            key="route-reserved",
            about={"path": segments[0]},
        )
    return "".join(f"/{escape(segment)}" for segment in segments) + "/"


def _check(segment: str) -> None:
    if not segment:
        raise BadInput("path must not hold '//'", key="route-double")
    if segment in (".", ".."):
        raise BadInput("path must not hold the segments '.' and '..'", key="route-dots")
    if any(char in "/%\\;?#\ufffd" or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in segment):
        raise BadInput(
            "path must not hold '%', '\\', ';', '?', '#', an escaped '/', control or format characters",
            key="route-signs",
        )


def forbidden(address: str, port: int, own: Collection[int], routes: Iterable[Route]) -> Refusal:
    """Why no route may lead to this address; `NONE` if one may. Pure."""
    found = targets.address(address)
    if found is not None and found.is_unspecified:
        return Refusal.THIS_MACHINE
    return targets.refusal(address, ANYWHERE, port, own, routes)


def own_ports(settings: Settings) -> frozenset[int]:
    """Ports of this machine that are the gateway's own, and its database's."""
    ports = {forms.address(each)[1] for each in settings.gateway.bind}
    if isinstance(place := settings.hub_bind, tuple):
        ports.add(place[1])
    store = urlsplit(settings.store.url)
    if store.scheme.startswith("postgres"):
        ports.add(store.port or 5432)
    return frozenset(ports)


async def _addresses(host: str, port: int) -> list[str]:
    """All that the name means at this moment, in every spelling of a number too; [] when it means nothing."""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [str(each[4][0]).partition("%")[0] for each in found]


def _add(db: Transaction, route: CustomRoute, by: str) -> None:
    customroutes.add(db, route)
    audit.add(db, route.created, by, "route.add", route.path, f"{route.target} {route.access}")


def _remove(db: Transaction, path: str, by: str, now: float) -> bool:
    there = customroutes.remove(db, path)
    if there:
        audit.add(db, now, by, "route.remove", path, "")
    return there
