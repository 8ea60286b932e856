"""What the pages with forms have in common: who may see them, how they are shown, and where a form leads back to."""

from __future__ import annotations

from urllib.parse import quote

from falcon.asgi import Response

from api.access import actor
from api.operation import Api
from api.pages.language import Language
from api.pages.rendering import Context, Frame, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from gateway.errors import Forbidden
from gateway.hub.assurance import Wanted
from gateway.model import Identity, Server

DONE = "done"
"""The field of the query by which a page says what a form has just done: `done-<value>` is the message."""


class Page:
    """A page, or a form's target. Subclasses answer GET with what is there, POST with a redirect back."""

    def __init__(self, api: Api, renderer: Renderer) -> None:
        self.hub = api.hub
        self.access = api.access
        self.urls = api.urls
        self.renderer = renderer

    def frame(self, req: Request) -> Frame:
        return self.renderer.frame(req)

    def show(self, req: Request, resp: Response, context: Context, status: int = 200) -> None:
        self.renderer.show(req, resp, context, status)

    def back(self, resp: Response, path: str, done: str) -> None:
        """See `path`, which says that `done` is done."""
        mark = "&" if "?" in path else "?"
        redirect(resp, f"{path}{mark}{DONE}={quote(done, safe='')}")

    @staticmethod
    def done(req: Request, frame: Frame) -> str:
        """What was done by the form that led here, in words, or ""."""
        message = f"done-{req.query(DONE)}"
        return frame.language.say(message) if req.query(DONE) and frame.language.knows(message) else ""


class AdminPage(Page):
    """A page of the administration."""

    async def admit(self, req: Request, *names: str, user: str = "", group: str = "", filters: bool = False) -> str:
        """The caller as the audit writes it: may see the administration and has one of the scopes `names`.

        With `filters` a scope for some resources is enough: what is shown is cut to them.
        """
        identity = req.caller
        if "admin-ui" not in identity.scopes:
            raise Forbidden("This is for administrators", key="for-administrators")
        await self.access.require(req, *names, user=user, group=group, filters=filters)
        return actor(identity)

    async def wanted(self, req: Request) -> Wanted:
        """What proves that it is the reader who acts; to be said on the page before what is grave."""
        return await self.hub.entrances.assurance.wanted(me(req.caller), req.caller.digest)

    async def prove(self, req: Request, password: str) -> None:
        """Before what is grave: it is the reader who acts. Forbidden, TooMany, Unavailable."""
        who = req.caller
        await self.hub.entrances.assurance.prove(me(who), who.digest, password, req.knock)


def me(identity: Identity) -> str:
    """The name of the person who acts; services have no pages."""
    if identity.kind != "user":
        raise Forbidden("This is for people", key="for-people")
    return identity.name


def title_of(server: Server, language: Language) -> str:
    """A server's name for people; the default server of somebody is called that."""
    return plain(server.display_name or server.name) or language.say("default-server")


def shortened(text: str, most: int = 120) -> str:
    """Made fit to show, and not too long for a line."""
    text = plain(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"
