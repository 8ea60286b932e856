"""Stopping a server, and removing one that is stopped: posts that lead back to home."""

from __future__ import annotations

from falcon.asgi import Response

from api.access import Access, actor
from api.pages.rendering import redirect
from api.request import Request
from api.urls import Urls
from gateway.hub.core import Hub

PATIENCE = 2.0
"""Seconds that the browser is kept waiting, so that home usually shows the end of it."""


class StopPage:
    """`POST /hub/stop/{user}[/{server}]`."""

    def __init__(self, hub: Hub, access: Access, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._urls = urls

    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        identity = await self._access.require(req, "delete:servers", user=user, server=server)
        await self._hub.servers.stop(user, server, by=actor(identity))
        await self._hub.servers.stopped(user, server, PATIENCE)
        mine = user == req.user
        place = self._urls.home if mine else self._urls.page("spawn-pending", user, server)
        redirect(resp, self._urls.safe_next(req.form.get("next", ""), place))


class RemovePage:
    """`POST /hub/remove/{user}/{server}`: a named server's record goes, its files stay."""

    def __init__(self, hub: Hub, access: Access, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._urls = urls

    async def on_post(self, req: Request, resp: Response, user: str, server: str) -> None:
        await self._access.require(req, "delete:servers", user=user, server=server)
        await self._hub.servers.remove(user, server)
        redirect(resp, self._urls.home)
