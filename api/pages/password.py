"""Where people change their own password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.rendering import Context, Renderer
from api.pages.signup import DIFFER
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, Forbidden, HubgateError, NotFound, TooMany
from gateway.hub.core import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordContext(Context):
    template: ClassVar[str] = "password.html"
    message: Annotated[str, "What is wrong, or empty"]
    done: Annotated[bool, "It is changed"]


class PasswordPage:
    """`/hub/password`. It asks for the old one: whoever finds an open browser must not take the account with it."""

    def __init__(self, hub: Hub, renderer: Renderer) -> None:
        self._hub = hub
        self._renderer = renderer

    async def on_get(self, req: Request, resp: Response) -> None:
        _ = req.caller
        self._kept()
        self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        who = req.caller
        self._kept()
        old, new = req.form.get("old", ""), req.form.get("password", "")
        try:
            if new != req.form.get("again", ""):
                raise BadInput(DIFFER, key="passwords-differ")
            await self._hub.entrances.passwords.change(who.name, old, new, req.knock, who.digest)
        except (BadInput, Forbidden, TooMany) as error:
            self._show(req, resp, error)
        else:
            self._show(req, resp, done=True)

    def _kept(self) -> None:
        if not self._hub.entrances.passwords.kept:
            raise NotFound("Passwords are not kept here.", key="passwords-elsewhere")

    def _show(self, req: Request, resp: Response, error: HubgateError | None = None, *, done: bool = False) -> None:
        if error and error.retry_after is not None:
            resp.set_header("Retry-After", str(error.retry_after))
        frame = self._renderer.frame(req)
        message = plain(frame.language.told(error)) if error else ""
        context = PasswordContext(frame=frame, message=message, done=done)
        self._renderer.show(req, resp, context, error.status if error else 200)
