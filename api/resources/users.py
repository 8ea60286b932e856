"""Users: the caller, one of them, all of them."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Response

from api.access import actor
from api.body import Body, read
from api.operation import Empty, Query, Resource, operation
from api.paging import QUERY, Page, pages_of
from api.request import Request
from api.resources.models import USER_SCOPES, CallerModel, UserModel, token_id, user_model
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.model import Identity, User

IDENTIFY = ("read:users:name", "read:users:groups")
"""What everybody may know of themselves, whatever their token's scopes are."""


STOPPED = Query("include_stopped_servers", "Show servers that do not run as well; anything but `0` and `false`.")


class NewUser(Body):
    admin: bool = False


class CurrentUser(Resource):
    """`GET /user`."""

    @operation("Who am I, and what may I do?", answers={200: CallerModel})
    async def on_get(self, req: Request, resp: Response) -> None:
        identity = req.caller
        by_token = identity.credential == "token"
        resp.media = {
            **await self._model(req, identity),
            "token_id": token_id(identity.credential_id) if by_token else None,
            "session_id": None,
            "scopes": sorted(identity.scopes),
        }

    async def _model(self, req: Request, identity: Identity) -> dict[str, Any]:
        if identity.kind == "service":
            return {"kind": "service", "name": identity.name, "admin": identity.admin}
        user = await self.hub.users.get(identity.name)
        if user is None:
            raise NotFound("No such user")
        scopes = identity.scopes.union(f"{name}!user={user.name}" for name in IDENTIFY)
        servers = await self.hub.servers.of_user(user.name)
        return user_model(self.urls, req.dialect, scopes, user, servers, stopped=False)


class Users(Resource):
    """`/users`."""

    @operation("All users", scopes=("list:users",), query=(*QUERY, STOPPED), answers={200: pages_of(list[UserModel])})
    async def on_get(self, req: Request, resp: Response) -> None:
        page = Page.of(req)
        stopped = wants_stopped(req)
        users = await self.hub.users.listing(page.offset, page.limit)
        models = [
            user_model(
                self.urls,
                req.dialect,
                req.caller.scopes,
                user,
                await self.hub.servers.of_user(user.name),
                stopped=stopped,
            )
            for user in users
        ]
        page.answer(req, resp, models, await self.hub.users.count())


class OneUser(Resource):
    """`/users/{user}`."""

    @operation("A user", scopes=USER_SCOPES, query=(STOPPED,), answers={200: UserModel})
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        found = await self.hub.users.get(user)
        if found is None:
            raise NotFound("No such user")
        resp.media = await self._model(req, found)

    @operation("Make a user", scopes=("admin:users",), body=NewUser, answers={201: UserModel, 409: None})
    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """Make a user. Only an admin makes admins."""
        admin = (await read(req, NewUser)).admin
        if admin and not req.caller.admin:
            raise Forbidden("Only admins can grant admin permissions")
        made = await self.hub.users.add(user, admin, by=actor(req.caller))
        resp.status = 201
        resp.media = await self._model(req, made)

    @operation("Remove a user, once all of its servers are stopped", scopes=("delete:users",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str) -> None:
        if req.caller.kind == "user" and user == req.caller.name:
            raise BadInput("Cannot delete yourself!")
        await self.hub.users.remove(user, by=actor(req.caller))
        resp.status = 204

    async def _model(self, req: Request, user: User) -> dict[str, Any]:
        servers = await self.hub.servers.of_user(user.name)
        return user_model(self.urls, req.dialect, req.caller.scopes, user, servers, stopped=wants_stopped(req))


def wants_stopped(req: Request) -> bool:
    """`include_stopped_servers`: present, and neither `0` nor `false`."""
    return req.has_param("include_stopped_servers") and req.query("include_stopped_servers").lower() not in (
        "0",
        "false",
    )
