"""JupyterHub's JSON shapes: users, servers, tokens, and the times in them.

The types are what the documentation of the API says, and what its tests compare answers
with. A field of a user is present only if a scope that the caller holds on it grants it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

from pydantic import WithJsonSchema

from api.dialect import OURS, Dialect
from api.urls import Urls
from gateway.accounts import Account
from gateway.hub.lifecycle import State, shown
from gateway.model import Progress, Server, Token, User
from gateway.scopes import allows

USER_SCOPES = (
    "read:users",
    "read:users:name",
    "read:servers",
    "read:users:groups",
    "read:users:activity",
    "read:roles:users",
)
"""Any of these on a user opens the user's model."""

SHOWING = (*USER_SCOPES, "admin:server_state", "admin:auth_state")
"""All that a field of the user's model may depend on."""

PENDING = {"starting": "spawn", "stopping": "stop"}
"""What a server's state is called in `pending`; other states are none."""


type Stamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class ServerModel(TypedDict):
    name: str
    display_name: str
    full_name: str
    last_activity: Stamp | None
    started: Stamp | None
    pending: Literal["spawn", "stop"] | None
    ready: bool
    stopped: bool
    url: str
    full_url: str | None
    progress_url: str
    full_progress_url: str | None
    user_options: dict[str, Any]
    state: NotRequired[Any]
    message: NotRequired[str]


class UserModel(TypedDict):
    kind: Literal["user"]
    name: str
    user_info: NotRequired[dict[str, Any] | None]
    admin: NotRequired[bool]
    disabled: NotRequired[bool]
    roles: NotRequired[list[str]]
    groups: NotRequired[list[str]]
    server: NotRequired[str | None]
    pending: NotRequired[Literal["spawn", "stop"] | None]
    created: NotRequired[Stamp]
    last_activity: NotRequired[Stamp | None]
    servers: NotRequired[dict[str, ServerModel]]
    auth_state: NotRequired[dict[str, Any] | None]


class OwnerModel(TypedDict, total=False):
    """Who is behind a credential: a user, as far as the caller may see it, or a service."""

    kind: Required[Literal["user", "service"]]
    name: Required[str]
    user_info: dict[str, Any] | None
    admin: bool
    disabled: bool
    roles: list[str]
    groups: list[str]
    server: str | None
    pending: Literal["spawn", "stop"] | None
    created: Stamp
    last_activity: Stamp | None
    servers: dict[str, ServerModel]
    auth_state: dict[str, Any] | None


class CallerModel(OwnerModel, total=False):
    """A user or a service, and the credential of this very call."""

    token_id: Required[str | None]
    session_id: Required[str | None]
    scopes: Required[list[str]]


class TokenModel(TypedDict):
    user: NotRequired[str]
    service: NotRequired[str]
    id: str
    kind: Literal["api_token"]
    roles: list[str]
    scopes: list[str]
    created: Stamp
    last_activity: Stamp | None
    expires_at: Stamp | None
    note: str
    session_id: str | None
    oauth_client: str


class NewTokenModel(TokenModel):
    token: str


@lru_cache(maxsize=4096)
def stamp(moment: float | None) -> str | None:
    """ISO 8601 in UTC with `Z`, as JupyterHub writes times."""
    return None if moment is None else at(moment)


def at(moment: float) -> str:
    """The same of a time that is known."""
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


class Sight:
    """What the scopes of one caller show of users. Made once for a whole list."""

    def __init__(self, urls: Urls, dialect: Dialect, scopes: Collection[str], *, stopped: bool = False) -> None:
        """`stopped`: servers that do not run are listed as well."""
        self._urls = urls
        self._dialect = dialect
        self._scopes = scopes
        self._stopped = stopped
        self._everywhere = frozenset(name for name in SHOWING if name in scopes)
        self._elsewhere = tuple(name for name in SHOWING if name not in scopes)

    def held(self, user: User) -> frozenset[str]:
        """The scopes of `SHOWING` that are held on this user as a whole."""
        more = [name for name in self._elsewhere if allows(self._scopes, name, user=user.name, groups=user.groups)]
        return self._everywhere.union(more) if more else self._everywhere

    def user(self, account: Account) -> dict[str, Any]:
        """A user, with the fields that the scopes grant."""
        user, held = account.user, self.held(account.user)
        whole = "read:users" in held
        model: dict[str, Any] = {"kind": "user", "name": user.name}
        if whole or "read:users:name" in held:
            model["user_info"] = None
        if whole or "read:users:name" in held or "read:roles:users" in held:
            model["admin"] = user.admin
            if self._dialect is OURS:
                model["disabled"] = user.disabled
        if whole or "read:roles:users" in held:
            model["roles"] = roles_of(account)
        if whole or "read:users:groups" in held:
            model["groups"] = list(user.groups)
        if whole:
            state = next((shown(server.state) for server in account.servers if not server.name), "stopped")
            model["server"] = self._urls.server(user.name) if state == "ready" else None
            model["pending"] = PENDING.get(state)
            model["created"] = stamp(user.created)
        if whole or "read:users:activity" in held:
            model["last_activity"] = stamp(user.last_activity)
        self._add_servers(model, account, held)
        if "admin:auth_state" in held:
            model["auth_state"] = None
        return model

    def _add_servers(self, model: dict[str, Any], account: Account, held: Collection[str]) -> None:
        readable = "read:servers" in held
        visible = [server for server in account.servers if readable or self._one("read:servers", server)]
        if readable or visible:
            with_state = "admin:server_state" in held
            model["servers"] = {
                server.name: server_model(
                    self._urls, self._dialect, server, state=with_state or self._one("admin:server_state", server)
                )
                for server in visible
                if self._stopped or server.state != State.STOPPED
            }

    def _one(self, name: str, server: Server) -> bool:
        """Is the scope held for just this server?"""
        return f"{name}!server={server.user}/{server.name}" in self._scopes


def roles_of(account: Account) -> list[str]:
    """The roles that are given, and those that everybody or each administrator has."""
    return sorted({*account.roles, "user", *(("admin",) if account.user.admin else ())})


def server_model(urls: Urls, dialect: Dialect, server: Server, state: bool) -> dict[str, Any]:
    """A server; the spawner's own `state` only for whoever holds `admin:server_state`.

    Without it the key is missing in JupyterHub's dialect, and {} in ours. Why the server stopped,
    if there is something to say, is in ours only.
    """
    where = shown(server.state)
    url, progress = urls.server(server.user, server.name), urls.progress(server.user, server.name)
    model: dict[str, Any] = {
        "name": server.name,
        "display_name": server.display_name or server.name,
        "full_name": server.full_name,
        "last_activity": stamp(server.last_activity),
        "started": stamp(server.started) if where != "stopped" else None,
        "pending": PENDING.get(where),
        "ready": where == "ready",
        "stopped": where == "stopped",
        "url": url,
        "full_url": urls.full(url),
        "progress_url": progress,
        "full_progress_url": urls.full(progress),
        "user_options": {**server.options, "profile": server.profile} if server.profile else dict(server.options),
    }
    if dialect is OURS:
        model["message"] = server.message
    if state:
        model["state"] = server.target.state if server.target else {}
    elif dialect is OURS:
        model["state"] = {}
    return model


def token_model(token: Token) -> dict[str, Any]:
    """A token without its value."""
    return {
        token.owner_kind: token.owner,
        "id": token_id(token.id),
        "kind": "api_token",
        "roles": [],
        "scopes": list(token.scopes),
        "created": stamp(token.created),
        "last_activity": stamp(token.last_used),
        "expires_at": stamp(token.expires_at),
        "note": token.note,
        "session_id": token.session or None,
        "oauth_client": token.client or "JupyterHub",
    }


def token_id(row: str) -> str:
    """JupyterHub's ids of API tokens begin with `a`."""
    return f"a{row}"


def progress_event(step: Progress, dialect: Dialect) -> dict[str, Any]:
    """One server-sent event of a start."""
    time = {"elapsed": round(step.elapsed, 3)} if dialect is OURS else {}
    if step.ready:
        link = escape(step.url)
        return {
            **time,
            "progress": 100,
            "ready": True,
            "message": f"Server ready at {step.url}",
            "html_message": f'Server ready at <a href="{link}">{link}</a>',
            "url": step.url,
        }
    event: dict[str, Any] = {**time, "progress": step.progress, "message": step.message}
    return {**event, "progress": 100, "failed": True} if step.failed else event
