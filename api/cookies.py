"""The two cookies that the hub sets, with the attributes that `contracts.md` fixes."""

from __future__ import annotations

from datetime import UTC, datetime

from falcon.asgi import Response

from api import xsrf
from api.request import Request
from gateway.clients import SESSION_ID
from gateway.model import digest
from gateway.routes import SESSION_COOKIE, session_cookie
from gateway.settings import Settings

ENDED = -1
TRAVELLER = "hubgate-login"
LONG_AGO = datetime.fromtimestamp(0, UTC)


class Cookies:
    """Sets and clears them."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.gateway.base_path
        self._max_age = settings.session.max_age
        self._secure = settings.gateway.https
        # The workers look for this name and no other, so no request can change it.
        self._session = session_cookie(self._base, self._secure)

    @property
    def insecure(self) -> bool:
        """Browsers come without TLS, as far as the settings say."""
        return not self._secure

    def set_session(self, req: Request, resp: Response, value: str) -> None:
        """A new session's value; a left-over from times without TLS goes."""
        self._put(req, resp, self._session, value, max_age=self._max_age)
        self.set_session_id(req, resp, digest(value))
        if self._session != SESSION_COOKIE:
            self._put(req, resp, SESSION_COOKIE, "", max_age=ENDED)

    def clear_session(self, req: Request, resp: Response) -> None:
        for name in sorted({SESSION_COOKIE, self._session, SESSION_ID}):
            self._put(req, resp, name, "", max_age=ENDED)

    def set_session_id(self, req: Request, resp: Response, session: str) -> None:
        """What hub-aware servers see of the session with this digest: that it is another one than before."""
        value = digest(f"session-id:{session}")[:32]
        if req.cookies_named(SESSION_ID) != [value]:
            self._put(req, resp, SESSION_ID, value, max_age=self._max_age)

    def set_xsrf(self, req: Request, resp: Response, value: str) -> None:
        """For as long as the browser runs. Pages read the value from their own HTML."""
        self._put(req, resp, xsrf.COOKIE, value, max_age=None)

    def set_traveller(self, req: Request, resp: Response, value: str, max_age: int) -> None:
        """Marks a browser that is sent to a provider. `Lax`: it comes back by a link of another site."""
        resp.set_cookie(
            TRAVELLER,
            value,
            max_age=max_age,
            path=f"{self._base}hub/auth/",
            secure=self._secure or req.public_scheme == "https",
            http_only=True,
            same_site="Lax",
        )

    def clear_xsrf(self, req: Request, resp: Response) -> None:
        self._put(req, resp, xsrf.COOKIE, "", max_age=ENDED)

    def _put(self, req: Request, resp: Response, name: str, value: str, *, max_age: int | None) -> None:
        # A cookie is cleared in the same way: `unset_cookie` leaves `Secure` out, and browsers
        # then keep one whose name begins `__Host-`. A `Max-Age` of 0 is left out by Falcon.
        of_form = name == xsrf.COOKIE
        resp.set_cookie(
            name,
            value,
            max_age=None if max_age == ENDED else max_age,
            expires=LONG_AGO if max_age == ENDED else None,
            path=f"{self._base}hub/" if of_form else self._base,
            secure=self._secure or req.public_scheme == "https",
            http_only=True,
            same_site="Strict" if of_form else "Lax",
        )
