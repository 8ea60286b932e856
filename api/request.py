"""Our request class: what the worker's headers say, and what middleware found out.

The root ASGI app has checked the channel secret before a request comes here, so
the `X-Hubgate-*` and `X-Forwarded-*` headers are a worker's and can be believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import falcon.asgi

from api.dialect import JUPYTERHUB, Dialect, LoginNeeded
from gateway.errors import BadInput
from gateway.hookspecs import LoginRequest
from gateway.model import Identity

CREDENTIAL_HEADER = "x-hubgate-credential"
CALLER_HEADER = "x-hubgate-caller"
LONGEST_DEVICE = 255
REQUEST_ID_HEADER = "x-request-id"
PROXY_HEADER = "x-hubgate-proxy"
UNBELIEVED_HEADER = "x-hubgate-unbelieved"
PRIVATE = ("cookie", "authorization")


class Zone(Enum):
    """The parts of the URL space that have rules of their own."""

    PAGE = "page"
    OPEN = "open"
    """Files of the pages and the health check: the same for everybody."""
    API = "api"
    """The REST API, in either dialect, and what is for programs like it."""


class Request(falcon.asgi.Request):
    """A Falcon request that knows its zone, its sender and its caller."""

    zone: Zone
    dialect: Dialect
    """Of the API; pages do not ask."""
    identity: Identity | None
    former: str
    """Digest of the browser's session, whether it counts or not; "" = none is known."""
    form: Mapping[str, str]
    """The fields of a page's POST, `_xsrf` removed, of a repeated one the last; filled before the handler runs."""
    pairs: Sequence[tuple[str, str]]
    """The same, with all that were repeated."""
    refused: str
    """Why the form is no proof of our own page; "" when it is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = Zone.PAGE
        self.dialect = JUPYTERHUB
        self.identity = None
        self.former = ""
        self.form = {}
        self.pairs = ()
        self.refused = ""

    @property
    def lower(self) -> Mapping[str, str]:
        """The headers by lower-case name."""
        return self.headers_lower

    @property
    def id(self) -> str:
        """The request's id as the access log has it."""
        return self.lower.get(REQUEST_ID_HEADER, "")[:64]

    @property
    def client_address(self) -> str:
        return self.lower.get("x-forwarded-for", "")[:64]

    @property
    def unbelieved(self) -> str:
        """A header that would name the person, from a peer that is no trusted proxy; "" = there is none."""
        return self.lower.get(UNBELIEVED_HEADER, "")

    @property
    def knock(self) -> LoginRequest:
        """What authenticators get to see: nothing that is a credential, nothing that workers say for themselves."""
        seen = {
            name: value
            for name, value in self.lower.items()
            if name not in PRIVATE and not name.startswith("x-hubgate-")
        }
        return LoginRequest(self.client_address, seen, by_proxy=self.lower.get(PROXY_HEADER) == "trusted")

    @property
    def device(self) -> str:
        return self.lower.get("user-agent", "")[:LONGEST_DEVICE]

    @property
    def public_scheme(self) -> str:
        return "https" if self.lower.get("x-forwarded-proto") == "https" else "http"

    @property
    def public_host(self) -> str:
        return self.lower.get("x-forwarded-host", "")

    def origin(self, public_url: str) -> str:
        """For the rare URL that another site must have whole: `public_url`, else a name that the worker found ours."""
        return public_url.rstrip("/") or f"{self.public_scheme}://{self.public_host}"

    @property
    def target(self) -> str:
        """Path and query as the client sent them."""
        path = self.scope["raw_path"].decode("latin-1")
        return f"{path}?{self.query_string}" if self.query_string else path

    def query(self, name: str) -> str:
        """A field of the query, "" if absent; the last one if there are several."""
        values = self.get_param_as_list(name) or [""]
        return values[-1]

    def number[D](self, name: str, default: D) -> int | D:
        """A whole number of the query, `default` if it is absent or empty; `BadInput` for anything else."""
        text = self.query(name)
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise BadInput(f"{name} must be a whole number of at most 9 digits")
        return int(text)

    def cookies_named(self, name: str) -> list[str]:
        return self.get_cookie_values(name) or []

    @property
    def caller(self) -> Identity:
        """Who calls, or `LoginNeeded`."""
        if self.identity is None:
            raise LoginNeeded("Missing or invalid credentials.")
        return self.identity

    @property
    def user(self) -> str:
        """The name of the person who is logged in with this browser, or ""."""
        identity = self.identity
        return identity.name if identity and identity.credential == "session" else ""


def zone_of(path: str, base: str) -> Zone:
    """The zone of a routable path that is not of the API."""
    first, _, more = path.removeprefix(base).partition("/")
    if first == "hub" and more == "metrics":
        return Zone.API
    if first == "hub" and more.partition("/")[0] in ("static", "health"):
        return Zone.OPEN
    return Zone.PAGE
