"""Log in once more: for people who have no password that a page could ask for."""

from __future__ import annotations

from falcon.asgi import Response

from api.cookies import Cookies
from api.pages.rendering import redirect
from api.request import Request
from api.urls import Urls
from gateway.hub.core import Hub


class AgainPage:
    """`POST /hub/again`: this session ends, and a new log-in leads to `next`."""

    def __init__(self, hub: Hub, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._cookies = cookies
        self._urls = urls

    async def on_post(self, req: Request, resp: Response) -> None:
        await self._hub.sessions.log_out(req.caller.digest)
        self._cookies.clear_session(req, resp)
        self._cookies.clear_xsrf(req, resp)
        redirect(resp, self._urls.login_then(self._urls.safe_next(req.form.get("next", ""), self._urls.home)))
