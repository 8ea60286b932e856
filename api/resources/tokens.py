"""API tokens of a user."""

from __future__ import annotations

from typing import TypedDict

from falcon.asgi import Response

from api.access import actor
from api.body import Body, read
from api.dialect import OURS, Varies
from api.operation import Empty, Resource, operation
from api.request import Request
from api.resources.models import NewTokenModel, TokenModel, token_id, token_model
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.model import Identity, Token

CENTURY = 100 * 366 * 86400


class TokenList(TypedDict):
    api_tokens: list[TokenModel]


class NewToken(Body):
    """`expires_in` is in seconds, null for ever; without `scopes` it may whatever its owner may."""

    note: str | None = None
    expires_in: int | None = None
    scopes: list[str] | None = None
    roles: list[str] | None = None


class Tokens(Resource):
    """`/users/{user}/tokens`."""

    @operation(
        "A user's tokens, without their values",
        scopes=("read:tokens",),
        answers={200: Varies(jupyterhub=TokenList, ours=list[TokenModel])},
    )
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        if await self.hub.users.get(user) is None:
            raise NotFound("No such user")
        tokens = sorted(await self.hub.tokens.of_user(user), key=_used)
        models = [token_model(token) for token in tokens]
        resp.media = models if req.dialect is OURS else {"api_tokens": models}

    @operation("Make a token", body=NewToken, answers={201: NewTokenModel})
    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """The only answer that ever holds the token's value. Needs the scope `tokens` on the user."""
        try:
            identity = await self.access.require(req, "tokens", user=user)
        except NotFound as hidden:
            # JupyterHub says 403 here, for users that exist and for others.
            raise Forbidden(hidden.message) from None
        if await self.hub.users.get(user) is None:
            raise Forbidden("No such user, or not yours")
        wish = await read(req, NewToken)
        value, token = await self.hub.tokens.make(
            user,
            wish.scopes,
            roles=wish.roles,
            note=wish.note or _note(identity, user),
            expires_in=_lifetime(wish.expires_in),
            by=actor(identity),
        )
        resp.status = 201
        resp.media = {**token_model(token), "token": value}


class OneToken(Resource):
    """`/users/{user}/tokens/{token}`."""

    @operation("A token, without its value", scopes=("read:tokens",), answers={200: TokenModel})
    async def on_get(self, _req: Request, resp: Response, user: str, token: str) -> None:
        resp.media = token_model(await self._find(user, token))

    @operation("Revoke a token", scopes=("tokens",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, token: str) -> None:
        found = await self._find(user, token)
        await self.hub.tokens.revoke(found.id, by=actor(req.caller))
        resp.status = 204

    async def _find(self, user: str, wanted: str) -> Token:
        for token in await self.hub.tokens.of_user(user):
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
