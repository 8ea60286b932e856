"""The two pages of a log-in at a provider: away, and back."""

from __future__ import annotations

import re
import secrets

from falcon.asgi import Response

from api import origin
from api.cookies import TRAVELLER, Cookies
from api.pages.login import Doors
from api.pages.rendering import Renderer, redirect
from api.request import Request
from api.urls import Urls
from gateway.errors import HubgateError
from gateway.hub.core import Hub
from gateway.hub.redirects import LIFETIME

MARK = re.compile(r"[A-Za-z0-9_-]{43}")
FIELDS = 20
LONGEST_FIELD = 8192


class DeparturePage:
    """`/hub/auth/{name}/login`. From another site, or by a frame or prefetch, it leads to the log-in page only."""

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._cookies = cookies
        self._urls = urls
        self._doors = Doors(hub, renderer, cookies, urls)

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        self._hub.entrances.redirects.provider(name)
        then = self._urls.safe_next(req.query("next"))
        headers = req.lower
        if req.user:
            redirect(resp, then or self._urls.home)
            return
        if not (origin.is_top_level(headers) and origin.from_our_pages(headers)) or origin.is_prefetch(headers):
            redirect(resp, self._urls.login_then(then) if then else self._urls.login)
            return
        # The same mark for two tabs of one browser: each has a state of its own.
        marks = [value for value in req.cookies_named(TRAVELLER) if MARK.fullmatch(value)]
        mark = marks[0] if len(marks) == 1 else secrets.token_urlsafe(32)
        try:
            url = await self._hub.entrances.redirects.begin(name, mark, then, self._callback(req, name), req.knock)
        except HubgateError as error:
            self._doors.failed(req, resp, then, error, tried=name)
            return
        self._cookies.set_traveller(req, resp, mark, LIFETIME)
        redirect(resp, url)

    def _callback(self, req: Request, name: str) -> str:
        return req.origin(self._hub.settings.gateway.public_url) + self._urls.provider_callback(name)


class CallbackPage:
    """`/hub/auth/{name}/callback`. Only who was sent away from here, in this browser, gets in."""

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._urls = urls
        self._doors = Doors(hub, renderer, cookies, urls)

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        self._hub.entrances.redirects.provider(name)
        # The address holds a code: whatever page follows must not learn it as its Referer.
        resp.set_header("Referrer-Policy", "strict-origin")
        if req.user:
            redirect(resp, self._urls.home)
            return
        marks = [value for value in req.cookies_named(TRAVELLER) if MARK.fullmatch(value)]
        try:
            new, then = await self._hub.entrances.redirects.finish(name, _query(req), marks[:5], req.knock, req.device)
        except HubgateError as error:
            self._doors.failed(req, resp, "", error, tried=name)
        else:
            self._doors.entered(req, resp, new, then)


def _query(req: Request) -> dict[str, str]:
    """The fields of the query; of a repeated one, none: what two readers could read differently counts for nothing."""
    fields = {name: req.get_param_as_list(name) or [] for name in list(req.params)[:FIELDS]}
    return {name: values[0] for name, values in fields.items() if len(values) == 1 and len(values[0]) <= LONGEST_FIELD}
