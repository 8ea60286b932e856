"""My account: where I am logged in, and how to end that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.access import actor
from api.pages.page import Page, me, shortened
from api.pages.rendering import Context, redirect
from api.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    device: Annotated[str, "What the browser calls itself"]
    address: Annotated[str, "Where it logged in from"]
    began: Annotated[str, "When it logged in"]
    seen: Annotated[str, "When it was seen last"]
    here: Annotated[bool, "Is it this browser?"]
    end: Annotated[str, "Where its end is posted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContext(Context):
    template: ClassVar[str] = "account.html"
    name: Annotated[str, "The user's name"]
    admin: Annotated[bool, "Is it an administrator?"]
    groups: Annotated[tuple[str, ...], "The groups that the user is in"]
    sessions: Annotated[tuple[SessionRow, ...], "The one seen last comes first"]
    end_all: Annotated[str, "Where the end of all sessions is posted"]
    password: Annotated[str, "The path of the page where the password is changed, or empty"]
    done: Annotated[str, "What was just done, or empty"]


class AccountPage(Page):
    """`/hub/account`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        name, frame, now = me(req.caller), self.frame(req), time.time()
        ago = frame.language.ago
        found = sorted(await self.hub.sessions.of_user(name), key=lambda session: -session.last_seen)
        context = AccountContext(
            frame=frame,
            name=name,
            admin=req.caller.admin,
            groups=req.caller.groups,
            sessions=tuple(
                SessionRow(
                    device=shortened(session.device) or frame.language.say("device-unknown"),
                    address=shortened(session.address, 64),
                    began=ago(session.created, now),
                    seen=ago(session.last_seen, now),
                    here=session.id == req.caller.credential_id,
                    end=f"{self.urls.hub}account/sessions/{session.id}",
                )
                for session in found
            ),
            end_all=f"{self.urls.hub}account/sessions",
            password=self.urls.password if self.hub.entrances.passwords.kept else "",
            done=self.done(req, frame),
        )
        self.show(req, resp, context)


class EndSession(Page):
    """`POST /hub/account/sessions/{session}`: one browser is logged out."""

    async def on_post(self, req: Request, resp: Response, session: str) -> None:
        await self.hub.sessions.end(me(req.caller), session, by=actor(req.caller))
        if session == req.caller.credential_id:
            redirect(resp, self.urls.login)
        else:
            self.back(resp, f"{self.urls.hub}account", "session-ended")


class EndSessions(Page):
    """`POST /hub/account/sessions`: every browser is logged out, this one too."""

    async def on_post(self, req: Request, resp: Response) -> None:
        await self.hub.sessions.log_out_everywhere(me(req.caller), by=actor(req.caller))
        redirect(resp, self.urls.login)
