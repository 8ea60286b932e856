"""A page's Context becomes an HTML answer, with the headers that guard it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from http import HTTPStatus
from typing import Annotated, ClassVar

import falcon
import jinja2
from falcon.asgi import Response

import gateway
from api import xsrf
from api.cookies import Cookies
from api.pages.assets import Assets
from api.pages.language import Language, Languages
from api.pages.tabs import Tab, tabs
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.hub.core import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page has around its content."""

    urls: Annotated[Urls, "The site's paths"]
    language: Annotated[Language, "The reader's"]
    user: Annotated[str, "Name of who is logged in, or empty"]
    tabs: Annotated[tuple[Tab, ...], "The pages of the administration that they may see"]
    xsrf: Annotated[str, "Goes into each form as the hidden field _xsrf"]
    nonce: Annotated[str, "Goes on each link and script that loads a file; new for every answer"]
    file: Annotated[Callable[[str], str], "The path of a file of the pages, by its name"]
    version: Annotated[str, "Hubgate's version"]
    announcement: Annotated[str, "What administrators tell everybody, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a template gets: `frame`, and the fields of the page's own class.

    Each field says in its annotation what it is, for whoever writes a template.
    """

    template: ClassVar[str]
    frame: Annotated[Frame, "What every page has around its content"]


class Renderer:
    """Renders contexts. One for the whole app."""

    def __init__(self, urls: Urls, cookies: Cookies, assets: Assets, hub: Hub) -> None:
        self._urls = urls
        self._cookies = cookies
        self._assets = assets
        self._key = hub.keys.xsrf
        self._notices = hub.notices
        self._languages = Languages.shipped()
        self.environment = environment()

    def frame(self, req: Request) -> Frame:
        return Frame(
            urls=self._urls,
            language=self._languages.chosen(req.lower.get("accept-language", "")),
            user=req.user,
            tabs=tabs(req.identity.scopes) if req.user and req.identity else (),
            xsrf=self._xsrf(req),
            nonce=secrets.token_urlsafe(16),
            file=self._assets.url,
            version=gateway.__version__,
            announcement=plain(self._notices.announcement.text),
        )

    def show(self, req: Request, resp: Response, context: Context, status: int = 200, *, sent_to: str = "") -> None:
        """Answer with this page. The cookie that its forms are compared with goes along.

        `sent_to` is an origin to which a form's answer may send the browser.
        """
        values = {item.name: getattr(context, item.name) for item in fields(context)}
        resp.status = HTTPStatus(status)
        resp.content_type = "text/html; charset=utf-8"
        resp.text = self.environment.get_template(context.template).render(values, say=context.frame.language.say)
        resp.append_header("Vary", "Accept-Language")
        resp.set_header("Content-Security-Policy", policy(context.frame.nonce, sent_to))
        if context.frame.xsrf not in req.cookies_named(xsrf.COOKIE):
            self._cookies.set_xsrf(req, resp, context.frame.xsrf)

    def _xsrf(self, req: Request) -> str:
        """The session's value; for a stranger the one from the cookie, or a new one."""
        if req.user and req.identity:
            return xsrf.for_session(self._key, req.identity.digest)
        for value in req.cookies_named(xsrf.COOKIE):
            if xsrf.is_ours(self._key, value):
                return value
        return xsrf.for_nonce(self._key, secrets.token_urlsafe(16))


@cache
def environment() -> jinja2.Environment:
    """The templates of this package, compiled once."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("api.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def redirect(resp: Response, path: str) -> None:
    """Send the browser to another path of this site."""
    resp.status = 302
    resp.location = path
    resp.content_type = falcon.MEDIA_TEXT


def policy(nonce: str, sent_to: str = "") -> str:
    """The pages' Content-Security-Policy.

    Files carry a nonce, because `'self'` would mean every user's server as well. Browsers hold
    `form-action` against what a form's answer leads to, too.
    """
    forms = " ".join(filter(None, ("'self'", sent_to)))
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'; "
        f"connect-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    )
