"""Services: what acts by itself, and where it answers.

A field of a service is present only if a scope that the caller holds on it grants it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from falcon.asgi import Response
from pydantic import Field

from api.access import actor
from api.body import Body, fitted, json_object
from api.dialect import OURS, Dialect, Varies
from api.operation import Empty, Resource, operation
from api.request import Request
from gateway.errors import BadInput, Conflict, NotFound
from gateway.hub.serviceclients import Wanted
from gateway.hub.services import Shown
from gateway.hub.words import plain
from gateway.scopes import ROLES, allows, expand, known

READ = ("read:services", "read:services:name", "read:roles:services")
"""Any of these on a service opens its model."""


class ServiceModel(TypedDict):
    kind: Literal["service"]
    name: str
    admin: bool
    roles: NotRequired[list[str]]
    url: NotRequired[str]
    prefix: NotRequired[str]
    command: NotRequired[list[str]]
    pid: NotRequired[int]
    info: NotRequired[dict[str, Any]]
    display: NotRequired[bool]
    managed: NotRequired[bool]


class NewService(Body):
    """A service that somebody else runs. What concerns commands may be there, but must be empty."""

    name: Any = None
    url: str = ""
    admin: bool = False
    api_token: str = ""
    info: dict[str, Any] = Field(default_factory=dict)
    display: bool = True
    command: list[str] = Field(default_factory=list)
    cwd: str = ""
    environment: dict[str, Any] = Field(default_factory=dict)
    user: str = ""
    oauth_client_id: str = ""
    oauth_redirect_uri: str = ""
    oauth_no_confirm: bool = False
    oauth_client_allowed_scopes: list[str] = Field(default_factory=list)

    def check(self, name: str, scopes: Collection[str]) -> None:
        """`BadInput` for what cannot be made while the gateway runs, or not by a caller with these scopes."""
        if self.command or self.cwd or self.environment or self.user:
            raise BadInput(f"Can not create managed service {name} at runtime: [[services]] is where commands stand")
        admin = expand(ROLES["admin"]) <= set(scopes)
        if self.admin and not admin:
            raise BadInput("admin: a service cannot be given scopes that its maker does not have")
        for scope in self.oauth_client_allowed_scopes:
            if not (admin or (known(scope) and expand([scope]) and expand([scope]) <= set(scopes))):
                raise BadInput(f"oauth_client_allowed_scopes: {plain(scope)} is a scope that its maker does not have")

    def client(self) -> Wanted:
        return Wanted(
            self.oauth_client_id, self.oauth_redirect_uri, self.oauth_client_allowed_scopes, self.oauth_no_confirm
        )


def service_model(scopes: Collection[str], dialect: Dialect, shown: Shown, roles: Sequence[str]) -> dict[str, Any]:
    """What these scopes show of a service."""
    service = shown.service
    model: dict[str, Any] = {"kind": "service", "name": service.name, "admin": service.admin}
    if allows(scopes, "read:roles:services", service=service.name):
        model["roles"] = list(roles)
    if allows(scopes, "read:services", service=service.name):
        model |= {
            "url": service.url,
            "prefix": shown.prefix if service.url else "",
            "command": list(service.command),
            "pid": shown.pid,
            "info": dict(service.info),
            "display": service.display,
        }
        if dialect is OURS:
            model |= {"managed": service.managed, "info": {**service.info, "status": shown.status}}
    return model


class Services(Resource):
    """`/services`."""

    @operation(
        "All services",
        scopes=("list:services",),
        filters=True,
        answers={200: Varies(jupyterhub=dict[str, ServiceModel], ours=list[ServiceModel])},
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        scopes = req.caller.scopes
        roles = await self.hub.services.roles()
        models = [
            service_model(scopes, req.dialect, shown, roles.get(shown.service.name, ()))
            for shown in self.hub.services.listing()
            if allows(scopes, "list:services", service=shown.service.name)
        ]
        resp.media = models if req.dialect is OURS else {model["name"]: model for model in models}


class OneService(Resource):
    """`/services/{service}`."""

    @operation("A service", scopes=READ, answers={200: ServiceModel})
    async def on_get(self, req: Request, resp: Response, service: str) -> None:
        """In our own dialect, `info.status` is `up`, `down` or `unknown`."""
        shown = self.hub.services.get(service)
        if shown is None:
            raise NotFound(f"No such service: {plain(service)}")
        resp.media = await self._model(req, shown)

    @operation(
        "Make a service that somebody else runs",
        scopes=("admin:services",),
        body=NewService,
        answers={201: ServiceModel, 409: None},
    )
    async def on_post(self, req: Request, resp: Response, service: str) -> None:
        if self.hub.services.get(service) is not None:
            raise Conflict(f"Service {service} already exists")
        fields = await json_object(req)
        if not fields:
            raise BadInput("Invalid service data")
        new = fitted(NewService, fields)
        new.check(service, req.caller.scopes)
        made = await self.hub.services.add(
            service,
            new.url,
            admin=new.admin,
            display=new.display,
            info=new.info,
            api_token=new.api_token,
            client=new.client(),
            by=actor(req.caller),
        )
        resp.status = 201
        resp.media = await self._model(req, made)

    @operation(
        "Remove a service that was made by this API",
        scopes=("admin:services",),
        answers={200: Empty, 204: Empty, 405: None},
    )
    async def on_delete(self, req: Request, resp: Response, service: str) -> None:
        """Its tokens are good for nothing any more, and its connections end."""
        await self.hub.services.remove(service, by=actor(req.caller))
        resp.status = 204 if req.dialect is OURS else 200

    async def _model(self, req: Request, shown: Shown) -> dict[str, Any]:
        roles = await self.hub.services.roles()
        return service_model(req.caller.scopes, req.dialect, shown, roles.get(shown.service.name, ()))
