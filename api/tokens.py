"""API tokens of a user."""

from __future__ import annotations

from falcon.asgi import Response

from api import body
from api.access import Access, actor
from api.models import token_id, token_model
from api.request import Request
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.hub.core import Hub
from gateway.model import Identity, Token

CENTURY = 100 * 366 * 86400


class Tokens:
    """`/hub/api/users/{user}/tokens`."""

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access

    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        await self._access.require(req, "read:tokens", user=user)
        if await self._hub.users.get(user) is None:
            raise NotFound("No such user")
        tokens = sorted(await self._hub.tokens.of_user(user), key=_used)
        resp.media = {"api_tokens": [token_model(token) for token in tokens]}

    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """The only answer that ever holds the token's value."""
        try:
            identity = await self._access.require(req, "tokens", user=user)
        except NotFound as hidden:
            # JupyterHub says 403 here, for users that exist and for others.
            raise Forbidden(hidden.message) from None
        if await self._hub.users.get(user) is None:
            raise Forbidden("No such user, or not yours")
        fields = await body.json_object(req)
        body.checked(
            fields,
            note=(str, type(None)),
            expires_in=(int, type(None)),
            scopes=(list, type(None)),
            roles=(list, type(None)),
        )
        if fields.get("roles"):
            raise BadInput("roles cannot be asked for; ask for scopes")
        scopes = fields.get("scopes") or []
        if not all(isinstance(scope, str) for scope in scopes):
            raise BadInput("scopes must be a list of str")
        value, token = await self._hub.tokens.make(
            user,
            scopes,
            note=fields.get("note") or _note(identity, user),
            expires_in=_lifetime(fields.get("expires_in")),
            by=actor(identity),
        )
        resp.status = 201
        resp.media = {**token_model(token), "token": value}


class OneToken:
    """`/hub/api/users/{user}/tokens/{token}`."""

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access

    async def on_get(self, req: Request, resp: Response, user: str, token: str) -> None:
        await self._access.require(req, "read:tokens", user=user)
        resp.media = token_model(await self._find(user, token))

    async def on_delete(self, req: Request, resp: Response, user: str, token: str) -> None:
        identity = await self._access.require(req, "tokens", user=user)
        found = await self._find(user, token)
        await self._hub.tokens.revoke(found.id, by=actor(identity))
        resp.status = 204

    async def _find(self, user: str, wanted: str) -> Token:
        for token in await self._hub.tokens.of_user(user):
            if token_id(token.id) == wanted:
                return token
        raise NotFound("No such token")


def _used(token: Token) -> float:
    return -(token.last_used or token.created)


def _lifetime(seconds: int | None) -> int | None:
    if seconds is not None and seconds > CENTURY:
        raise BadInput("expires_in must be less than a century, in seconds; null is for ever")
    return seconds


def _note(identity: Identity, user: str) -> str:
    mine = identity.kind == "user" and identity.name == user
    return "Requested via api" if mine else f"Requested via api by {identity.kind} {identity.name}"
