"""To look on: by code, or to a user or a group by name. The gateway lets such a guest see and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.hookspecs import ShareHandler, hookimpl
from gateway.model import Grant, Invitation, Server, ShareRequest, User
from plugins.shares.code import Code
from plugins.shares.direct import Direct


class View(ShareHandler):
    name = "view"

    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        way = Direct if request.user or request.group else Code
        made = await way(self.options, self.storage, self.invitations).create(server, request)
        grants = tuple(replace(grant, view_only=True) for grant in made.grants)
        return replace(made, view_only=True, grants=grants)

    async def accept(self, code: str, user: User) -> Grant | None:
        grant = await Code(self.options, self.storage, self.invitations).accept(code, user)
        return grant and replace(grant, view_only=True)


@hookimpl
def gateway_share_handlers() -> Mapping[str, type[ShareHandler]]:
    return {View.name: View}
