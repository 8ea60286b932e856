"""What I share and what others share with me: make an invitation (its link is shown once), see, take back, leave."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import unquote

from falcon.asgi import Response

from api.access import actor
from api.pages.language import Language
from api.pages.page import Page, me
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from api.resources.sharing import may_give, may_name
from gateway.errors import BadInput, Forbidden, HubgateError, NotFound
from gateway.hub.shares import Wish
from gateway.model import Grant, Invitation, normalise

LIFETIMES = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400, "year": 365 * 86400}
FIELDS = ("server", "with", "who", "view", "expires", "uses", "path")
NEVER = "never"
"""Only for those who are named."""
SHOWN = 200
"""Of each list; the API pages through all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: Annotated[str, "What is sent"]
    label: Annotated[str, "What people read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    who: Annotated[str, "The guest, or whose server it is; a code's first characters"]
    group: Annotated[bool, "Is it a group?"]
    server: Annotated[str, "The server's name, or empty"]
    title: Annotated[str, "The server in words"]
    path: Annotated[str, "The path below it, or empty"]
    view_only: Annotated[bool, "Only to look on?"]
    ends: Annotated[str, "When it ends, or that it does not"]
    used: Annotated[str, "A code's uses"]
    address: Annotated[str, "Where it leads"]
    action: Annotated[str, "Where its end is posted, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesContext(Context):
    template: ClassVar[str] = "shares.html"
    servers: Annotated[tuple[Choice, ...], "My servers that I may share"]
    lifetimes: Annotated[tuple[Choice, ...], "How long it may last"]
    ways: Annotated[tuple[str, ...], "Share handlers that are on"]
    guests: Annotated[tuple[ShareRow, ...], "Who may use my servers"]
    codes: Annotated[tuple[ShareRow, ...], "Invitations that are open"]
    mine: Annotated[tuple[ShareRow, ...], "What others share with me"]
    form: Annotated[Mapping[str, str], "What was sent, when it was wrong"]
    action: Annotated[str, "Where a new one is posted"]
    link: Annotated[str, "The link of the invitation that was just made; shown once"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


class SharesPage(Page):
    """`/hub/shares`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        """Shows the link in the answer itself: its code is kept nowhere from where another page could fetch it."""
        name, form = me(req.caller), req.form
        server = form.get("server", "")
        try:
            if not await self.access.holds(req.caller, "shares", user=name, server=server):
                raise Forbidden(
                    "You may not share this server: that needs the scope 'shares' on it", key="share-not-yours"
                )
            wish = _asked(form)
            await may_give(self.access, req.caller, wish.scopes, name, server)
            await may_name(self.access, req.caller, wish.user, wish.group)
            made = await self.hub.shares.create(name, server, wish, by=actor(req.caller))
        except HubgateError as error:
            await self._show(req, resp, error=error)
            return
        resp.set_header("Cache-Control", "no-store")
        if not made.code:
            self.back(resp, f"{self.urls.hub}shares", "share-made")
            return
        await self._show(req, resp, link=self.hub.public_url + self._below(self.urls.accept_share(made.code)))

    def _below(self, path: str) -> str:
        return path.removeprefix(self.urls.base)

    async def _show(self, req: Request, resp: Response, *, link: str = "", error: HubgateError | None = None) -> None:
        name, frame, shares = me(req.caller), self.frame(req), self.hub.shares
        language, now = frame.language, time.time()
        guests, _ = await shares.of_owner(name, limit=SHOWN)
        codes, _ = await shares.invitations(name, limit=SHOWN)
        mine, _ = await shares.of_user(name, limit=SHOWN)
        sees = await self.access.holds(req.caller, "read:shares", user=name)
        hears = await self.access.holds(req.caller, "read:users:shares", user=name)
        context = SharesContext(
            frame=frame,
            servers=await self._servers(req, language),
            lifetimes=tuple(Choice(value=each, label=language.say(f"lasts-{each}")) for each in (*LIFETIMES, NEVER)),
            ways=tuple(shares.handlers),
            guests=tuple(self._guest(grant, language, now) for grant in guests if sees),
            codes=tuple(self._code(each, language, now) for each in codes if sees),
            mine=tuple(self._mine(grant, language, now) for grant in mine if hears),
            form={field: req.form.get(field, "") if error else "" for field in FIELDS}
            | ({} if error else {"server": req.query("server")}),
            action=f"{self.urls.hub}shares",
            link=link,
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)

    async def _servers(self, req: Request, language: Language) -> tuple[Choice, ...]:
        name = req.caller.name
        found = [
            Choice(value=each.name, label=plain(each.display_name or each.name or language.say("my-server")))
            for each in await self.hub.servers.of_user(name)
            if await self.access.holds(req.caller, "shares", user=name, server=each.name)
        ]
        return tuple(found)

    # ── rows ─────────────────────────────────────────────────────────────────

    def _row(self, of: Grant | Invitation, language: Language, now: float, **more: str | bool) -> ShareRow:
        return ShareRow(**{
            "who": "", "group": False, "used": "", "action": "",
            "server": of.server,
            "title": plain(of.server) or language.say("default-server"),
            "path": plain(unquote(of.path)),
            "view_only": of.view_only,
            "ends": language.until(of.expires_at, now) or language.say("never"),
            "address": self.urls.server(of.owner, of.server) + of.path,
            **more,
        })  # type: ignore[arg-type]  # each field has its type; the dict has one for all  # fmt: skip

    def _guest(self, grant: Grant, language: Language, now: float) -> ShareRow:
        action = f"{self.urls.hub}shares/withdraw"
        who = plain(grant.user or grant.group)
        return self._row(grant, language, now, who=who, group=bool(grant.group), action=action)

    def _code(self, of: Invitation, language: Language, now: float) -> ShareRow:
        used = str(of.uses) if of.max_uses is None else f"{of.uses} / {of.max_uses}"
        action = f"{self.urls.hub}shares/{of.id}/revoke"
        return self._row(of, language, now, who=f"{of.prefix}…", used=used, action=action)

    def _mine(self, grant: Grant, language: Language, now: float) -> ShareRow:
        """What came through a group is the group's to leave."""
        action = f"{self.urls.hub}shares/leave" if grant.user else ""
        return self._row(grant, language, now, who=plain(grant.owner), group=bool(grant.group), action=action)


def _asked(form: Mapping[str, str]) -> Wish:
    """The form as a wish, or `BadInput`."""
    who = form.get("who", "").strip()
    kind = form.get("with", "code")
    if kind not in ("code", "user", "group") or bool(who) != (kind != "code"):
        raise BadInput("Say who it is for: whoever has the link, or the name of a user or of a group", key="share-whom")
    lasts, uses = form.get("expires", ""), form.get("uses", "").strip()
    if lasts not in (*LIFETIMES, NEVER) or (lasts == NEVER and kind == "code"):
        raise BadInput("Choose how long it lasts; a link must end some time", key="share-lasts")
    if uses and not (uses.isascii() and uses.isdecimal() and len(uses) <= 9):
        raise BadInput("How many people may use the link must be a number", key="share-uses")
    plain_way = "code" if kind == "code" else "direct"
    return Wish(
        handler="view" if form.get("view") else plain_way,
        expires_in=LIFETIMES.get(lasts),
        max_uses=int(uses) if uses and kind == "code" else None,
        user=normalise(who) if kind == "user" else "",
        group=who if kind == "group" else "",
        path=form.get("path", ""),
    )


class RevokeInvitation(Page):
    """`POST /hub/shares/{number}/revoke`: an invitation and all who came by it."""

    async def on_post(self, req: Request, resp: Response, number: str) -> None:
        found = await self.hub.shares.find(number)
        if found is None or not await self.access.holds(req.caller, "shares", user=found.owner, server=found.server):
            raise NotFound("There is no such invitation", key="no-share")
        await self.hub.shares.withdraw(found, by=actor(req.caller))
        self.back(resp, f"{self.urls.hub}shares", "share-revoked")


class WithdrawShare(Page):
    """`POST /hub/shares/withdraw`: all that one guest has of one of my servers."""

    async def on_post(self, req: Request, resp: Response) -> None:
        name, form = me(req.caller), req.form
        server, kind, who = form.get("server", ""), form.get("kind", ""), form.get("who", "")
        await self.access.require(req, "shares", user=name, server=server)
        if not who or kind not in ("user", "group"):
            raise BadInput("Nobody is named", key="share-whom")
        guest: dict[str, str] = {"user": normalise(who)} if kind == "user" else {"group": who}
        await self.hub.shares.withdraw_grants(name, server, by=actor(req.caller), **guest)
        self.back(resp, f"{self.urls.hub}shares", "share-revoked")


class LeaveShare(Page):
    """`POST /hub/shares/leave`: I do not want it any more."""

    async def on_post(self, req: Request, resp: Response) -> None:
        name, form = me(req.caller), req.form
        await self.access.require(req, "users:shares", user=name)
        owner, server = normalise(form.get("who", "")), form.get("server", "")
        found: Sequence[Grant]
        found, _ = await self.hub.shares.of_owner(owner, server, user=name) if owner else ([], 0)
        if not found:
            raise NotFound("There is no such share", key="no-share")
        await self.hub.shares.withdraw_grants(owner, server, user=name, by=actor(req.caller))
        self.back(resp, f"{self.urls.hub}shares", "share-left")
