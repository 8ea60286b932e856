"""The log-in page: each authenticator with a form or a button, side by side."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api import origin, xsrf
from api.cookies import Cookies
from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.errors import Forbidden, HubgateError, TooMany
from gateway.hookspecs import Authenticator, RedirectAuthenticator
from gateway.hub.core import Hub
from gateway.hub.sessions import NewSession
from gateway.model import digest

log = logging.getLogger(__name__)

LONGEST = 255
"""Characters of a user name that are shown again."""
NOT_OURS = "Login form invalid or expired. Try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in."""

    authenticator: Annotated[str, "Its name, sent along with the form"]
    kind: Annotated[str, "`form`; `button` leads to a provider; `proxy` needs nothing of the person"]
    label: Annotated[str, "Its name for people"]
    url: Annotated[str, "Where the button leads; of a form, where one asks for an account, or empty"]
    username: Annotated[str, "What was typed before, to be shown again"]
    message: Annotated[str, "Why the last try failed, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginContext(Context):
    template: ClassVar[str] = "login.html"
    doors: Annotated[tuple[Door, ...], "One for each authenticator, in the order of the setting"]
    next: Annotated[str, "The path to go to afterwards, or empty"]


class Doors:
    """The log-in page itself, for whoever has to show it; and what every log-in ends with."""

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._renderer = renderer
        self._cookies = cookies
        self._urls = urls

    def show(
        self, req: Request, resp: Response, then: str, *, tried: str = "", username: str = "",
        error: HubgateError | None = None,
    ) -> None:  # fmt: skip
        """`error` stands with the authenticator that was tried."""
        frame = self._renderer.frame(req)
        message = frame.language.told(error) if error else ""
        names = [authenticator.name for authenticator in self._hub.authenticators]
        tried = tried if tried in names else names[0]
        doors = tuple(
            self._door(each, then, username if each.name == tried else "", message if each.name == tried else "")
            for each in self._hub.authenticators
        )
        context = LoginContext(frame=frame, doors=doors, next=then)
        status = 503 if error and error.status == 503 else 403
        self._renderer.show(req, resp, context, status if error else 200)

    def failed(
        self, req: Request, resp: Response, then: str, error: HubgateError, *, tried: str, username: str = ""
    ) -> None:
        """The page again, with what the person may know of it."""
        if error.retry_after is not None:
            resp.set_header("Retry-After", str(error.retry_after))
        self.show(req, resp, then, tried=tried, username=username, error=error)

    def entered(self, req: Request, resp: Response, new: NewSession, then: str) -> None:
        self._cookies.set_session(req, resp, new.value)
        self._cookies.set_xsrf(req, resp, xsrf.for_session(self._hub.keys.xsrf, digest(new.value)))
        redirect(resp, then or self._urls.home)

    def _door(self, authenticator: Authenticator, then: str, username: str, message: str) -> Door:
        kind = "proxy" if authenticator.name in self._hub.sessions.vouching else "form"
        url = self._urls.signup if self._hub.entrances.sign_ups.by == authenticator.name else ""
        kind = "button" if isinstance(authenticator, RedirectAuthenticator) else kind
        return Door(
            authenticator=authenticator.name,
            kind=kind,
            label=authenticator.display_name or authenticator.name,
            url=self._urls.provider(authenticator.name, then) if kind == "button" else url,
            username=plain(username[:LONGEST]),
            message=plain(message),
        )


class LoginPage:
    """`/hub/login`. A form that is not ours comes back as a fresh one, with 403."""

    answers_refused_forms = True

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._doors = Doors(hub, renderer, cookies, urls)
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        then = self._urls.safe_next(req.query("next"))
        if req.user:
            redirect(resp, then or self._urls.home)
        elif not await self._by_proxy(req, resp, then):
            self._doors.show(req, resp, then, username=req.query("username"))

    async def on_post(self, req: Request, resp: Response) -> None:
        form = dict(req.form)
        then = self._urls.safe_next(form.pop("next", "") or req.query("next"))
        authenticator = form.pop("authenticator", "")
        username = form.get("username", "").strip()
        if req.refused:
            error = Forbidden(NOT_OURS, key="login-form")
            self._doors.show(req, resp, then, tried=authenticator, username=username, error=error)
            return
        fields = form | {"username": username}
        try:
            new = await self._hub.sessions.log_in(authenticator, fields, req.knock, req.device, req.former)
        except (Forbidden, TooMany) as error:
            self._doors.failed(req, resp, then, error, tried=authenticator, username=username)
        else:
            self._doors.entered(req, resp, new, then)

    async def _by_proxy(self, req: Request, resp: Response, then: str) -> bool:
        """Whom a trusted proxy names need not do anything. Is the request answered?"""
        if req.unbelieved:
            return self._unbelieved(req, resp, then)
        knock = req.knock
        vouched = self._hub.sessions.vouched(knock)
        if not vouched or origin.is_prefetch(req.lower) or not origin.is_top_level(req.lower):
            return False
        try:
            new = await self._hub.sessions.log_in(vouched[0], {}, knock, req.device, req.former)
        except HubgateError as error:
            self._doors.failed(req, resp, then, error, tried=vouched[0])
        else:
            self._doors.entered(req, resp, new, then)
        return True

    def _unbelieved(self, req: Request, resp: Response, then: str) -> bool:
        name = next((by for by, header in self._hub.sessions.vouching.items() if header == req.unbelieved), "")
        if not name:
            return False
        log.warning(
            "log-in of nobody from %s by %s refused: the header %s does not come from one of gateway.trusted_proxies",
            req.client_address, name, req.unbelieved,
        )  # fmt: skip
        message = "What your browser or proxy says about you is not believed: it is none of the trusted proxies."
        self._doors.show(req, resp, then, tried=name, error=Forbidden(message))
        return True
