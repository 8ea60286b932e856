"""A code that only members of a group can use; for others it is refused in words."""

from __future__ import annotations

import secrets
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from gateway.errors import BadInput, Forbidden
from gateway.hookspecs import ShareHandler
from gateway.model import Grant, Invitation, Server, ShareRequest, User


class FriendOptions(BaseModel):
    """`[sharing.friends]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: str = ""
    """Who may accept; "" = everybody."""


class Friends(ShareHandler):
    Options: ClassVar = FriendOptions
    options: FriendOptions
    name = "friends"

    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        if request.user or request.group or request.expires_at is None:
            raise BadInput("friends come by a code, and a code must expire")
        return Invitation(
            owner=server.user,
            server=server.name,
            scopes=request.scopes,
            path=request.path,
            created=request.now,
            expires_at=request.expires_at,
            max_uses=request.max_uses,
            lasting=request.lasting,
            code=secrets.token_urlsafe(24),
        )

    async def accept(self, code: str, user: User) -> Grant | None:
        invitation = await self.invitations.find(code)
        if invitation is None:
            return None
        if self.options.group and self.options.group not in user.groups:
            raise Forbidden("This code is for friends only")
        return Grant(
            owner=invitation.owner,
            server=invitation.server,
            scopes=invitation.scopes,
            path=invitation.path,
            user=user.name,
            expires_at=None if invitation.lasting else invitation.expires_at,
            invitation=invitation.id,
        )
