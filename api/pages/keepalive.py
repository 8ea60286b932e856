"""The button that keeps a server alive which nobody seems to use."""

from __future__ import annotations

from falcon.asgi import Response

from api.access import Access
from api.pages.rendering import redirect
from api.request import Request
from api.urls import Urls
from gateway.hub.core import Hub


class KeepAlivePage:
    """`POST /hub/keep-alive/{user}[/{server}]`."""

    def __init__(self, hub: Hub, access: Access, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._urls = urls

    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self._access.require(req, "users:activity", user=user)
        if self._hub.servers.live(user, server):
            await self._hub.culling.keep_alive(user, server)
        redirect(resp, self._urls.home)
