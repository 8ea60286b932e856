"""What a person does with a server of theirs besides start and stop: restart it, call it something else."""

from __future__ import annotations

from falcon.asgi import Response

from api.access import actor
from api.pages.page import Page
from api.pages.rendering import redirect
from api.request import Request
from gateway.errors import NotFound
from gateway.hub.starts import Wish

PATIENCE = 20.0
"""Seconds that the browser is kept waiting for the stop. What takes longer is started by hand."""
LONGEST = 255


class RestartPage(Page):
    """`POST /hub/restart/{user}[/{server}]`: stopped, then started as it was."""

    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self.access.require(req, "delete:servers", user=user, server=server)
        identity = await self.access.require(req, "start:servers", user=user, server=server)
        if await self.hub.users.get(user) is None or await self.hub.servers.get(user, server) is None:
            raise NotFound("No such server", key="no-server")
        await self.hub.servers.stop(user, server, by=actor(identity))
        if await self.hub.servers.stopped(user, server, PATIENCE):
            await self.hub.servers.start(user, server, by=actor(identity))
        redirect(resp, self.urls.page("spawn-pending", user, server))


class RenamePage(Page):
    """`POST /hub/rename/{user}/{server}`: another name for people; the address stays."""

    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        identity = await self.access.require(req, "servers", user=user, server=server)
        name = req.form.get("display_name", "").strip()[:LONGEST]
        await self.hub.servers.change(Wish(user, server, display_name=name), by=actor(identity))
        self.back(resp, self.urls.home, "renamed")
