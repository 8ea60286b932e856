"""The values that cross a boundary: store to hub, hub to worker, core to plugin.

All are frozen and hold only plain data. Times are POSIX seconds (float, UTC).
Names are normalised already (`gateway.names`). No I/O, no clock here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gateway.names import DISPLAY_NAME_LENGTH as DISPLAY_NAME_LENGTH  # noqa: PLC0414  # found here by plugins
from gateway.names import NAME_BYTES as NAME_BYTES  # noqa: PLC0414  # likewise
from gateway.names import SERVER_NAME_LENGTH as SERVER_NAME_LENGTH  # noqa: PLC0414  # likewise
from gateway.names import checked_display_name as checked_display_name  # noqa: PLC0414  # likewise
from gateway.names import checked_group_name as checked_group_name  # noqa: PLC0414  # likewise
from gateway.names import checked_name as checked_name  # noqa: PLC0414  # likewise
from gateway.names import checked_server_name as checked_server_name  # noqa: PLC0414  # likewise
from gateway.names import normalise as normalise  # noqa: PLC0414  # likewise
from gateway.profile import Choice as Choice  # noqa: PLC0414  # likewise
from gateway.profile import Idle as Idle  # noqa: PLC0414  # likewise
from gateway.profile import Option as Option  # noqa: PLC0414  # likewise
from gateway.profile import Profile as Profile  # noqa: PLC0414  # likewise
from gateway.sharing import Admission as Admission  # noqa: PLC0414  # likewise
from gateway.sharing import Grant as Grant  # noqa: PLC0414  # likewise
from gateway.sharing import Invitation as Invitation  # noqa: PLC0414  # likewise
from gateway.sharing import ShareRequest as ShareRequest  # noqa: PLC0414  # likewise

type Json = bool | int | float | str | list[Any] | dict[str, Any] | None


def digest(secret: str) -> str:
    """SHA-256 (hex) of a credential: what store, channel and caches hold of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# ── who ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class User:
    name: str
    admin: bool = False
    disabled: bool = False
    removing: bool = False
    groups: tuple[str, ...] = ()
    created: float = 0.0
    last_activity: float | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A name for scopes, as the settings have it, and who has it."""

    name: str
    description: str = ""
    scopes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Whatever its administrators keep with it: a JSON object."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who stands behind a credential, resolved by the hub and cached by workers."""

    kind: Literal["user", "service"]
    name: str
    scopes: frozenset[str]
    """Expanded, e.g. `access:servers!user=alice`; see `gateway.scopes`."""
    credential: Literal["session", "token"]
    digest: str
    credential_id: str
    """Row id of the session or token, as a string; safe to show and log."""
    admin: bool = False
    groups: tuple[str, ...] = ()
    expires_at: float | None = None
    revision: int = 0
    """The store's revision that this was read at."""
    lapses: tuple[tuple[str, float], ...] = ()
    """Those of `scopes` that end by themselves (a grant's), and when. Nobody need push it."""
    session: str = ""
    """Row id of the browser session that a token was made in, by OAuth; it ends with that."""
    bound: str = ""
    """A session that is good only with this header of a trusted proxy: `name:<digest of its value>`; "" = any."""
    admissions: tuple[Admission, ...] = ()
    """Ways into servers of others that are less than a scope."""

    def fits(self, header: Callable[[str], str]) -> bool:
        """Does the request's proxy still name the person who logged in? `header(name)` = what it says, "" = nothing."""
        name, _, kept = self.bound.partition(":")
        return not name or hmac.compare_digest(digest(header(name)), kept)

    def at(self, now: float) -> Identity:
        """This identity without what has ended."""
        if not self.lapsed(now):
            return self
        over = {scope for scope, until in self.lapses if until <= now}
        return replace(
            self,
            scopes=self.scopes - over,
            lapses=tuple(lapse for lapse in self.lapses if lapse[0] not in over),
            admissions=tuple(each for each in self.admissions if not each.over(now)),
        )

    @property
    def temporary(self) -> bool:
        """May something of it end before it does itself?"""
        return bool(self.lapses or self.admissions)

    def lapsed(self, now: float) -> bool:
        """Is the time of something that it holds over?"""
        return any(until <= now for _, until in self.lapses) or any(each.over(now) for each in self.admissions)


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    user: str
    created: float
    expires_at: float
    last_seen: float
    address: str = ""
    device: str = ""
    authenticator: str = ""
    """By which it was made; "" = before that was kept."""
    bound: str = ""
    """See `Identity.bound`."""


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    owner_kind: Literal["user", "service"]
    owner: str
    prefix: str
    """First characters, in clear, so that people can tell tokens apart."""
    scopes: tuple[str, ...]
    note: str
    created: float
    expires_at: float | None
    last_used: float | None
    session: str = ""
    """Row id of the browser session that it was made in, by OAuth, and ends with."""
    client: str = ""
    """For whom OAuth made it, in words; "" = it is the owner's own."""


@dataclass(frozen=True, slots=True)
class Service:
    """What acts by itself with tokens of its own; `url` "" = nothing to route to."""

    name: str
    url: str = ""
    admin: bool = False
    created: float = 0.0
    command: tuple[str, ...] = ()
    """Not empty = the gateway starts it."""
    display: bool = True
    info: Mapping[str, Any] = field(default_factory=dict)
    from_settings: bool = False
    """Stands in `[[services]]`, else it was made by the API."""

    @property
    def managed(self) -> bool:
        return bool(self.command)


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """What is kept of a service's process, so that the next hub finds it."""

    start_id: str
    """Random, kept before the fork and put into the child's environment."""
    order: str
    """Digest of all that it was started with: another one means that it must be started anew."""
    generation: int
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to whom. `actor` is `user:alice`, `service:culler`, `command line` or ""."""

    time: float
    actor: str
    action: str
    subject: str
    detail: str
    number: int = 0
    """Grows with time; its place in the audit."""


# ── what runs ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Target:
    """Where a started server answers.

    `url` is `http://host:port`; `secret` is what the gateway sends as its token
    ("" = none). `state` is the spawner's own JSON value, kept by the hub *before*
    it waits for readiness, and handed back to `poll`, `stop` and `adopt`.
    """

    url: str
    secret: str = ""
    state: Json = None
    api_token: str = ""
    """Of a hub-aware server that came with a token of an earlier start, instead of the one in `Launch.env`.
    The hub keeps no more of it than a digest."""


@dataclass(frozen=True, slots=True)
class Said:
    """By which words pages say a message in other languages, as `HubgateError` has it."""

    key: str
    about: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """A server's record. `name` is "" for a user's default server."""

    user: str
    name: str
    state: str = "stopped"
    """One of `gateway.hub.lifecycle.State`."""
    generation: int = 0
    """Grows by one with each start, for ever; part of a route's identity."""
    display_name: str = ""
    profile: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    start_id: str = ""
    """Random, kept before the fork and put into the child's environment."""
    secret: str = ""
    target: Target | None = None
    created: float = 0.0
    started: float | None = None
    last_activity: float | None = None
    message: str = ""
    """Why it stopped or failed, in words for its owner; "" when nothing to say."""
    said: Said | None = None
    """The same for other languages; None = there are these words alone."""

    @property
    def full_name(self) -> str:
        return f"{self.user}/{self.name}"


@dataclass(frozen=True, slots=True)
class Preset:
    """What to start, kept by its owner under a name. It is judged anew at every use."""

    name: str
    profile: str
    options: Mapping[str, Any] = field(default_factory=dict)


# ── what else there is ───────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CustomRoute:
    """A path, with both slashes, that an administrator leads to `target` (a URL)."""

    path: str
    """Below the base path, each segment percent-encoded."""
    target: str
    created: float = 0.0
    access: Literal["admin", "authenticated", "public"] = "authenticated"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a spawner gets to start, poll, stop or adopt a server."""

    server: Server
    profile: Profile
    base_url: str
    """The server's path prefix with both slashes, percent-encoded: `/user/alice/`."""
    log_file: str
    """Absolute path; the spawner sends the server's output there, always to the end of it
    (`O_APPEND`): the hub empties the file when it has become long."""
    allow_root: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    """More of its environment, for `start` alone: what a hub-aware server needs of the hub, its token among it.
    Where the server is to listen only the spawner knows: it adds `JUPYTERHUB_SERVICE_URL`."""

    @property
    def root(self) -> str:
        """Where the server finds itself: at `base_url`, or at `/` if it knows nothing of that."""
        return "/" if self.profile.strip_prefix else self.base_url


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a start, as shown to its owner (JupyterHub section 1.5)."""

    progress: int
    message: str
    ready: bool = False
    failed: bool = False
    url: str = ""
    elapsed: float = field(default=0.0, compare=False)
    """Seconds since the first step of its start."""

    @property
    def last(self) -> bool:
        return self.ready or self.failed


# ── log-in ───────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody asks for an account."""

    name: str
    authenticator: str
    address: str
    created: float


@dataclass(frozen=True, slots=True)
class Login:
    """What an authenticator says of a person who proved who they are.

    None for `admin` or `groups` means: the provider has no opinion.
    """

    name: str
    admin: bool | None = None
    groups: tuple[str, ...] | None = None
    memory: Json = None
    """Kept with the session, for the authenticator's `refresh` and `log_out`; 8 KiB at most.
    It stands in the database as it is."""
