"""What policies, addons and API routes are made of, and what they get to see. Plugins find it in `gateway.hookspecs`.

Values only. Nothing of them holds a secret: no cookie, no token, no upstream.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from gateway.model import Identity, Json, Server, User


class NoOptions(BaseModel):
    """For a plugin without settings of its own; any key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Storage(Protocol):
    """What a plugin may keep: JSON values by key, in a space of its own.

    `get` gives None for an absent key. Keys have at most 512 characters.
    """

    async def get(self, key: str) -> Json: ...
    async def put(self, key: str, value: Json) -> None: ...
    async def delete(self, key: str) -> None: ...


# ── policies ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that the gate would let pass, as a policy sees it."""

    method: str
    path: str
    """Decoded, base path included."""
    client: str
    """The client's address; see `trusted_proxies`."""
    host: str
    origin: str
    """The public origin of this request: scheme, host and port."""
    navigation: bool
    """Somebody waits for a page."""
    upgrade: str
    """`websocket`, or another protocol that is asked for; else ""."""
    content_type: str
    """Of the body: lower case, without parameters; "" if none is said."""
    headers: Mapping[str, str]
    """By lower-case name, without those that carry credentials."""
    now: float
    """POSIX seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request leads."""

    kind: Literal["hub", "server", "service", "custom"]
    path: str
    """The prefix of everything there, decoded, base path included, without a slash at its end."""
    owner: str = ""
    """Of a server."""
    server: str = ""
    """The server's name; "" is the default one."""
    service: str = ""
    owner_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Denial:
    """A policy's refusal. There is no value that lets anybody in."""

    word: str
    """For the log: at most 32 of `a-z`, `0-9` and `-`."""
    message: str = ""
    """For whoever sent the request: one sentence without secrets, at most 300 characters."""


# ── addons ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests an addon wants. Empty fields match everything."""

    path: str = ""
    """Prefix of the decoded path, base path included."""
    methods: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    """Names of the users who make the request."""
    groups: tuple[str, ...] = ()
    """The user who makes the request is in one of them."""
    kinds: tuple[str, ...] = ()
    """Where it leads: `server`, `service`, `custom`, `hub`."""
    below: tuple[str, ...] = ()
    """Prefixes of what follows the server's (or service's) own path, in whole segments: `api/contents`."""
    content_types: tuple[str, ...] = ()
    """Of the request's body: `application/json`, or `image/*`."""
    response_types: tuple[str, ...] = ()
    """Of the response. That is known only when it comes: such requests are all taken to the flow
    lane, but hooks that follow the response's head are called for those that fit, and no others."""


@dataclass(frozen=True, slots=True)
class Addon:
    """A mitmproxy addon and the requests that are taken to the flow lane for it."""

    name: str
    """One of its own: the second addon of a name is ignored."""
    match: Match
    addon: object
    """Any object with mitmproxy hook methods (`request`, `response`, …)."""


# ── routes of the API ────────────────────────────────────────────────────────


class HubView(Protocol):
    """What a plugin's API routes see of the hub: to look at, and a place to keep things."""

    @property
    def storage(self) -> Storage: ...
    def now(self) -> float:
        """POSIX seconds."""

    async def user(self, name: str) -> User | None: ...
    async def servers(self, user: str) -> Sequence[Server]:
        """All of a user's servers, without their secrets."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of one's route, once it was let through."""

    caller: Identity
    fields: Mapping[str, str]
    """What the path's fields hold."""
    query: Mapping[str, str]
    body: Json
    """The JSON object that was sent; {} if nothing was."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An answer with a status of its own; a plain JSON value means 200."""

    body: Json = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One method of one path below `{base}hub/api/plugins/<plugin>/`."""

    path: str
    """`visits`, `visits/{user}`. A field called `user`, `server` or `group` names one, and scopes are judged by it."""
    handler: Callable[[ApiCall], Awaitable[ApiAnswer | Json]]
    scopes: tuple[str, ...]
    """One of these is needed, for what the path names. Never empty."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    summary: str = ""
    """For the API's documentation; else the first line of the handler's."""
    answers: Mapping[int, str] = field(default_factory=dict)
    """Statuses beside 200 that it may give, and what each means."""
