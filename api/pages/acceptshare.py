"""The page behind an invitation's link: who offers what, and one button.

Opening it does nothing, so that no preview and no prefetch accepts anything. The
code is in its address, so the page tells nobody its address (`Referrer-Policy`):
what it leads to is a server of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import unquote

from falcon.asgi import Response

from api.access import actor
from api.pages.rendering import Context, Renderer, redirect
from api.pages.scopewords import in_words
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.errors import BadInput, Forbidden, Gone, NotFound
from gateway.hub.core import Hub
from gateway.hub.lifecycle import shown
from gateway.model import Server

INVALID = "Share not found or expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptContext(Context):
    template: ClassVar[str] = "acceptshare.html"
    owner: Annotated[str, "Who invites"]
    title: Annotated[str, "The server's name, empty for the default one"]
    address: Annotated[str, "The path of the server"]
    path: Annotated[str, "The path below the server that it is about; empty for all of it"]
    view_only: Annotated[bool, "Only to look on"]
    scopes: Annotated[tuple[str, ...], "What will be allowed there, in words"]
    running: Annotated[bool, "Does the server run at the moment?"]
    code: Annotated[str, "The invitation's code, sent along with the form"]
    action: Annotated[str, "Where the form is posted"]
    next: Annotated[str, "The path to go to after it, or empty"]


class AcceptSharePage:
    """`/hub/accept-share?code=…`."""

    def __init__(self, hub: Hub, renderer: Renderer, urls: Urls) -> None:
        self._hub = hub
        self._renderer = renderer
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        code = req.query("code")
        caller = req.caller
        # Not `no-referrer`: the form would then have no origin.
        resp.set_header("Referrer-Policy", "strict-origin")
        if not code:
            raise BadInput("The link is not complete: its code is missing", key="share-incomplete")
        try:
            found = await self._hub.shares.look(code, actor(caller), req.client_address)
        except Gone:
            raise NotFound(INVALID, key="share-gone") from None
        if found.owner == caller.name:
            raise Forbidden("You can't share with yourself!", key="share-self")
        record = await self._hub.servers.get(found.owner, found.server) or Server(found.owner, found.server)
        frame = self._renderer.frame(req)
        context = AcceptContext(
            frame=frame,
            owner=found.owner,
            title=plain(record.display_name or record.name),
            address=self._urls.server(found.owner, found.server) + found.path,
            path=unquote(found.path),
            view_only=found.view_only,
            scopes=in_words((scope.partition("!")[0] for scope in found.scopes), frame.language),
            running=shown(record.state) == "ready",
            code=code,
            action=f"{self._urls.hub}accept-share",
            next=self._urls.safe_next(req.query("next")),
        )
        self._renderer.show(req, resp, context)

    async def on_post(self, req: Request, resp: Response) -> None:
        resp.set_header("Referrer-Policy", "strict-origin")
        code = req.form.get("code", "")
        try:
            grant = await self._hub.shares.accept(code, req.caller.name, req.client_address)
        except (NotFound, Gone):
            raise BadInput("Invalid share code: it is unknown, expired or used up", key="share-invalid") from None
        there = self._urls.server(grant.owner, grant.server) + grant.path
        redirect(resp, self._urls.safe_next(req.form.get("next", ""), there))
