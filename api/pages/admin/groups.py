"""Groups: all of them, and one with its members."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.admin.names import checked_names
from api.pages.listing import ON_A_PAGE, Pager, offset, pager
from api.pages.page import AdminPage
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, Conflict, HubgateError, NotFound
from gateway.model import checked_group_name
from gateway.scopes import limits

SHOWN = 500
"""Members that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    name: Annotated[str, "The group's name"]
    page: Annotated[str, "The path of its page"]
    members: Annotated[int, "How many users are in it"]
    roles: Annotated[tuple[str, ...], "The roles that it was given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGroupsContext(Context):
    template: ClassVar[str] = "admin_groups.html"
    groups: Annotated[tuple[GroupRow, ...], "A part of the list"]
    pager: Annotated[Pager, "Which part"]
    action: Annotated[str, "Where a new group is posted"]
    makes: Annotated[bool, "May the reader make groups?"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    name: Annotated[str, "The user's name"]
    page: Annotated[str, "The path of its page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGroupContext(Context):
    template: ClassVar[str] = "admin_group.html"
    name: Annotated[str, "The group's name"]
    members: Annotated[tuple[Member, ...], "Who is in it, by name"]
    more: Annotated[int, "How many more there are than are shown"]
    roles: Annotated[tuple[str, ...], "The roles that it was given"]
    action: Annotated[str, "Where the page's forms are posted"]
    count: Annotated[int, "How many are in it"]
    sure: Annotated[bool, "Is the reader asked whether it is to be removed?"]
    names: Annotated[str, "The names that were put in, when something was wrong with them"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


class AdminGroups(AdminPage):
    """`/hub/admin/groups`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        by = await self.admit(req, "admin:groups")
        try:
            name = checked_group_name(req.form.get("name", "").strip())
            await self.hub.groups.add([name], by=by)
        except (BadInput, Conflict) as error:
            await self._show(req, resp, error)
            return
        self.back(resp, self.urls.admin("groups", name), "group-made")

    async def _show(self, req: Request, resp: Response, error: HubgateError | None = None) -> None:
        await self.admit(req, "list:groups", filters=True)
        begin = offset(req.query("offset"))
        found, total = await self.hub.groups.listing(begin, ON_A_PAGE, _among(req.caller.scopes), by_name=True)
        context = AdminGroupsContext(
            frame=(frame := self.frame(req)),
            groups=tuple(
                GroupRow(
                    name=group.name,
                    page=self.urls.admin("groups", group.name),
                    members=len(group.users),
                    roles=group.roles,
                )
                for group in found
            ),
            pager=pager(self.urls.admin("groups"), {}, begin, len(found), total),
            action=self.urls.admin("groups"),
            makes="admin:groups" in req.caller.scopes,
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)


class AdminGroup(AdminPage):
    """`/hub/admin/groups/{group}`."""

    async def on_get(self, req: Request, resp: Response, group: str) -> None:
        await self._show(req, resp, group)

    async def on_post(self, req: Request, resp: Response, group: str) -> None:
        """`action` says what to do; a removal is asked for twice, the second time with `sure`."""
        action = req.form.get("action", "")
        scope = {"add": "groups", "take": "groups", "remove": "delete:groups"}.get(action)
        if scope is None:
            raise BadInput("There is no such action", key="no-action")
        by = await self.admit(req, scope, group=group)
        try:
            if action == "remove":
                if not req.form.get("sure"):
                    await self._show(req, resp, group, sure=True)
                    return
                await self.hub.groups.remove(group, by=by)
                self.back(resp, self.urls.admin("groups"), "group-removed")
                return
            change = self.hub.groups.add_users if action == "add" else self.hub.groups.remove_users
            await change(group, checked_names(req.form.get("users", "")), by=by)
        except BadInput as error:
            await self._show(req, resp, group, error)
            return
        self.back(resp, self.urls.admin("groups", group), "members-changed")

    async def _show(
        self, req: Request, resp: Response, name: str, error: HubgateError | None = None, *, sure: bool = False
    ) -> None:
        await self.admit(req, "read:groups", group=name)
        group = await self.hub.groups.get(name)
        if group is None:
            raise NotFound("No such group", key="no-group")
        names = sorted(group.users)
        context = AdminGroupContext(
            frame=(frame := self.frame(req)),
            name=group.name,
            members=tuple(Member(name=each, page=self.urls.admin("users", each)) for each in names[:SHOWN]),
            more=max(0, len(names) - SHOWN),
            roles=group.roles,
            action=self.urls.admin("groups", name),
            count=len(names),
            sure=sure,
            names=plain(req.form.get("users", "")) if error else "",
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)


def _among(scopes: Collection[str]) -> list[str] | None:
    """The groups that may be listed; None = all."""
    held = limits(scopes, "list:groups")
    everything = any(not kind for kind, _ in held)
    return None if everything else [value for kind, value in held if kind == "group"]
