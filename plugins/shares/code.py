"""Invitations by code: whoever brings it is let in, until it ends or is used up.

JupyterHub's share codes. A code is random and long enough that guessing is
hopeless even without the hub's limits; only its digest and a short prefix are kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from gateway.errors import BadInput
from gateway.hookspecs import ShareHandler, hookimpl
from gateway.model import Grant, Invitation, Server, ShareRequest, User

BYTES = 24


class Code(ShareHandler):
    name = "code"

    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        if request.user or request.group:
            raise BadInput("a code is for whoever brings it; share directly (handler 'direct') to name somebody")
        if request.expires_at is None:
            raise BadInput("a code must expire")
        return Invitation(
            owner=server.user,
            server=server.name,
            scopes=request.scopes,
            path=request.path,
            created=request.now,
            expires_at=request.expires_at,
            max_uses=request.max_uses,
            lasting=request.lasting,
            code=secrets.token_urlsafe(BYTES),
        )

    async def accept(self, code: str, user: User) -> Grant | None:
        invitation = await self.invitations.find(code)
        if invitation is None:
            return None
        return Grant(
            owner=invitation.owner,
            server=invitation.server,
            scopes=invitation.scopes,
            path=invitation.path,
            user=user.name,
            expires_at=None if invitation.lasting else invitation.expires_at,
            invitation=invitation.id,
        )


@hookimpl
def gateway_share_handlers() -> Mapping[str, type[ShareHandler]]:
    return {Code.name: Code}
