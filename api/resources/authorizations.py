"""What is deprecated in JupyterHub and still asked by older services, most of all: whose is this credential?

Only who has a token of its own is answered, and only about a credential that it holds in full.
"""

from __future__ import annotations

from falcon.asgi import Response

from api.operation import Resource, operation
from api.request import Request
from api.resources.models import OwnerModel, Sight
from api.resources.users import IDENTIFY
from gateway.errors import Forbidden, NotFound
from gateway.hub.identities import Credential
from gateway.model import Identity, digest
from gateway.routes import SESSION_COOKIE

GONE = (
    "Deprecated endpoint /hub/api/authorizations/token is removed in JupyterHub 2.0."
    " Use /hub/api/users/:user/tokens instead."
)


class Owner(Resource):
    """Shows the user or service behind a credential."""

    async def show(self, req: Request, resp: Response, kind: Credential, secret: str) -> None:
        if req.caller.credential != "token":
            raise Forbidden("Missing or invalid credentials.")
        identity, _ = await self.hub.identities.resolve(kind, digest(secret))
        if identity is None:
            raise NotFound(f"No such {kind}")
        resp.media = await self._model(req, identity)

    async def _model(self, req: Request, identity: Identity) -> object:
        if identity.kind == "service":
            return {"kind": "service", "name": identity.name, "admin": identity.admin}
        account = await self.hub.users.account(identity.name)
        if account is None:
            raise NotFound("No such user")
        scopes = req.caller.scopes.union(f"{name}!user={identity.name}" for name in IDENTIFY)
        return Sight(self.urls, req.dialect, scopes).user(account)


class TokenOwner(Owner):
    """`/authorizations/token/{token}`."""

    @operation("Whose is this token?", answers={200: OwnerModel})
    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        await self.show(req, resp, "token", token)

    @operation("Removed in JupyterHub 2.0", open_to_all=True, answers={404: None})
    async def on_post(self, _req: Request, _resp: Response, token: str) -> None:
        raise NotFound(GONE)


class NewTokens(Resource):
    """`/authorizations/token`."""

    @operation("Removed in JupyterHub 2.0", open_to_all=True, answers={404: None})
    async def on_post(self, _req: Request, _resp: Response) -> None:
        raise NotFound(GONE)


class CookieOwner(Owner):
    """`/authorizations/cookie/{name}/{value}`."""

    @operation("Whose is this session cookie?", answers={200: OwnerModel})
    async def on_get(self, req: Request, resp: Response, name: str, value: str) -> None:
        await self.show(req, resp, "session", value if name.removeprefix("__Host-") == SESSION_COOKIE else "")


class AdminAccess(Resource):
    """`/users/{user}/admin-access`: of no use since servers ask the hub who comes."""

    @operation("Refused; the scope `access:servers` is enough", scopes=("servers",), answers={})
    async def on_post(self, _req: Request, _resp: Response, user: str) -> None:
        raise Forbidden("admin access to user servers disabled")
