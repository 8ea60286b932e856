"""Users: the caller, one of them, all of them."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Response

from api import body
from api.access import Access, actor, caller
from api.models import USER_SCOPES, token_id, user_model
from api.paging import Page
from api.request import Request
from api.urls import Urls
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.hub.core import Hub
from gateway.model import Identity, User

IDENTIFY = ("read:users:name", "read:users:groups")
"""What everybody may know of themselves, whatever their token's scopes are."""


class CurrentUser:
    """`GET /hub/api/user`: who am I, and what may I do?"""

    def __init__(self, hub: Hub, urls: Urls) -> None:
        self._hub = hub
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        identity = caller(req)
        by_token = identity.credential == "token"
        resp.media = {
            **await self._model(identity),
            "token_id": token_id(identity.credential_id) if by_token else None,
            "session_id": None,
            "scopes": sorted(identity.scopes),
        }

    async def _model(self, identity: Identity) -> dict[str, Any]:
        if identity.kind == "service":
            return {"kind": "service", "name": identity.name, "admin": identity.admin}
        user = await self._hub.users.get(identity.name)
        if user is None:
            raise NotFound("No such user")
        scopes = identity.scopes.union(f"{name}!user={user.name}" for name in IDENTIFY)
        servers = await self._hub.servers.of_user(user.name)
        return user_model(self._urls, scopes, user, servers, stopped=False)


class Users:
    """`GET /hub/api/users`."""

    def __init__(self, hub: Hub, access: Access, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        identity = await self._access.require(req, "list:users")
        page = Page.of(req)
        stopped = wants_stopped(req)
        users = await self._hub.users.listing(page.offset, page.limit)
        models = [
            user_model(self._urls, identity.scopes, user, await self._hub.servers.of_user(user.name), stopped)
            for user in users
        ]
        resp.media = page.answer(req, models, await self._hub.users.count())


class OneUser:
    """`/hub/api/users/{user}`."""

    def __init__(self, hub: Hub, access: Access, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._urls = urls

    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        identity = await self._access.require(req, *USER_SCOPES, user=user)
        found = await self._hub.users.get(user)
        if found is None:
            raise NotFound("No such user")
        resp.media = await self._model(req, identity, found)

    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """Make a user. Only an admin makes admins."""
        identity = await self._access.require(req, "admin:users", user=user)
        fields = await body.json_object(req)
        body.checked(fields, admin=bool)
        admin = fields.get("admin", False)
        if admin and not identity.admin:
            raise Forbidden("Only admins can grant admin permissions")
        made = await self._hub.users.add(user, admin, by=actor(identity))
        resp.status = 201
        resp.media = await self._model(req, identity, made)

    async def on_delete(self, req: Request, resp: Response, user: str) -> None:
        identity = await self._access.require(req, "delete:users", user=user)
        if identity.kind == "user" and user == identity.name:
            raise BadInput("Cannot delete yourself!")
        await self._hub.users.remove(user, by=actor(identity))
        resp.status = 204

    async def _model(self, req: Request, identity: Identity, user: User) -> dict[str, Any]:
        servers = await self._hub.servers.of_user(user.name)
        return user_model(self._urls, identity.scopes, user, servers, wants_stopped(req))


def wants_stopped(req: Request) -> bool:
    """`include_stopped_servers`: present, and neither `0` nor `false`."""
    return req.has_param("include_stopped_servers") and req.query("include_stopped_servers").lower() not in (
        "0",
        "false",
    )
