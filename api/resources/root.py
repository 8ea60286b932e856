"""The small resources: version, information, keys."""

from __future__ import annotations

import sys
from typing import Any, Required, TypedDict

from falcon.asgi import Response

import gateway
from api.dialect import OURS
from api.operation import Resource, operation
from api.request import Request


class VersionModel(TypedDict, total=False):
    version: Required[str]
    hubgate_version: str


class Version(Resource):
    """The root of each dialect: for everybody, other sites' pages included."""

    @operation("The version of JupyterHub's API that this is", open_to_all=True, answers={200: VersionModel})
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.media = {"version": gateway.JUPYTERHUB_VERSION}
        if req.dialect is OURS:
            resp.media["hubgate_version"] = gateway.__version__

    async def on_options(self, _req: Request, resp: Response) -> None:
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.set_header("Allow", "GET, OPTIONS")
        resp.content_type = "application/json"


class Info(Resource):
    """`/hub/api/info`."""

    @operation("What the hub is made of", scopes=("read:hub",), answers={200: dict[str, Any]})
    async def on_get(self, _req: Request, resp: Response) -> None:
        authenticator = type(self.hub.authenticators[0])
        spawner = type(self.hub.servers.spawner())
        resp.media = {
            "version": gateway.JUPYTERHUB_VERSION,
            "python": sys.version,
            "sys_executable": sys.executable,
            "spawner": _about(spawner),
            "authenticator": _about(authenticator),
        }


class Keys(Resource):
    """`/hub/api/jwks.json`."""

    @operation(
        "The keys with which servers and services check `X-Hubgate-Identity`",
        open_to_all=True,
        answers={200: dict[str, Any]},
    )
    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = self.hub.keys.jwks()


def _about(cls: type[Any]) -> dict[str, str]:
    return {"class": f"{cls.__module__}.{cls.__qualname__}", "version": gateway.__version__}
