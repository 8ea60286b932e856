"""The HTTP edge: an exception becomes a JSON answer or an error page.

Our own errors carry a status and a message that clients may read. Anything else is
a bug: logged with its traceback and the request's id, and answered 500 with the id.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import falcon
import falcon.asgi
from falcon.asgi import Response

from api.dialect import LoginNeeded
from api.origin import is_navigation, wants_page
from api.pages.failure import FailurePage
from api.pages.rendering import redirect
from api.request import Request, Zone
from api.urls import Urls
from gateway.errors import HubgateError

log = logging.getLogger(__name__)


class Errors:
    """Falcon's error handlers, for every exception that leaves a resource."""

    def __init__(self, urls: Urls, page: FailurePage) -> None:
        self._urls = urls
        self._page = page

    def install(self, app: falcon.asgi.App[Request, Response]) -> None:
        app.add_error_handler(Exception, self.bug)
        app.add_error_handler(falcon.HTTPError, self.falcon)
        app.add_error_handler(HubgateError, self.ours)
        app.add_error_handler(LoginNeeded, self.login)

    async def ours(self, req: Request, resp: Response, error: HubgateError, _params: dict[str, Any]) -> None:
        if error.retry_after is not None:
            resp.set_header("Retry-After", str(error.retry_after))
        self._answer(req, resp, error.status, error.message, error)

    async def login(self, req: Request, resp: Response, error: LoginNeeded, _params: dict[str, Any]) -> None:
        """Nobody is logged in: a page leads to log-in and back, an API says so."""
        if req.zone is Zone.PAGE and is_navigation(req.method, req.lower):
            _clear(resp)
            redirect(resp, self._urls.login_then(req.target))
            return
        status = req.dialect.anonymous if req.zone is Zone.API else error.status
        if status == HTTPStatus.UNAUTHORIZED:
            resp.set_header("WWW-Authenticate", "Bearer")
        self._answer(req, resp, status, error.message)

    async def falcon(self, req: Request, resp: Response, error: falcon.HTTPError, _params: dict[str, Any]) -> None:
        """Falcon's own: no route, no such method, a header it cannot read."""
        resp.set_headers(error.headers or {})
        self._answer(req, resp, error.status_code, error.description or HTTPStatus(error.status_code).phrase)

    async def bug(self, req: Request, resp: Response, error: Exception, _params: dict[str, Any]) -> None:
        log.error("request %r failed: %s %r", req.id, req.method, req.path[:200], exc_info=error)
        self._answer(req, resp, 500, "Internal Server Error")

    def _answer(
        self, req: Request, resp: Response, status: int, message: str, error: HubgateError | None = None
    ) -> None:
        _clear(resp)
        resp.status = HTTPStatus(status)
        if req.id:
            resp.set_header("X-Request-Id", req.id)
        if req.zone is Zone.PAGE and wants_page(req.lower):
            self._page.show(req, resp, status, message, error)
        else:
            resp.media = req.dialect.error(status, message)


def _clear(resp: Response) -> None:
    """Drop what a handler had prepared before it failed."""
    resp.text = resp.data = resp.media = None
    resp.sse = None
