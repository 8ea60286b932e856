"""Accounts that strangers have asked for."""

from __future__ import annotations

from typing import TypedDict

from falcon.asgi import Response

from api.access import actor
from api.operation import Empty, Resource, operation
from api.request import Request
from api.resources.models import Stamp, stamp
from api.resources.users import ONLY_ADMINS
from gateway.errors import Forbidden
from gateway.hub.core import Hub
from gateway.model import SignUp


class SignUpModel(TypedDict):
    name: str
    authenticator: str
    address: str
    created: Stamp


class SignUps(Resource):
    """`/signups`."""

    @operation("Who asks for an account", scopes=("admin:users",), answers={200: list[SignUpModel]})
    async def on_get(self, _req: Request, resp: Response) -> None:
        """The oldest first. What nobody decides in 30 days is dropped."""
        resp.media = [_model(each) for each in await self.hub.entrances.sign_ups.listing()]


class OneSignUp(Resource):
    """`/signups/{name}`."""

    @operation("Who asks for this name", scopes=("admin:users",), answers={200: SignUpModel})
    async def on_get(self, _req: Request, resp: Response, name: str) -> None:
        resp.media = _model(await self.hub.entrances.sign_ups.known(name))

    @operation("Let somebody in who has asked", scopes=("admin:users",), answers={201: SignUpModel, 409: None})
    async def on_post(self, req: Request, resp: Response, name: str) -> None:
        """There is such a user from now on, with the password that was chosen then."""
        found = await self.hub.entrances.sign_ups.known(name)
        may_approve(self.hub, req, name)
        await self.hub.entrances.sign_ups.approve(name, actor(req.caller))
        resp.status, resp.media = 201, _model(found)

    @operation("Turn somebody down", scopes=("admin:users",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, name: str) -> None:
        await self.hub.entrances.sign_ups.refuse(name, actor(req.caller))
        resp.status = 204


def may_approve(hub: Hub, req: Request, name: str) -> None:
    """Whoever makes an administrator is one."""
    if hub.users.is_named_admin(name) and not req.caller.admin:
        raise Forbidden(ONLY_ADMINS, key="only-admins")


def _model(sign_up: SignUp) -> SignUpModel:
    return SignUpModel(
        name=sign_up.name,
        authenticator=sign_up.authenticator,
        address=sign_up.address,
        created=stamp(sign_up.created) or "",
    )
