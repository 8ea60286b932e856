"""Grants to a user or a group by name: in force at once, nobody need accept."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import BadInput
from gateway.hookspecs import ShareHandler, hookimpl
from gateway.model import Grant, Invitation, Server, ShareRequest, User


class Direct(ShareHandler):
    name = "direct"

    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        if bool(request.user) == bool(request.group):
            raise BadInput("a server is shared directly with exactly one user or one group")
        if request.max_uses is not None:
            raise BadInput("only what is accepted can be limited to so many uses")
        grant = Grant(
            owner=server.user,
            server=server.name,
            scopes=request.scopes,
            path=request.path,
            user=request.user,
            group=request.group,
            created=request.now,
            expires_at=request.expires_at,
        )
        return Invitation(
            owner=server.user,
            server=server.name,
            scopes=request.scopes,
            path=request.path,
            created=request.now,
            expires_at=request.expires_at,
            grants=(grant,),
        )

    async def accept(self, code: str, user: User) -> Grant | None:
        return None


@hookimpl
def gateway_share_handlers() -> Mapping[str, type[ShareHandler]]:
    return {Direct.name: Direct}
