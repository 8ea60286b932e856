"""What is read only: services with their state, and roles with who has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.page import AdminPage
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    name: Annotated[str, "Its name"]
    kind: Annotated[str, "In words: started by the gateway, reached by its address, or neither"]
    address: Annotated[str, "The path where it is reached, or empty"]
    up: Annotated[bool, "Does it answer, as far as is known?"]
    state: Annotated[str, "Its state in words"]
    pid: Annotated[int, "Its process, or 0"]
    admin: Annotated[bool, "May it do everything?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminServicesContext(Context):
    template: ClassVar[str] = "admin_services.html"
    services: Annotated[tuple[ServiceRow, ...], "By name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    name: Annotated[str, "Its name"]
    description: Annotated[str, "What it is for, or empty"]
    scopes: Annotated[tuple[str, ...], "What it gives"]
    holders: Annotated[tuple[str, ...], "Who has it: users, groups and services, each in words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRolesContext(Context):
    template: ClassVar[str] = "admin_roles.html"
    roles: Annotated[tuple[RoleRow, ...], "By name"]


class AdminServices(AdminPage):
    """`/hub/admin/services`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self.admit(req, "list:services")
        frame = self.frame(req)
        say = frame.language.say
        rows = tuple(
            ServiceRow(
                name=each.service.name,
                kind=say(
                    "service-managed"
                    if each.service.command
                    else "service-external"
                    if each.service.url
                    else "service-calls"
                ),
                address=each.prefix if each.service.url else "",
                up=each.status == "up",
                # What nobody visits and the gateway does not run is in no state that could be known.
                state=say(f"service-{each.status}") if each.service.url or each.service.command else "",
                pid=each.pid,
                admin=each.service.admin,
            )
            for each in self.hub.services.listing()
        )
        self.show(req, resp, AdminServicesContext(frame=frame, services=rows))


class AdminRoles(AdminPage):
    """`/hub/admin/roles`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self.admit(req, "read:roles")
        frame = self.frame(req)
        say = frame.language.say
        rows = tuple(
            RoleRow(
                name=role.name,
                description=plain(role.description),
                scopes=role.scopes,
                holders=(
                    *role.users,
                    *(say("holder-group", name=name) for name in role.groups),
                    *(say("holder-service", name=name) for name in role.services),
                ),
            )
            for role in await self.hub.roles.listing()
        )
        self.show(req, resp, AdminRolesContext(frame=frame, roles=rows))
