"""All users: looked for, sorted and cut into parts by the database; new ones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.admin.names import checked_names
from api.pages.language import Language
from api.pages.listing import ON_A_PAGE, Pager, offset, pager
from api.pages.page import AdminPage
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.accounts import Account, UserQuery
from gateway.errors import BadInput, Conflict, Forbidden, HubgateError
from gateway.hub.lifecycle import shown
from gateway.model import normalise
from gateway.scopes import limits

ORDERS = ("name", "last_activity", "id")
STATES = ("", "active", "inactive")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    name: Annotated[str, "The user's name"]
    page: Annotated[str, "The path of its page"]
    admin: Annotated[bool, "Is it an administrator?"]
    disabled: Annotated[bool, "Is it shut out?"]
    groups: Annotated[tuple[str, ...], "The groups that it is in"]
    running: Annotated[int, "How many of its servers are not stopped"]
    used: Annotated[str, "When it was last at work"]
    created: Annotated[str, "When it was made"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    label: Annotated[str, "Its name for people"]
    path: Annotated[str, "The path of the list in this order, or turned around if it has it already"]
    turned: Annotated[str, "ascending, descending or none: the order that the list has"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    value: Annotated[str, "What is sent"]
    label: Annotated[str, "What people read"]
    chosen: Annotated[bool, "Is it the one that is shown?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminUsersContext(Context):
    template: ClassVar[str] = "admin_users.html"
    users: Annotated[tuple[UserRow, ...], "A part of the list"]
    pager: Annotated[Pager, "Which part"]
    orders: Annotated[tuple[Order, ...], "The orders that the list can have"]
    states: Annotated[tuple[State, ...], "What the list can be narrowed to"]
    wanted: Annotated[str, "The part of a name that was looked for, or empty"]
    sort: Annotated[str, "The order, as it is sent"]
    action: Annotated[str, "Where new users are posted; the same path shows the list"]
    makes: Annotated[bool, "May the reader make users?"]
    names: Annotated[str, "The names that were put in, when something was wrong with them"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


class AdminUsers(AdminPage):
    """`/hub/admin/users`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        by = await self.admit(req, "admin:users")
        try:
            names = checked_names(req.form.get("names", ""))
            if not req.caller.admin and any(map(self.hub.users.is_named_admin, names)):
                raise Forbidden("Only admins can grant admin permissions", key="only-admins")
            made = await self.hub.users.add_many(names, by=by)
            if not made:
                raise Conflict("All of these users exist already", key="users-exist")
        except (BadInput, Conflict) as error:
            await self._show(req, resp, error)
            return
        self.back(resp, self.urls.admin("users"), "users-made")

    async def _show(self, req: Request, resp: Response, error: HubgateError | None = None) -> None:
        await self.admit(req, "list:users", filters=True)
        frame, now = self.frame(req), time.time()
        query = _query(req)
        accounts, total = await self.hub.users.page(query)
        fields = {"q": query.name, "state": query.state, "sort": "" if query.sort == ORDERS[0] else query.sort}
        path = self.urls.admin("users")
        context = AdminUsersContext(
            frame=frame,
            users=tuple(self._row(account, frame.language, now) for account in accounts),
            pager=pager(path, fields, query.offset, len(accounts), total),
            orders=tuple(_order(path, fields, query.sort, name, frame.language) for name in ORDERS),
            states=tuple(
                State(value=value, label=frame.language.say(f"users-{value or 'all'}"), chosen=value == query.state)
                for value in STATES
            ),
            wanted=plain(query.name),
            sort=fields["sort"],
            action=path,
            makes="admin:users" in req.caller.scopes,
            names=plain(req.form.get("names", "")) if error else "",
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)

    def _row(self, account: Account, language: Language, now: float) -> UserRow:
        user = account.user
        return UserRow(
            name=user.name,
            page=self.urls.admin("users", user.name),
            admin=user.admin,
            disabled=user.disabled,
            groups=user.groups,
            running=sum(shown(server.state) != "stopped" for server in account.servers),
            used=language.ago(user.last_activity, now),
            created=language.ago(user.created, now),
        )


def _query(req: Request) -> UserQuery:
    """What the query asks for, and what the caller may see of it."""
    held = limits(req.caller.scopes, "list:users")
    everyone = any(not kind for kind, _ in held)
    sort, state = req.query("sort"), req.query("state")
    return UserQuery(
        offset=offset(req.query("offset")),
        limit=ON_A_PAGE,
        state=state if state in STATES else "",
        name=normalise(req.query("q").strip()[:255]),
        sort=sort if sort.removeprefix("-") in ORDERS else ORDERS[0],
        users=None if everyone else frozenset(value for kind, value in held if kind == "user"),
        groups=None if everyone else frozenset(value for kind, value in held if kind == "group"),
        counted=True,
    )


def _order(path: str, fields: dict[str, str], sort: str, name: str, language: Language) -> Order:
    mine = sort.removeprefix("-") == name
    turned = ("descending" if sort.startswith("-") else "ascending") if mine else "none"
    wanted = f"-{name}" if turned == "ascending" else name
    query = {key: value for key, value in {**fields, "sort": wanted}.items() if value}
    return Order(
        label=language.say(f"order-{name.replace('_', '-')}"), path=f"{path}?{urlencode(query)}", turned=turned
    )
