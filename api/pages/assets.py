"""The files below `/hub/static/`: few and small, so they are served from memory."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any

from falcon.asgi import Response

from api.request import Request
from api.urls import Urls
from gateway.errors import NotFound

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
YEAR = 31536000


class Assets:
    """All of them, read once. Their addresses change with their content."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls
        folder = files("api.pages") / "static"
        self._files = {item.name: item.read_bytes() for item in folder.iterdir() if _type(item.name)}
        self._tags = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in self._files.items()}

    def url(self, name: str) -> str:
        return f"{self._urls.hub}static/{name}?v={self._tags[name]}"

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        if name not in self._files:
            raise NotFound("There is no such file", key="no-file")
        resp.content_type = _type(name)
        resp.etag = self._tags[name]
        fresh = req.query("v") == self._tags[name]
        resp.cache_control = [f"max-age={YEAR}", "immutable"] if fresh else ["no-cache"]
        if any(tag == self._tags[name] for tag in req.if_none_match or ()):
            resp.status = 304
            return
        resp.data = self._files[name]

    async def on_head(self, req: Request, resp: Response, **params: Any) -> None:
        await self.on_get(req, resp, **params)


def _type(name: str) -> str:
    return next((kind for ending, kind in TYPES.items() if name.endswith(ending)), "")
