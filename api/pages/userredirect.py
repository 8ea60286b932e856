"""Addresses that mean everybody's own server, or that older links have."""

from __future__ import annotations

from falcon.asgi import Response

from api.pages.rendering import redirect
from api.request import Request
from api.urls import Urls


class UserRedirectPage:
    """`/hub/user-redirect/…`: the same path below the server of whoever comes."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    async def on_get(self, req: Request, resp: Response, rest: str) -> None:
        redirect(resp, self._urls.server(req.caller.name) + _below(req, f"{self._urls.hub}user-redirect/"))


class HubUserPage:
    """`/hub/user/…`: where JupyterHub answers for servers that do not run. Here that is the gate's business."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    async def on_get(self, req: Request, resp: Response, rest: str) -> None:
        redirect(resp, f"{self._urls.base}user/" + _below(req, f"{self._urls.hub}user/"))


def _below(req: Request, prefix: str) -> str:
    """Path and query behind `prefix`, as they were sent; the gate has refused what is no plain path."""
    return req.target[len(prefix) :].lstrip("/")
