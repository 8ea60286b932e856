"""What happens around every request: who calls, is it forged, may they, which headers go back."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Response

from api import body, operation, origin, paths, xsrf
from api.access import Access
from api.dialect import dialect_of
from api.request import CALLER_HEADER, CREDENTIAL_HEADER, Request, Zone, zone_of
from api.urls import AUTHORIZE
from gateway.errors import Forbidden
from gateway.hub.core import Hub
from gateway.model import Identity
from gateway.routes import escape

PAGES_ONLY = "Pages of the hub are opened by people, not by scripts or frames"
NOT_OUR_FORM = "This form is not ours, or it is out of date. Go back, reload the page and try again."


class Identify:
    """Sets `req.zone`, `req.dialect` and `req.identity`."""

    def __init__(self, hub: Hub, base: str) -> None:
        self._hub = hub
        self._base = paths.template_base(base)

    async def process_request(self, req: Request, _resp: Response) -> None:
        # What a person agrees to is a page, although JupyterHub has it among its API.
        dialect = None if req.path == f"{self._base}{AUTHORIZE}" else dialect_of(req.path, self._base)
        req.zone = Zone.API if dialect else zone_of(req.path, self._base)
        req.dialect = dialect or req.dialect
        req.identity = await self._identity(req)

    async def _identity(self, req: Request) -> Identity | None:
        kind, _, digest = (req.get_header(CREDENTIAL_HEADER) or "").partition(" ")
        if kind == "session":
            found = (await self._hub.identities.resolve("session", digest))[0]
            req.former = found.digest if found else ""
            # As the gate does: the proxy may name somebody else by now.
            return found if found and found.fits(lambda name: req.lower.get(name, "")) else None
        # A token is for programs: no page opens by it.
        if kind == "token" and req.zone is Zone.API:
            return (await self._hub.identities.resolve("token", digest))[0]
        return None


class Protect:
    """Refuses what another site, or a script where only people go, made a browser send.

    Runs once the resource is known and before its handler, so that no handler can
    forget it. What differs from the rule is said by an operation of the API that is open
    to all, and by a page's class attribute `answers_refused_forms` (the handler looks at
    `req.refused` itself).
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    async def process_resource(self, req: Request, _resp: Response, resource: object, _params: dict[str, Any]) -> None:
        if req.zone is Zone.PAGE:
            await self._page(req, resource)
        elif req.zone is Zone.API:
            found = operation.declared(resource, req.method)
            if found is None or not found.open_to_all:
                self._api(req)

    async def _page(self, req: Request, resource: object) -> None:
        if req.identity and not origin.is_top_level(req.lower):
            raise Forbidden(PAGES_ONLY, key="pages-only")
        if req.method in origin.SAFE:
            return
        pairs = await body.form(req)
        presented = dict(pairs).get(xsrf.FIELD, "") or _presented(req)
        req.pairs = [(name, value) for name, value in pairs if name != xsrf.FIELD]
        req.form = dict(req.pairs)
        if origin.unsafe_is_foreign(req.lower, req.public_host) or not self._fits(req, presented):
            req.refused = NOT_OUR_FORM
            if not getattr(resource, "answers_refused_forms", False):
                raise Forbidden(NOT_OUR_FORM, key="not-our-form")

    def _fits(self, req: Request, presented: str) -> bool:
        if req.identity:
            return xsrf.fits_session(self._key, req.identity.digest, presented)
        return xsrf.fits_cookies(self._key, req.cookies_named(xsrf.COOKIE), presented)

    def _api(self, req: Request) -> None:
        """JupyterHub's rules for calls that are authenticated by the cookie."""
        identity = req.identity
        if identity is None or identity.credential != "session":
            return
        if req.method == "POST" and body.media_type(req) not in ("", "application/json"):
            req.identity = None
            return
        if origin.needs_no_proof(req.method, req.lower):
            return
        presented = _presented(req)
        if not presented:
            raise Forbidden(f"'_xsrf' argument missing from {req.method}")
        if not xsrf.fits_session(self._key, identity.digest, presented):
            raise Forbidden(f"XSRF cookie does not match {req.method} argument")


def _presented(req: Request) -> str:
    return req.query(xsrf.FIELD) or req.lower.get("x-xsrftoken", "") or req.lower.get("x-csrftoken", "")


class Admit:
    """Lets a call of the API through to its responder only with a scope that the responder declares.

    The resource is the one that the path names. What depends on more than that (the scopes
    that a body asks for) is the responder's own business, by `Access`.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    async def process_resource(self, req: Request, _resp: Response, resource: object, params: dict[str, Any]) -> None:
        if req.zone is not Zone.API:
            return
        found = operation.declared(resource, req.method)
        if found is None or found.open_to_all or (found.own_door and req.identity is None):
            return
        if not found.scopes:
            _ = req.caller
        else:
            await self._access.require(req, *found.scopes, filters=found.filters, **found.place(params))


class Headers:
    """Adds what depends on who calls and where. What every answer carries is added by `api.headers`."""

    async def process_response(self, req: Request, resp: Response, _resource: object, _succeeded: bool) -> None:
        if req.identity:
            resp.set_header(CALLER_HEADER, escape(req.identity.name))
        if req.zone is Zone.API:
            resp.set_header("Access-Control-Allow-Headers", "accept, content-type, authorization")
