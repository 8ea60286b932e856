"""OAuth's values: who may ask for tokens, and what a user has agreed to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

SERVER_CLIENT = "jupyterhub-user-"
SERVICE_CLIENT = "service-"
STATE = "-oauth-state"
"""A client's cookies are called like itself and, until it has a token, so with this behind (and more)."""
SESSION_ID = "jupyterhub-session-id"
"""The cookie by which hub-aware servers notice that another browser session has begun. No secret, and no credential."""


@dataclass(frozen=True, slots=True)
class Client:
    """A hub-aware server of a user while it runs, or a service."""

    id: str
    redirect_uri: str
    """Compared character by character; a path of this gateway, or a URL."""
    secret: str = ""
    """Digest of the token by which the client proves itself."""
    scopes: tuple[str, ...] = ()
    """What it may ask for beyond who the user is and being used by them."""
    no_confirm: bool = False
    """Users are not asked."""
    description: str = ""
    service: str = ""
    user: str = ""
    """Whose server it is; "" for a service."""
    server: str = ""

    @property
    def client_id(self) -> str:
        """What oauthlib asks of a client."""
        return self.id

    @property
    def access(self) -> str:
        """The scope that everybody needs who uses this client."""
        if self.service:
            return f"access:services!service={self.service}"
        return f"access:servers!server={self.user}/{self.server}"


@dataclass(frozen=True, slots=True)
class Code:
    """What a user has agreed to, for the client that brings this code."""

    client: str
    user: str
    session: str
    """Row id of the browser session in which it was agreed to."""
    redirect_uri: str
    scopes: tuple[str, ...]
    expires_at: float
    challenge: str = ""
    challenge_method: str = ""
    session_expires_at: float = 0.0
    token: str = ""
    """Digest of the token that was given for it; "" = it was not used yet."""


def bound(scopes: Iterable[str], client: Client) -> tuple[str, ...]:
    """`scopes` with `!server` and `!service` as the client's own; those that mean nothing for it stay as they are."""
    own = f"!service={client.service}" if client.service else f"!server={client.user}/{client.server}"
    kind = own.partition("=")[0]
    return tuple(scope.removesuffix(kind) + own if scope.endswith(kind) else scope for scope in scopes)


def server_client(user: str, server: str = "") -> str:
    """The client id of a user's server, JupyterHub's but for what stands in a name.

    It is the name of a cookie, too. No two servers share one: a `-` in the user's name is
    escaped, so the first one behind it begins the server's name.
    """
    name = SERVER_CLIENT + quote(user, safe="").replace("-", "%2D")
    return f"{name}-{quote(server, safe='')}" if server else name


def service_client(service: str) -> str:
    return SERVICE_CLIENT + service


def owns_cookie(client: str, name: str) -> bool:
    """Is a cookie of that name this client's own?"""
    return name == client or name.startswith(client + STATE)


def of_some_client(name: str) -> bool:
    """May a cookie of that name be some client's own?"""
    return name.startswith(SERVER_CLIENT) or name == SESSION_ID
