"""The log-in page: one form for each authenticator, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api import xsrf
from api.cookies import Cookies
from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.errors import Forbidden, TooMany
from gateway.hookspecs import LoginRequest
from gateway.hub.core import Hub
from gateway.model import digest

LONGEST = 255
"""Characters of a user name that are shown again, of a device that are kept."""
PRIVATE = ("cookie", "authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginForm:
    authenticator: Annotated[str, "Its name, sent along with the form"]
    label: Annotated[str, "Its name for people"]
    username: Annotated[str, "What was typed before, to be shown again"]
    message: Annotated[str, "Why the last try failed, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginContext(Context):
    template: ClassVar[str] = "login.html"
    forms: Annotated[tuple[LoginForm, ...], "One for each authenticator"]
    next: Annotated[str, "The path to go to afterwards, or empty"]


class LoginPage:
    """`/hub/login`. A form that is not ours comes back as a fresh one, with 403."""

    answers_refused_forms = True

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._renderer = renderer
        self._cookies = cookies
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        then = self._urls.safe_next(req.query("next"))
        if req.user:
            redirect(resp, then or self._urls.home)
            return
        self._show(req, resp, then, username=req.query("username"))

    async def on_post(self, req: Request, resp: Response) -> None:
        form = dict(req.form)
        then = self._urls.safe_next(form.pop("next", "") or req.query("next"))
        authenticator = form.pop("authenticator", "")
        username = form.get("username", "").strip()
        if req.refused:
            message = "Login form invalid or expired. Try again."
            self._show(req, resp, then, tried=authenticator, username=username, message=message)
            return
        try:
            new = await self._hub.sessions.log_in(
                authenticator,
                form | {"username": username},
                LoginRequest(req.client_address, _harmless(req)),
                device=req.lower.get("user-agent", "")[:LONGEST],
                previous=req.identity.digest if req.identity else "",
            )
        except (Forbidden, TooMany) as error:
            if error.retry_after is not None:
                resp.set_header("Retry-After", str(error.retry_after))
            self._show(req, resp, then, tried=authenticator, username=username, message=error.message)
            return
        self._cookies.set_session(req, resp, new.value)
        self._cookies.set_xsrf(req, resp, xsrf.for_session(self._hub.keys.xsrf, digest(new.value)))
        redirect(resp, then or self._urls.home)

    def _show(
        self, req: Request, resp: Response, then: str, *, tried: str = "", username: str = "", message: str = ""
    ) -> None:
        names = [authenticator.name for authenticator in self._hub.authenticators]
        tried = tried if tried in names else names[0]
        forms = tuple(
            LoginForm(
                authenticator=authenticator.name,
                label=authenticator.display_name or authenticator.name,
                username=plain(username[:LONGEST]) if authenticator.name == tried else "",
                message=plain(message) if authenticator.name == tried else "",
            )
            for authenticator in self._hub.authenticators
        )
        context = LoginContext(frame=self._renderer.frame(req), forms=forms, next=then)
        self._renderer.show(req, resp, context, 403 if message else 200)


def _harmless(req: Request) -> dict[str, str]:
    """The request's headers without credentials and without the worker's own."""
    return {
        name: value for name, value in req.lower.items() if name not in PRIVATE and not name.startswith("x-hubgate-")
    }
