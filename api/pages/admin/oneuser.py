"""One user: what it is, its servers, its sessions and tokens, and what an administrator may do with it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.page import AdminPage, shortened, title_of
from api.pages.rendering import Context, Frame, redirect
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, Forbidden, HubgateError, NotFound
from gateway.hub.lifecycle import shown
from gateway.model import Server, User

GRAVE = ("remove", "make-admin")
"""What is done only by those who prove once more who they are: it cannot be taken back by pressing a button."""
ASKED = ("disable", "revoke-tokens")
"""What is done when one has said so twice: tokens that are gone do not come back."""
ACTIONS = ("disable", "enable", "unmake-admin", "end-sessions", "revoke-tokens", *GRAVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserServer:
    title: Annotated[str, "The server's name; that of the default server in words"]
    phase: Annotated[str, "stopped, starting, ready or stopping"]
    state: Annotated[str, "The same in words"]
    detail: Annotated[str, "What it is and since when"]
    message: Annotated[str, "Why it stopped, if there is something to say"]
    address: Annotated[str, "The path of the server itself; empty if it cannot be entered now"]
    log: Annotated[str, "The path of the page with its log"]
    start: Annotated[str, "The page where it is started; empty if it cannot be started now"]
    stop: Annotated[str, "Where its stop is posted; empty if it cannot be stopped now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    label: Annotated[str, "What is there, in words"]
    path: Annotated[str, "Its path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminUserContext(Context):
    template: ClassVar[str] = "admin_user.html"
    name: Annotated[str, "The user's name"]
    admin: Annotated[bool, "Is it an administrator?"]
    disabled: Annotated[bool, "Is it shut out?"]
    oneself: Annotated[bool, "Is it the reader?"]
    groups: Annotated[tuple[str, ...], "The groups that it is in"]
    roles: Annotated[tuple[str, ...], "The roles that it was given"]
    created: Annotated[str, "When it was made"]
    used: Annotated[str, "When it was last at work"]
    servers: Annotated[tuple[UserServer, ...], "Its servers, the default one first"]
    sessions: Annotated[int, "In how many browsers it is logged in"]
    tokens: Annotated[int, "How many tokens it has"]
    elsewhere: Annotated[tuple[Elsewhere, ...], "What else the reader may see of the user"]
    action: Annotated[str, "Where the page's forms are posted"]
    sure: Annotated[str, "The action that waits for the reader's word or proof, or empty"]
    wanted: Annotated[str, "That proof: `password`, `log-in` (a new one), or nothing"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong, or empty"]


class AdminUser(AdminPage):
    """`/hub/admin/users/{user}`."""

    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        await self._show(req, resp, user)

    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """`action` says what to do; one that is grave or asked is sent twice, the second time with `password`."""
        action = req.form.get("action", "")
        if action not in ACTIONS:
            raise BadInput("There is no such action", key="no-action")
        by = await self.admit(req, *_scopes(action), user=user)
        found = await self._found(user)
        self._check(req, action, found)
        if action in GRAVE:
            wrong = await self._unproved(req)
            if wrong is not None:
                await self._show(req, resp, user, sure=action, message=wrong)
                return
        elif action in ASKED and "password" not in req.form:
            await self._show(req, resp, user, sure=action)
            return
        await self._act(action)(user, by)
        if action == "remove":
            self.back(resp, self.urls.admin("users"), "user-removed")
        elif action == "end-sessions" and user == req.user:
            redirect(resp, self.urls.login)
        else:
            self.back(resp, self.urls.admin("users", user), action)

    def _check(self, req: Request, action: str, found: User) -> None:
        oneself = found.name == req.user
        if oneself and action in ("remove", "disable", "unmake-admin"):
            raise BadInput("This cannot be done to oneself; another administrator can do it", key="not-oneself")
        if not req.caller.admin and (found.admin or action in ("make-admin", "unmake-admin")):
            raise Forbidden("Only admins can modify other admins", key="only-admins")

    async def _unproved(self, req: Request) -> str | None:
        """Why the reader is not known to be who they were when they logged in; "" the first time, None if they are."""
        password = req.form.get("password")
        if password is None:
            return ""
        try:
            await self.prove(req, password)
        except HubgateError as error:
            return plain(self.frame(req).language.told(error))
        return None

    def _act(self, action: str) -> Callable[[str, str], Awaitable[object]]:
        users = self.hub.users
        return {
            "disable": lambda name, by: users.set_disabled(name, True, by=by),
            "enable": lambda name, by: users.set_disabled(name, False, by=by),
            "make-admin": lambda name, by: users.set_admin(name, True, by=by),
            "unmake-admin": lambda name, by: users.set_admin(name, False, by=by),
            "end-sessions": lambda name, by: self.hub.sessions.log_out_everywhere(name, by=by),
            "revoke-tokens": self._revoke_all,
            "remove": lambda name, by: users.remove(name, by=by),
        }[action]

    async def _revoke_all(self, name: str, by: str) -> None:
        for token in await self.hub.tokens.of_user(name):
            await self.hub.tokens.revoke(token.id, by=by)

    async def _found(self, user: str) -> User:
        found = await self.hub.users.get(user)
        if found is None:
            raise NotFound("No such user", key="no-user")
        return found

    async def _show(self, req: Request, resp: Response, user: str, *, sure: str = "", message: str = "") -> None:
        await self.admit(req, "read:users", user=user)
        account = await self.hub.users.account(user)
        if account is None:
            raise NotFound("No such user", key="no-user")
        frame, now = self.frame(req), time.time()
        servers = await self.hub.servers.of_user(user)
        found = account.user
        context = AdminUserContext(
            frame=frame,
            name=found.name,
            admin=found.admin,
            disabled=found.disabled,
            oneself=found.name == req.user,
            groups=found.groups,
            roles=account.roles,
            created=frame.language.moment(found.created),
            used=frame.language.ago(found.last_activity, now) or frame.language.say("never"),
            servers=tuple([await self._server(req, server, frame.language, now) for server in servers]),
            sessions=len(await self.hub.sessions.of_user(user)),
            tokens=len(await self.hub.tokens.of_user(user)),
            elsewhere=self._elsewhere(frame, user),
            action=self.urls.admin("users", user),
            sure=sure,
            wanted=await self.wanted(req) if sure in GRAVE else "",
            done=self.done(req, frame),
            message=message,
        )
        self.show(req, resp, context, 403 if message else 200)

    def _elsewhere(self, frame: Frame, user: str) -> tuple[Elsewhere, ...]:
        known = {tab.name for tab in frame.tabs}
        return tuple(
            Elsewhere(label=frame.language.say(name), path=f"{self.urls.admin(name)}?{urlencode({field: user})}")
            for name, field in (("traffic", "user"), ("audit", "subject"))
            if name in known
        )

    async def _server(self, req: Request, server: Server, language: Language, now: float) -> UserServer:
        where, place = shown(server.state), (server.user, server.name)
        holds = partial(self.access.holds, req.caller, user=server.user, server=server.name)
        enter, told = await holds("access:servers"), await holds("read:servers")
        since = server.started if where == "ready" else server.last_activity
        return UserServer(
            title=title_of(server, language),
            phase=where,
            state=language.say(f"state-{where}"),
            detail=" · ".join(each for each in (shortened(server.profile), language.ago(since, now)) if each),
            message=plain(language.why(server)) if told and where == "stopped" else "",
            address=self.urls.server(*place) if enter and where == "ready" else "",
            log=self.urls.page("log", *place),
            start=self.urls.page("spawn", *place) if where == "stopped" else "",
            stop=self.urls.page("stop", *place) if where in ("starting", "ready") else "",
        )


def _scopes(action: str) -> tuple[str, ...]:
    match action:
        case "remove":
            return ("delete:users",)
        case "revoke-tokens":
            return ("tokens",)
        case _:
            return ("admin:users",)
