"""My API tokens: make one (its value is shown once), see which there are, revoke."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.access import actor
from api.pages.language import Language
from api.pages.page import Page, me
from api.pages.rendering import Context
from api.pages.scopewords import in_words
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, NotFound
from gateway.model import Token

LIFETIMES = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400, "year": 365 * 86400, "never": 0}
CHOICES = ("access:servers", "servers", "read:users", "users:activity", "tokens", "shares")
"""Scopes that are offered as boxes to tick, each for what is the reader's own."""
MOST_SCOPES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    value: Annotated[str, "What is sent"]
    label: Annotated[str, "What people read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeBox:
    value: Annotated[str, "The scope"]
    label: Annotated[str, "The scope in words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    note: Annotated[str, "What its maker wrote"]
    prefix: Annotated[str, "Its first characters"]
    scopes: Annotated[tuple[str, ...], "What it may do, in words"]
    made: Annotated[str, "When it was made"]
    used: Annotated[str, "When it was used last, or that it never was"]
    expires: Annotated[str, "When it ends, or that it does not"]
    revoke: Annotated[str, "Where its revocation is posted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensContext(Context):
    template: ClassVar[str] = "tokens.html"
    tokens: Annotated[tuple[TokenRow, ...], "The newest first"]
    lifetimes: Annotated[tuple[Lifetime, ...], "How long a token may last"]
    boxes: Annotated[tuple[ScopeBox, ...], "Scopes to choose from"]
    action: Annotated[str, "Where a new one is posted"]
    made: Annotated[str, "The value of the one that was just made; shown once"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


class TokensPage(Page):
    """`/hub/token`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        """Shows the value in the answer itself: it is kept nowhere from where another page could fetch it."""
        name, form = me(req.caller), req.form
        await self.access.require(req, "tokens", user=name)
        try:
            value, _ = await self.hub.tokens.make(
                name,
                self._scopes(req),
                note=form.get("note", "").strip(),
                expires_in=self._lifetime(form.get("expires", "")),
                by=actor(req.caller),
            )
        except BadInput as error:
            await self._show(req, resp, error=error)
            return
        resp.set_header("Cache-Control", "no-store")
        await self._show(req, resp, made=value)

    def _scopes(self, req: Request) -> list[str] | None:
        """None = all that the owner may."""
        if req.form.get("what") != "some":
            return None
        ticked = [f"{name}!user" for name in CHOICES if req.form.get(f"scope-{name}")]
        written = req.form.get("more", "").split()
        if not ticked and not written:
            raise BadInput("Choose at least one thing that the token may do", key="token-nothing")
        if len(written) > MOST_SCOPES:
            raise BadInput(f"At most {MOST_SCOPES} scopes", key="token-scopes", about={"most": MOST_SCOPES})
        return [*ticked, *written]

    def _lifetime(self, value: str) -> int | None:
        if value not in LIFETIMES:
            raise BadInput("Choose how long the token lasts", key="token-lasts")
        return LIFETIMES[value] or None

    async def _show(self, req: Request, resp: Response, *, made: str = "", error: BadInput | None = None) -> None:
        name, frame = me(req.caller), self.frame(req)
        await self.access.require(req, "read:tokens", user=name)
        found = await self.hub.tokens.effective(await self.hub.tokens.of_user(name))
        now, most, say = time.time(), self.hub.settings.tokens.max_age, frame.language.say
        context = TokensContext(
            frame=frame,
            tokens=tuple(self._row(token, frame.language, now) for token in sorted(found, key=lambda t: -t.created)),
            lifetimes=tuple(
                Lifetime(value=value, label=say(f"lasts-{value}"))
                for value, seconds in LIFETIMES.items()
                if not most or (seconds and seconds <= most)
            ),
            boxes=tuple(ScopeBox(value=scope, label=say(f"scope-{scope.replace(':', '-')}")) for scope in CHOICES),
            action=f"{self.urls.hub}token",
            made=made,
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)

    def _row(self, token: Token, language: Language, now: float) -> TokenRow:
        say = language.say
        return TokenRow(
            note=plain(token.note) or say("token-no-note"),
            prefix=token.prefix,
            scopes=in_words(token.scopes, language),
            made=language.ago(token.created, now),
            used=language.ago(token.last_used, now) or say("never"),
            expires=language.until(token.expires_at, now) or say("never"),
            revoke=f"{self.urls.hub}token/{token.id}/revoke",
        )


class RevokeToken(Page):
    """`POST /hub/token/{token}/revoke`."""

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        name = me(req.caller)
        await self.access.require(req, "tokens", user=name)
        if token not in {each.id for each in await self.hub.tokens.of_user(name)}:
            raise NotFound("No such token", key="no-token")
        await self.hub.tokens.revoke(token, by=actor(req.caller))
        self.back(resp, f"{self.urls.hub}token", "token-revoked")
