"""Groups: their members, and what is kept with them.

A field of a group is present only if a scope that the caller holds on it grants it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, NotRequired, TypedDict

from falcon.asgi import Response
from pydantic import Field

from api.access import actor
from api.body import Body, json_value, read
from api.operation import Empty, Resource, operation
from api.paging import QUERY, Page, pages_of
from api.request import Request
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.hub.words import plain
from gateway.model import Group
from gateway.scopes import allows, limits

READ = ("read:groups", "read:groups:name", "read:roles:groups")
"""Any of these on a group opens its model."""
LIST = "list:groups"


class GroupModel(TypedDict):
    kind: NotRequired[Literal["group"]]
    name: NotRequired[str]
    users: NotRequired[list[str]]
    roles: NotRequired[list[str]]
    properties: NotRequired[dict[str, Any]]


class NewGroup(Body):
    users: list[str] = Field(default_factory=list)


class NewGroups(NewGroup):
    groups: list[str] = Field(default_factory=list)


class Members(Body):
    users: list[str]


def group_model(scopes: Collection[str], group: Group) -> dict[str, Any]:
    """What these scopes show of a group; nothing if they show nothing."""
    whole, _, roles = shown = [allows(scopes, name, groups=(group.name,)) for name in READ]
    model: dict[str, Any] = {"kind": "group", "name": group.name} if any(shown) else {}
    if whole:
        model |= {"users": list(group.users), "properties": dict(group.properties)}
    if roles:
        model["roles"] = list(group.roles)
    return model


class Groups(Resource):
    """`/groups`."""

    @operation("All groups", scopes=(LIST,), filters=True, query=QUERY, answers={200: pages_of(list[GroupModel])})
    async def on_get(self, req: Request, resp: Response) -> None:
        """In the order in which they were made. With a filtered scope only the groups that it names."""
        page = Page.of(req)
        groups, total = await self.hub.groups.listing(page.offset, page.limit, _among(req.caller.scopes))
        page.answer(req, resp, [group_model(req.caller.scopes, group) for group in groups], total)

    @operation("Make several groups, or none of them", scopes=("admin:groups",), body=NewGroups,
               answers={201: list[GroupModel], 409: None})  # fmt: skip
    async def on_post(self, req: Request, resp: Response) -> None:
        """All get the same `users`."""
        wish = await read(req, NewGroups)
        if not wish.groups:
            raise BadInput("Must specify at least one group to create")
        made = await self.hub.groups.add(wish.groups, wish.users, by=actor(req.caller))
        resp.status = 201
        resp.media = [group_model(req.caller.scopes, group) for group in made]


class OneGroup(Resource):
    """`/groups/{group}`."""

    @operation("A group", scopes=READ, answers={200: GroupModel})
    async def on_get(self, req: Request, resp: Response, group: str) -> None:
        found = await self.hub.groups.get(group)
        if found is None:
            raise NotFound(f"No such group: {plain(group)}")
        resp.media = group_model(req.caller.scopes, found)

    @operation("Make a group", scopes=("admin:groups",), body=NewGroup, answers={201: GroupModel, 409: None})
    async def on_post(self, req: Request, resp: Response, group: str) -> None:
        wish = await read(req, NewGroup)
        (made,) = await self.hub.groups.add([group], wish.users, by=actor(req.caller))
        resp.status = 201
        resp.media = group_model(req.caller.scopes, made)

    @operation("Remove a group", scopes=("delete:groups",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, group: str) -> None:
        """Its members lose what they had by it."""
        await self.hub.groups.remove(group, by=actor(req.caller))
        resp.status = 204


class GroupUsers(Resource):
    """`/groups/{group}/users`."""

    @operation("Put users into a group", scopes=("groups",), body=Members, answers={200: GroupModel})
    async def on_post(self, req: Request, resp: Response, group: str) -> None:
        """Who is in it already may be named as well."""
        users = (await read(req, Members)).users
        changed = await self.hub.groups.add_users(group, users, by=actor(req.caller))
        resp.media = group_model(req.caller.scopes, changed)

    @operation("Take users out of a group", scopes=("groups",), body=Members, answers={200: GroupModel})
    async def on_delete(self, req: Request, resp: Response, group: str) -> None:
        """Who is not in it may be named as well."""
        users = (await read(req, Members)).users
        changed = await self.hub.groups.remove_users(group, users, by=actor(req.caller))
        resp.media = group_model(req.caller.scopes, changed)


class GroupProperties(Resource):
    """`/groups/{group}/properties`."""

    @operation("Keep something with a group", scopes=("groups",), body=dict[str, Any], answers={200: GroupModel})
    async def on_put(self, req: Request, resp: Response, group: str) -> None:
        """Any JSON object; it takes the place of the one that was there."""
        properties = await json_value(req)
        if not isinstance(properties, dict):
            raise BadInput("Must specify properties")
        changed = await self.hub.groups.set_properties(group, properties, by=actor(req.caller))
        resp.media = group_model(req.caller.scopes, changed)


def _among(scopes: Collection[str]) -> list[str] | None:
    """The groups that may be listed; None = all."""
    held = limits(scopes, LIST)
    if ("", "") in held:
        return None
    if any(kind != "group" for kind, _ in held):
        raise Forbidden(f"{LIST} can only be filtered by group")
    return [name for _, name in held]
