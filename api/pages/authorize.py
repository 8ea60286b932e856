"""OAuth's authorize endpoint: a server or service has sent a browser here, to learn who it is.

Nobody is asked for their own servers, nor again for what they have agreed to. Else a page says who
wants what, and its form is the only thing that agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from falcon.asgi import Response

from api.cookies import Cookies
from api.pages import scopewords
from api.pages.language import Language
from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.hub.core import Hub
from gateway.hub.provider import Asked, Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    scope: Annotated[str, "What is sent along with the form"]
    words: Annotated[str, "The same, for people"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeContext(Context):
    template: ClassVar[str] = "authorize.html"
    service: Annotated[str, "The service that asks, or empty"]
    owner: Annotated[str, "Whose server asks, or empty"]
    client: Annotated[str, "Who asks, in one phrase"]
    wishes: Annotated[tuple[Wish, ...], "What it wants beyond the user's name"]
    site: Annotated[str, "The other site that the browser goes to, or empty"]
    action: Annotated[str, "Where the form is posted: this address, with its query"]


class AuthorizePage:
    """`/hub/api/oauth2/authorize`."""

    def __init__(self, hub: Hub, renderer: Renderer, cookies: Cookies, urls: Urls) -> None:
        self._hub = hub
        self._renderer = renderer
        self._cookies = cookies
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        if req.identity is None:
            # Programs follow this as well as people, so nobody is asked what they are.
            redirect(resp, self._urls.login_then(req.target))
            return
        found = await self._hub.oauth.begin(req.target, req.caller)
        self._cookies.set_session_id(req, resp, req.caller.digest)
        if isinstance(found, Sent):
            redirect(resp, found.location)
        else:
            self._ask(req, resp, found)

    async def on_post(self, req: Request, resp: Response) -> None:
        chosen = [value for name, value in req.pairs if name == "scopes"]
        sent = await self._hub.oauth.agree(req.target, req.caller, chosen)
        redirect(resp, sent.location)

    def _ask(self, req: Request, resp: Response, asked: Asked) -> None:
        frame = self._renderer.frame(req)
        parts = urlsplit(asked.client.redirect_uri)
        site = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        context = AuthorizeContext(
            frame=frame,
            service=plain(asked.client.service),
            owner=plain(asked.client.user),
            client=plain(asked.client.description),
            wishes=tuple(
                Wish(scope=scope, words=self._said(scope, frame.language))
                for scope in sorted(asked.scopes - asked.required)
            ),
            site=site,
            action=req.target,
        )
        self._renderer.show(req, resp, context, sent_to=site)

    def _said(self, scope: str, language: Language) -> str:
        """A scope of the settings is described there."""
        declared = self._hub.settings.custom_scopes.get(scope)
        return declared.description if declared else scopewords.in_words([scope], language)[0]
