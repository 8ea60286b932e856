"""Users: the caller, one of them, all of them, and when they were last at work."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Response
from pydantic import Field

from api.access import actor
from api.body import Body, read
from api.dialect import OURS, Varies
from api.operation import Empty, Query, Resource, operation
from api.paging import QUERY, Page, pages_of
from api.request import Request
from api.resources.models import USER_SCOPES, CallerModel, Sight, UserModel, token_id
from gateway.accounts import USER_ORDERS, USER_STATES, Account, UserQuery
from gateway.errors import BadInput, Conflict, Forbidden, HubgateError, NotFound
from gateway.hub.words import plain
from gateway.model import checked_name, normalise
from gateway.scopes import limits

AT_ONCE = 1000
"""New users in one call."""
ONLY_ADMINS = "Only admins can grant admin permissions"
IDENTIFY = ("read:users:name", "read:users:groups")
"""What everybody may know of themselves, whatever their token's scopes are."""

STOPPED = Query("include_stopped_servers", "Show servers that do not run as well; anything but `0` and `false`.")
FILTERS = (
    Query("state", "Only users with a running server, a ready one, or none.", {"enum": list(USER_STATES)}),
    Query("name_filter", "Only users whose name contains this."),
    Query("sort", "The order; `-` in front turns it around.", {"enum": list(USER_ORDERS)}),
)


class NewUser(Body):
    admin: bool = False


class NewUsers(NewUser):
    usernames: list[str] = Field(default=[], max_length=AT_ONCE)


class UserPatch(Body):
    """`name` renames the user. No `auth_state` is kept here."""

    name: str | None = None
    admin: bool | None = None
    auth_state: None = None


class OurUserPatch(Body):
    """A disabled user's sessions, tokens and connections end, and the servers stop."""

    name: str | None = None
    admin: bool | None = None
    disabled: bool | None = None


class CurrentUser(Resource):
    """`/user`."""

    @operation("Who am I, and what may I do?", answers={200: CallerModel})
    async def on_get(self, req: Request, resp: Response) -> None:
        identity = req.caller
        by_token = identity.credential == "token"
        resp.media = {
            **await self._model(req),
            "token_id": token_id(identity.credential_id) if by_token else None,
            "session_id": identity.session or None,
            "scopes": sorted(identity.scopes),
        }

    async def _model(self, req: Request) -> dict[str, Any]:
        identity = req.caller
        if identity.kind == "service":
            return {"kind": "service", "name": identity.name, "admin": identity.admin}
        account = await self.hub.users.account(identity.name)
        if account is None:
            raise NotFound("No such user")
        scopes = identity.scopes.union(f"{name}!user={identity.name}" for name in IDENTIFY)
        return Sight(self.urls, req.dialect, scopes).user(account)


class Users(Resource):
    """`/users`."""

    @operation(
        "All users",
        scopes=("list:users",),
        filters=True,
        query=(*QUERY, *FILTERS, STOPPED),
        answers={200: pages_of(list[UserModel])},
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        page = Page.of(req)
        stopped = wants_stopped(req)
        accounts, total = await self.hub.users.page(_wanted(req, page, stopped))
        sight = Sight(self.urls, req.dialect, req.caller.scopes, stopped=stopped)
        page.answer(req, resp, [sight.user(account) for account in accounts], total)

    @operation("Make users", scopes=("admin:users",), body=NewUsers, answers={201: list[UserModel], 409: None})
    async def on_post(self, req: Request, resp: Response) -> None:
        """Those that exist already are left out. All the others are made, or none."""
        wish = await read(req, NewUsers)
        if not wish.usernames:
            raise BadInput("Must specify at least one user to create")
        _may_make(req, wish.admin)
        names = _checked(wish.usernames)
        _may_make(req, any(self.hub.users.is_named_admin(name) for name in names))
        made = await self.hub.users.add_many(names, wish.admin, by=actor(req.caller))
        if not made:
            raise Conflict(f"All {len(names)} users already exist")
        sight = Sight(self.urls, req.dialect, req.caller.scopes)
        accounts = [await self.hub.users.account(name) for name in made]
        resp.status = 201
        resp.media = [sight.user(account) for account in accounts if account]


class OneUser(Resource):
    """`/users/{user}`."""

    @operation("A user", scopes=USER_SCOPES, query=(STOPPED,), answers={200: UserModel})
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        resp.media = await self._model(req, user)

    @operation("Make a user", scopes=("admin:users",), body=NewUser, answers={201: UserModel, 409: None})
    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """Only an admin makes admins."""
        admin = (await read(req, NewUser)).admin
        _may_make(req, admin or self.hub.users.is_named_admin(user))
        made = await self.hub.users.add(user, admin, by=actor(req.caller))
        resp.status = 201
        resp.media = await self._model(req, made.name)

    @operation(
        "Change a user",
        scopes=("admin:users",),
        body=Varies(jupyterhub=UserPatch, ours=OurUserPatch),
        answers={200: UserModel, 409: None},
    )
    async def on_patch(self, req: Request, resp: Response, user: str) -> None:
        """Only an admin changes admins, or makes some. To be renamed, a user must have no server that runs."""
        wish: UserPatch | OurUserPatch = await read(req, OurUserPatch if req.dialect is OURS else UserPatch)
        found = await self._found(user)
        name = user if wish.name is None else checked_name(wish.name)
        if not req.caller.admin and found.user.admin:
            raise Forbidden("Only admins can modify other admins")
        _may_make(req, bool(wish.admin) or (name != user and self.hub.users.is_named_admin(name)))
        disabled = wish.disabled if isinstance(wish, OurUserPatch) else None
        if disabled and req.caller.kind == "user" and user == req.caller.name:
            raise BadInput("Cannot disable yourself!")
        by = actor(req.caller)
        if name != user:
            if await self.hub.users.get(name):
                raise BadInput(f"User {name} already exists, username must be unique")
            await self.hub.users.rename(user, name, by=by)
        if wish.admin is not None and wish.admin != found.user.admin:
            await self.hub.users.set_admin(name, wish.admin, by=by)
        if disabled is not None and disabled != found.user.disabled:
            await self.hub.users.set_disabled(name, disabled, by=by)
        resp.media = {**await self._model(req, name), **({} if req.dialect is OURS else {"auth_state": None})}

    @operation("Remove a user, once all of its servers are stopped", scopes=("delete:users",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str) -> None:
        if req.caller.kind == "user" and user == req.caller.name:
            raise BadInput("Cannot delete yourself!")
        await self.hub.users.remove(user, by=actor(req.caller))
        resp.status = 204

    async def _model(self, req: Request, user: str) -> dict[str, Any]:
        sight = Sight(self.urls, req.dialect, req.caller.scopes, stopped=wants_stopped(req))
        return sight.user(await self._found(user))

    async def _found(self, user: str) -> Account:
        found = await self.hub.users.account(user)
        if found is None:
            raise NotFound("No such user")
        return found


def wants_stopped(req: Request) -> bool:
    """`include_stopped_servers`: present, and neither `0` nor `false`."""
    return req.has_param("include_stopped_servers") and req.query("include_stopped_servers").lower() not in (
        "0",
        "false",
    )


def _may_make(req: Request, admin: bool) -> None:
    if admin and not req.caller.admin:
        raise Forbidden(ONLY_ADMINS)


def _checked(names: list[str]) -> list[str]:
    """The names as they are kept, or `BadInput` that lists those that nobody may have."""
    good, bad = [], []
    for name in names:
        try:
            good.append(checked_name(name))
        except HubgateError:
            bad.append(plain(name, 40))
    if bad:
        raise BadInput(f"Invalid username{'s' if bad[1:] else ''}: {', '.join(bad[:20])}")
    return good


def _wanted(req: Request, page: Page, stopped: bool) -> UserQuery:
    state, sort = req.query("state"), req.query("sort") if req.has_param("sort") else "id"
    if state not in ("", *USER_STATES):
        raise BadInput(f"Unrecognized state filter: {plain(state)!r}")
    if sort not in USER_ORDERS:
        raise BadInput(f"sort must be 'id', 'name', or 'last_activity', not {plain(sort)!r}")
    users, groups = _listed(req)
    return UserQuery(
        offset=page.offset,
        limit=page.limit,
        state=state,
        name=normalise(req.query("name_filter")),
        sort=sort,
        users=users,
        groups=groups,
        stopped=stopped,
        counted=page.wrapped,
    )


def _listed(req: Request) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """Whom the caller may list: these users and those in these groups; None, None for all."""
    held = limits(req.caller.scopes, "list:users")
    if ("", "") in held:
        return None, None
    if any(kind not in ("user", "group") for kind, _ in held):
        raise Forbidden("list:users can be filtered by user and group only")
    users = frozenset(value for kind, value in held if kind == "user")
    return users, frozenset(value for kind, value in held if kind == "group")
