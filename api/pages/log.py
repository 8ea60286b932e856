"""What a server has written, as a page: its last lines, and by a script the new ones as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.page import Page
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.errors import NotFound
from gateway.hub.lifecycle import shown

LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LogContext(Context):
    template: ClassVar[str] = "log.html"
    title: Annotated[str, "Which server; empty for the default one"]
    owner: Annotated[str, "Whose server, if it is not the reader's; else empty"]
    owner_page: Annotated[str, "The path of the owner's page, for who administers; else empty"]
    lines: Annotated[str, "The last lines"]
    events: Annotated[str, "Path of the stream of what is added; empty when the server does not run"]


class LogPage(Page):
    """`/hub/log/{user}[/{server}]`."""

    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self.access.require(req, "servers", user=user, server=server)
        record = await self.hub.servers.get(user, server) if await self.hub.users.get(user) else None
        if record is None:
            raise NotFound("No such server", key="no-server")
        frame = self.frame(req)
        runs = shown(record.state) != "stopped"
        context = LogContext(
            frame=frame,
            title=plain(record.display_name or record.name),
            owner=user if user != req.user else "",
            owner_page=self.urls.admin("users", user) if await self._administers(req, user) else "",
            lines=plain("\n".join(await self.hub.servers.log_tail(user, server, LINES))),
            events=self.urls.log(user, server, LINES, frame.xsrf) if runs else "",
        )
        self.show(req, resp, context)

    async def _administers(self, req: Request, user: str) -> bool:
        seen = "admin-ui" in req.caller.scopes and await self.access.holds(req.caller, "read:users", user=user)
        return seen and user != req.user
