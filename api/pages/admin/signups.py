"""Who asks for an account, and a new password for somebody who has lost theirs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.page import AdminPage
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from api.resources.passwords import may_reset
from api.resources.signups import may_approve
from gateway.errors import BadInput, Conflict, Forbidden, HubgateError, NotFound, TooMany
from gateway.model import normalise

ACTIONS = {"approve": "signup-approved", "refuse": "signup-refused", "password": "password-set"}
"""What a form does, and what is said when it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    name: Annotated[str, "The name that is asked for"]
    address: Annotated[str, "From where"]
    when: Annotated[str, "When, in words"]
    admin: Annotated[bool, "Do the settings make whoever has this name an administrator?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpsContext(Context):
    template: ClassVar[str] = "admin_signups.html"
    asking: Annotated[tuple[Asking, ...], "Who asks for an account, the oldest first"]
    passwords: Annotated[bool, "Are passwords kept here?"]
    wanted: Annotated[str, "What proves that it is the reader: `password`, `log-in` (a new one), or nothing"]
    action: Annotated[str, "Where the forms are posted"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "Why it could not be done, or empty"]


class AdminSignUps(AdminPage):
    """`/hub/admin/signups`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        by = await self.admit(req, "admin:users", filters=True)
        name, action = normalise(req.form.get("name", "")[:1000]), req.form.get("action", "")
        if action not in ACTIONS:
            raise BadInput("There is no such action", key="no-action")
        try:
            await self._act(req, action, name, by)
        except (BadInput, Conflict, Forbidden, NotFound, TooMany) as error:
            await self._show(req, resp, error)
        else:
            self.back(resp, self.urls.admin("signups"), ACTIONS[action])

    async def _act(self, req: Request, action: str, name: str, by: str) -> None:
        if action == "password":
            await may_reset(self.hub, self.access, req, name)
            await self.prove(req, req.form.get("own", ""))
            await self.hub.entrances.passwords.reset(name, req.form.get("password", ""), by)
            return
        await self.access.require(req, "admin:users")
        if action == "approve":
            may_approve(self.hub, req, name)
            await self.hub.entrances.sign_ups.approve(name, by)
        else:
            await self.hub.entrances.sign_ups.refuse(name, by)

    async def _show(self, req: Request, resp: Response, error: HubgateError | None = None) -> None:
        await self.admit(req, "admin:users", filters=True)
        frame, now = self.frame(req), time.time()
        # Who asks is in no group yet; an administrator of some users may be here for a password.
        decides = await self.access.holds(req.caller, "admin:users")
        asking = tuple(
            Asking(
                name=plain(each.name),
                address=plain(each.address),
                when=frame.language.ago(each.created, now),
                admin=self.hub.users.is_named_admin(each.name),
            )
            for each in (await self.hub.entrances.sign_ups.listing() if decides else ())
        )
        context = SignUpsContext(
            frame=frame,
            asking=asking,
            passwords=self.hub.entrances.passwords.kept,
            wanted=await self.wanted(req) if self.hub.entrances.passwords.kept else "",
            action=self.urls.admin("signups"),
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)
