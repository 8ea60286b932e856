"""Where strangers ask for an account. The answer tells as little as it can of who has one already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.errors import BadInput, Conflict, Forbidden, HubgateError, NotFound, TooMany
from gateway.hub.core import Hub

LONGEST = 64
"""Characters of a name that are shown again."""
DIFFER = "The two passwords differ."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpContext(Context):
    template: ClassVar[str] = "signup.html"
    username: Annotated[str, "What was typed before, to be shown again"]
    message: Annotated[str, "What is wrong with it, or empty"]
    decided: Annotated[bool, "An administrator decides"]
    done: Annotated[bool, "It has been taken down, or the account is made"]


class SignUpPage:
    """`/hub/signup`."""

    def __init__(self, hub: Hub, renderer: Renderer, urls: Urls) -> None:
        self._hub = hub
        self._renderer = renderer
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        self._open()
        if req.user:
            redirect(resp, self._urls.home)
        else:
            self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        self._open()
        if req.user:
            redirect(resp, self._urls.home)
            return
        name, password = req.form.get("username", "").strip(), req.form.get("password", "")
        try:
            if password != req.form.get("again", ""):
                raise BadInput(DIFFER, key="passwords-differ")
            await self._hub.entrances.sign_ups.ask(name, password, req.knock)
        except (BadInput, Conflict, Forbidden, TooMany) as error:
            self._show(req, resp, name, error)
        else:
            self._show(req, resp, done=True)

    def _open(self) -> None:
        if not self._hub.entrances.sign_ups.open:
            raise NotFound("Nobody can sign up here. An administrator makes accounts.", key="signup-closed")

    def _show(
        self, req: Request, resp: Response, name: str = "", error: HubgateError | None = None, *, done: bool = False
    ) -> None:
        if error and error.retry_after is not None:
            resp.set_header("Retry-After", str(error.retry_after))
        frame = self._renderer.frame(req)
        context = SignUpContext(
            frame=frame,
            username=plain(name[:LONGEST]),
            message=plain(frame.language.told(error)) if error else "",
            decided=self._hub.entrances.sign_ups.decided,
            done=done,
        )
        self._renderer.show(req, resp, context, error.status if error else 200)
