"""A user's password, set by an administrator."""

from __future__ import annotations

from falcon.asgi import Response

from api.access import Access, actor
from api.body import Body, read
from api.operation import Empty, Resource, operation
from api.request import Request
from gateway.errors import Forbidden
from gateway.hub.core import Hub

FOR_ADMINS = "Only admins can set an administrator's password"


class NewPassword(Body):
    password: str


class Password(Resource):
    """`/users/{user}/password`."""

    @operation("Set a user's password", scopes=("admin:users",), body=NewPassword, answers={204: Empty, 409: None})
    async def on_put(self, req: Request, resp: Response, user: str) -> None:
        """The user is logged out everywhere; tokens stay. It needs the scope `tokens` for that user as well."""
        await may_reset(self.hub, self.access, req, user)
        wish = await read(req, NewPassword)
        await self.hub.entrances.passwords.reset(user, wish.password, actor(req.caller))
        resp.status = 204


async def may_reset(hub: Hub, access: Access, req: Request, user: str) -> None:
    """With the password one can be that user, as with a token: so whoever may make those, and no less."""
    await access.require(req, "admin:users", user=user)
    await access.require(req, "tokens", user=user)
    found = await hub.users.get(user)
    if found and found.admin and not req.caller.admin:
        raise Forbidden(FOR_ADMINS, key="only-admins")
