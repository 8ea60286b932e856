"""Log-out. It acts only when a person opens it, never by a picture, a frame or a foreign link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api import origin
from api.cookies import Cookies
from api.pages.rendering import Context, Renderer, redirect
from api.request import Request
from api.urls import Urls
from gateway.hub.core import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutContext(Context):
    template: ClassVar[str] = "logout.html"
    done: Annotated[bool, "It has happened, and the log-in page would log this person in again"]


class LogoutPage:
    """`/hub/logout`. From another site it only asks."""

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._renderer = renderer
        self._cookies = cookies
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        headers = req.lower
        asked_here = origin.is_top_level(headers) and origin.from_our_pages(headers) and not origin.is_prefetch(headers)
        if req.identity and not asked_here:
            self._renderer.show(req, resp, LogoutContext(frame=self._renderer.frame(req), done=False))
            return
        elsewhere = ""
        if req.identity:
            elsewhere = await self._hub.sessions.log_out(
                req.identity.digest, self._public(req), insecure=self._cookies.insecure
            )
            req.identity = None
        self._cookies.clear_session(req, resp)
        self._cookies.clear_xsrf(req, resp)
        if not elsewhere and self._hub.sessions.vouched(req.knock):
            self._renderer.show(req, resp, LogoutContext(frame=self._renderer.frame(req), done=True))
        else:
            redirect(resp, elsewhere or self._urls.login)

    def _public(self, req: Request) -> str:
        return req.origin(self._hub.settings.gateway.public_url) + self._urls.login
