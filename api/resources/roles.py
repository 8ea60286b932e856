"""Roles: what each one allows, and who was given it."""

from __future__ import annotations

from typing import TypedDict

from falcon.asgi import Response

from api.operation import Resource, operation
from api.request import Request


class RoleModel(TypedDict):
    name: str
    description: str
    scopes: list[str]
    users: list[str]
    groups: list[str]
    services: list[str]


class Roles(Resource):
    """`/roles`."""

    @operation("All roles, and who was given each", scopes=("read:roles",), answers={200: list[RoleModel]})
    async def on_get(self, _req: Request, resp: Response) -> None:
        """As the settings have them. Everybody has the role `user`, so that nobody is named with it."""
        resp.media = [
            {
                "name": role.name,
                "description": role.description,
                "scopes": list(role.scopes),
                "users": list(role.users),
                "groups": list(role.groups),
                "services": list(role.services),
            }
            for role in await self.hub.roles.listing()
        ]
