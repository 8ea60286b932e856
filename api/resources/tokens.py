"""API tokens of a user."""

from __future__ import annotations

from typing import Any, TypedDict

from falcon.asgi import Response
from pydantic import ConfigDict

from api.access import actor
from api.body import Body, fitted, json_object
from api.dialect import OURS, Varies
from api.operation import Empty, Resource, operation
from api.request import Request
from api.resources.models import NewTokenModel, TokenModel, token_id, token_model
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.hookspecs import LoginRequest
from gateway.hub.words import plain
from gateway.model import Identity, Token

CENTURY = 100 * 366 * 86400


class TokenList(TypedDict):
    api_tokens: list[TokenModel]


class NewToken(Body):
    """`expires_in` is in seconds, null for as long as the settings allow; without `scopes` and `roles` the token may
    do what the role `token` says, which is all that its owner may."""

    note: str | None = None
    expires_in: int | None = None
    scopes: list[str] | None = None
    roles: list[str] | None = None


class AnyToken(NewToken):
    """JupyterHub passes over what it does not know."""

    model_config = ConfigDict(extra="ignore")
    auth: Any = None
    """Without a credential: what the log-in form has (`username`, `password`)."""


class Tokens(Resource):
    """`/users/{user}/tokens`."""

    @operation(
        "A user's tokens, without their values",
        scopes=("read:tokens",),
        answers={200: Varies(jupyterhub=TokenList, ours=list[TokenModel])},
    )
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        await self.hub.users.known(user)
        tokens = await self.hub.tokens.effective(await self.hub.tokens.of_user(user))
        models = [token_model(token) for token in sorted(tokens, key=_used)]
        resp.media = models if req.dialect is OURS else {"api_tokens": models}

    @operation(
        "Make a token", own_door=True, body=Varies(jupyterhub=AnyToken, ours=NewToken), answers={201: NewTokenModel}
    )
    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """The only answer that ever holds the token's value. Needs the scope `tokens` on the user."""
        if req.dialect is OURS:
            _ = req.caller
        fields = await json_object(req)
        identity = await self._caller(req, fields.get("auth"))
        if not await self.access.holds(identity, "tokens", user=user) or await self.hub.users.get(user) is None:
            # The same for users that exist and for others, in both dialects.
            raise Forbidden(f"{identity.kind.title()} {plain(user)} not found or no permissions to generate tokens")
        wish = fitted(NewToken if req.dialect is OURS else AnyToken, fields)
        value, token = await self.hub.tokens.make(
            user,
            wish.scopes,
            roles=wish.roles,
            note=wish.note or _note(identity, user),
            expires_in=_lifetime(wish.expires_in),
            by=actor(identity),
        )
        (shown,) = await self.hub.tokens.effective([token])
        resp.status = 201
        resp.media = {**token_model(shown), "token": value}

    async def _caller(self, req: Request, auth: object) -> Identity:
        """Who calls; without a credential, whom the authenticator takes `auth` for."""
        if req.identity is not None or not isinstance(auth, dict):
            return req.caller
        form = {key: value for key, value in auth.items() if isinstance(value, str)}
        chosen = form.pop("authenticator", "")
        name = await self.hub.sessions.prove(chosen, form, LoginRequest(req.client_address, {}))
        return await self.hub.identities.of_user(name) or req.caller


class OneToken(Resource):
    """`/users/{user}/tokens/{token}`."""

    @operation("A token, without its value", scopes=("read:tokens",), answers={200: TokenModel})
    async def on_get(self, _req: Request, resp: Response, user: str, token: str) -> None:
        (shown,) = await self.hub.tokens.effective([await self._find(user, token)])
        resp.media = token_model(shown)

    @operation("Revoke a token", scopes=("tokens",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, token: str) -> None:
        found = await self._find(user, token)
        await self.hub.tokens.revoke(found.id, by=actor(req.caller))
        resp.status = 204

    async def _find(self, user: str, wanted: str) -> Token:
        for token in await self.hub.tokens.of_user(user):
            if token_id(token.id) == wanted:
                return token
        raise NotFound(f"No such token {plain(wanted)} for user {plain(user)}")


def _used(token: Token) -> float:
    return token.last_used or token.created


def _lifetime(seconds: int | None) -> int | None:
    if seconds is not None and seconds > CENTURY:
        raise BadInput("expires_in must be less than a century, in seconds; null is for ever")
    return seconds


def _note(identity: Identity, user: str) -> str:
    mine = identity.kind == "user" and identity.name == user
    return "Requested via api" if mine else f"Requested via api by {identity.kind} {identity.name}"
