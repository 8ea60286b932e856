"""The small resources: version, info, keys, health."""

from __future__ import annotations

import sys
from typing import Any

from falcon.asgi import Response

import gateway
from api.access import Access
from api.request import Request
from gateway.hub.core import Hub


class Version:
    """`GET /hub/api`: for everybody, other sites' pages included."""

    open_to_all = True

    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.media = {"version": gateway.JUPYTERHUB_VERSION}


class Info:
    """`GET /hub/api/info`."""

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._access.require(req, "read:hub")
        authenticator = type(self._hub.authenticators[0])
        spawner = type(self._hub.servers.spawner())
        resp.media = {
            "version": gateway.JUPYTERHUB_VERSION,
            "python": sys.version,
            "sys_executable": sys.executable,
            "spawner": _about(spawner),
            "authenticator": _about(authenticator),
        }


class Keys:
    """`GET /hub/api/jwks.json`: with these, servers and services check `X-Hubgate-Identity`."""

    open_to_all = True

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = self._hub.keys.jwks()


class Health:
    """`GET /hub/health`: the hub answers."""

    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = ""

    async def on_head(self, req: Request, resp: Response) -> None:
        await self.on_get(req, resp)


def _about(cls: type[Any]) -> dict[str, str]:
    return {"class": f"{cls.__module__}.{cls.__qualname__}", "version": gateway.__version__}
