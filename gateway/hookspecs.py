"""Every extension point of Hubgate, in one file.

A plugin is a module named by an entry point of the group `hubgate`; it marks its
hooks with `@hookimpl`. Hooks offer *classes by name*; the settings choose which
are used. Each class has an `Options` model: its own table in `hubgate.toml`
(`[authenticator.<name>]`, `[spawner.<name>]`), checked at start.

Contracts that hold for every kind: methods are async unless said otherwise;
None = "not mine", an exception = "mine, but refused"; what a plugin returns is
checked before it is believed; importing a plugin must do nothing.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import pluggy
from pydantic import BaseModel

from gateway.model import Grant, Identity, Invitation, Json, Launch, Login, Profile, Server, ShareRequest, Target, User

# What plugins find here. The second name tells type checkers that it is meant to be taken from here.
from gateway.offers import Addon as Addon  # noqa: PLC0414
from gateway.offers import ApiAnswer as ApiAnswer  # noqa: PLC0414
from gateway.offers import ApiCall as ApiCall  # noqa: PLC0414
from gateway.offers import ApiRoute as ApiRoute  # noqa: PLC0414
from gateway.offers import Denial as Denial  # noqa: PLC0414
from gateway.offers import HubView as HubView  # noqa: PLC0414
from gateway.offers import Match as Match  # noqa: PLC0414
from gateway.offers import NoOptions as NoOptions  # noqa: PLC0414
from gateway.offers import Place as Place  # noqa: PLC0414
from gateway.offers import Storage as Storage  # noqa: PLC0414
from gateway.offers import Visit as Visit  # noqa: PLC0414

PROJECT = "hubgate"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


# ── authenticators ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """Who is knocking: for limits and logs, never a proof of anything."""

    address: str
    headers: Mapping[str, str]
    """By lower-case name. Those of `Authenticator.proxy_headers` are there only when a trusted proxy sent them."""
    by_proxy: bool = False
    """The connection came from one of `[gateway] trusted_proxies`."""


class Authenticator(ABC):
    """Proves who a person is. Whether that person may enter is the hub's decision."""

    Options: ClassVar[type[BaseModel]] = NoOptions
    name: ClassVar[str]
    """As in `[authenticator] plugin = "<name>"`."""
    display_name: ClassVar[str] = ""
    """On the log-in page's button; default is `name`."""

    def __init__(self, options: BaseModel, storage: Storage) -> None:
        self.options = options
        self.storage = storage

    @abstractmethod
    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        """Check the log-in form's fields (`username`, `password`, …).

        None = these are not valid here. `gateway.errors.Forbidden` or `TooMany` =
        refused for a reason that the person may read. Must take the same time for
        a known and an unknown name.
        """

    def warnings(self) -> Sequence[str]:
        """What an administrator should know before using these options. Sync."""
        return ()

    user_keys: ClassVar[Sequence[str]] = ()
    """Kinds of what is kept about users in the storage, each under `<kind>:<name>`. The hub moves these
    keys with a user who is renamed, and drops them with the user, in the same transaction."""

    sign_up: str = "closed"
    """May strangers ask for an account? `closed`; `approval`: an administrator decides; `open`: at once."""

    async def registered(self, name: str, password: str) -> Mapping[str, Json]:
        """For a sign-up: what to keep of the password once there is such a user, by kind of `user_keys`.

        `gateway.errors.BadInput` says what is wrong with the password. Whether there is
        such a user already is the hub's business: nothing here may depend on it.
        """
        raise NotImplementedError

    async def set_password(self, name: str, password: str) -> None:
        """Set `name`'s password. `NotImplementedError` where there is none to set."""
        raise NotImplementedError

    async def has_password(self, name: str) -> bool:
        """Does `name` have a password here? Says so wherever `set_password` does anything.

        Before what is grave the pages ask for the password of whoever has one; from others a recent log-in will do.
        """
        return False

    async def rename(self, old: str, new: str) -> None:  # noqa: B027  # nothing kept, nothing to move
        """The user `old` is now called `new`: what is kept about the one elsewhere is the other's."""

    async def forget(self, name: str) -> None:  # noqa: B027  # nothing kept, nothing to drop
        """The user was removed: drop what is kept about `name`."""

    def proxy_headers(self) -> Sequence[str]:
        """Request headers in which a trusted proxy says who somebody is; the first one names the person. Sync.

        Nobody's server gets to see them. With the first of them the log-in page calls
        `authenticate` by itself, and the session is good only with that header as it was.
        """
        return ()

    refresh_seconds: float = 0
    """How long a log-in is believed until `refresh` is asked; 0 = for as long as the session lasts."""

    async def refresh(self, name: str, memory: Json) -> Login | None:
        """Is the person who logged in as `name` still let in? `memory` is that of the last `Login`.

        None or `Forbidden` = no: the session ends at once. A `Login` of the same name =
        yes; its groups, `admin` and memory count from now on. Any other exception = it
        cannot be told now; when that lasts for `refresh_seconds` more, the session ends.
        """
        raise NotImplementedError

    async def log_out(self, name: str, memory: Json, return_url: str) -> str:
        """The session of `name` has ended by log-out. The URL where the browser goes now; "" = it stays here.

        `return_url` is a page of ours that the provider may send the browser back to.
        """
        return ""


@dataclass(frozen=True, slots=True)
class Departure:
    """The browser is sent to the provider."""

    url: str
    """Absolute; `https:`, unless browsers reach the gateway itself without TLS."""
    memory: Json = None
    """Given back with the `Arrival`, and never shown to the browser: a PKCE verifier, a nonce. 2 KiB at most."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The browser is back from the provider, and it is the one that was sent there."""

    query: Mapping[str, str]
    """What the provider sent along, less `state`, which has been checked. Otherwise anybody may have written it."""
    callback_url: str
    """As given to `begin`."""
    memory: Json = None


class RedirectAuthenticator(Authenticator):
    """Has the log-in happen at a provider: a button on the log-in page, and two pages of ours.

    `{base}hub/auth/<name>/login` sends the browser away, `{base}hub/auth/<name>/callback`
    takes it back. The hub makes the `state` and checks it: it is random, good once, for
    ten minutes, and for the browser that it was made for. `finish` is called only then.
    """

    @abstractmethod
    async def begin(self, state: str, callback_url: str, request: LoginRequest) -> Departure:
        """Where to send the browser. `state` goes along and must come back as it is."""

    @abstractmethod
    async def finish(self, arrival: Arrival, request: LoginRequest) -> Login | None:
        """Who came back; codes are exchanged here. It has 20 seconds.

        None = it is not proven. `Forbidden` or `TooMany` = refused for a reason that the
        person may read. Any other exception = the provider does not answer as it should;
        only its type and a masked message are logged.
        """

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        """Nobody logs in here by a form."""
        return None


# ── spawners ─────────────────────────────────────────────────────────────────

type Report = Callable[[int, str], None]
"""`report(percent, message)`: a step of the start, shown to the owner at once."""


class Spawner(ABC):
    """Starts, watches and stops servers. One instance serves all servers.

    Whatever it must remember of a server is `Target.state`, a JSON value which the
    hub keeps and hands back in `launch.server.target`.
    """

    Options: ClassVar[type[BaseModel]] = NoOptions
    name: ClassVar[str]
    will_resume: ClassVar[bool] = False
    """A server that was stopped goes on later with the environment that it has (a suspended container): the token
    of a hub-aware one is not taken from it at its stop, and `start` says it again in `Target.api_token`."""

    def __init__(self, options: BaseModel, storage: Storage) -> None:
        self.options = options
        self.storage = storage

    def warnings(self) -> Sequence[str]:
        """What an administrator should know before using these options. Sync."""
        return ()

    def mistakes(self, profile: Profile) -> Sequence[str]:
        """What is wrong with `profile` for this spawner, a line each; asked at start. Sync."""
        return ()

    @abstractmethod
    async def start(self, launch: Launch, report: Report) -> Target:
        """Start the server and return where it will answer, without waiting for it.

        `gateway.errors.StartFailed` with words for the owner if it cannot; then
        nothing may be left running. The call may be cancelled at any await.
        """

    @abstractmethod
    async def poll(self, launch: Launch) -> int | None:
        """None while it runs, else its exit code (0 if unknown)."""

    @abstractmethod
    async def stop(self, launch: Launch, now: bool) -> None:
        """Stop it and return when nothing of it is left.

        `now` = kill without asking. Cancelled when `stop_timeout` is over; the
        hub then calls again with `now`. Fine with a server that is gone already.
        """

    @abstractmethod
    async def adopt(self, launch: Launch) -> Target | None:
        """After a hub restart: the target of the running server of this start, or None.

        `launch.server.target` may be None when the hub died between the fork and
        the keeping of its state; then `launch.server.start_id` is all there is.
        """

    async def check(self, launch: Launch) -> None:  # noqa: B027  # a backend may have nothing to check
        """Called once when the server answers, before it counts as ready.

        Raise `StartFailed` if what answers is not this server (a stranger took the
        port, the secret is not asked for).
        """

    async def died(self, launch: Launch) -> int:
        """Return the exit code when the server ends. Default: `poll` every 5 s.

        Override it where the backend can tell at once.
        """
        while (code := await self.poll(launch)) is None:
            await asyncio.sleep(5)
        return code


# ── share handlers ───────────────────────────────────────────────────────────


class Invitations(Protocol):
    """The invitations of one share handler, which the hub keeps for it."""

    async def find(self, code: str) -> Invitation | None:
        """The one with this code, whether its time is over or not. Only a digest of the code is kept."""


class ShareHandler(ABC):
    """A way to let others in. It says what is offered and who gets it; the hub keeps it and has it enforced.

    The hub has checked that whoever shares may do so. When an invitation is over or
    used up, and that nobody accepts twice, is the hub's business too, because two may
    come at the same moment.
    """

    Options: ClassVar[type[BaseModel]] = NoOptions
    name: ClassVar[str]
    """As in `[sharing] handlers`."""

    def __init__(self, options: BaseModel, storage: Storage, invitations: Invitations) -> None:
        self.options = options
        self.storage = storage
        self.invitations = invitations

    def warnings(self) -> Sequence[str]:
        """What an administrator should know before using these options. Sync."""
        return ()

    @abstractmethod
    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        """Offer `request.scopes` of `server`: by a code, or as grants that hold from the start.

        `gateway.errors.BadInput` for a request that makes no sense here. The code is
        for whoever shares: it is shown once and kept as a digest.
        """

    @abstractmethod
    async def accept(self, code: str, user: User) -> Grant | None:
        """What `user` gets for `code`. None = not a code of this handler.

        Codes come from anybody and may be guesses. An exception = refused.
        """

    async def revoke(self, grant: Grant) -> None:  # noqa: B027  # what the hub kept is gone already
        """The grant has ended before its time: drop what is kept elsewhere."""


# ── hooks ────────────────────────────────────────────────────────────────────


class Hookspecs:
    """The hooks themselves. All are sync: they offer things, take notice, or refuse.

    `options` is the plugin's own table `[plugins.<plugin>]`, checked against what its
    `gateway_options` offers. A hook must come back within a second, a policy within a
    quarter; then it is interrupted.
    """

    @hookspec
    def gateway_options(self) -> type[BaseModel]:
        """Offer the model of the plugin's own table `[plugins.<plugin>]`. Called once at start."""
        raise NotImplementedError

    @hookspec
    def gateway_authenticators(self) -> Mapping[str, type[Authenticator]]:
        """Offer authenticators by name. Called once at start; names must be new."""
        raise NotImplementedError

    @hookspec
    def gateway_spawners(self) -> Mapping[str, type[Spawner]]:
        """Offer spawners by name. Called once at start; names must be new."""
        raise NotImplementedError

    @hookspec
    def gateway_share_handlers(self) -> Mapping[str, type[ShareHandler]]:
        """Offer ways to share a server, by name. Called once at start; names must be new."""
        raise NotImplementedError

    @hookspec
    def gateway_policy(
        self, request: Visit, identity: Identity | None, route: Place, options: BaseModel
    ) -> Denial | None:
        """Refuse a request that the gate would let pass, or None: no opinion. Called in a worker for each such
        request, if the plugin stands in `[policy] plugins`; any refusal wins, and so does any failure."""
        raise NotImplementedError

    @hookspec
    def gateway_addons(self, options: BaseModel) -> Sequence[Addon]:
        """Offer addons for the flow lane. Called once at the start of each worker."""
        raise NotImplementedError

    @hookspec
    def gateway_api_routes(self, hub: HubView, options: BaseModel) -> Sequence[ApiRoute]:
        """Offer paths below `hub/api/plugins/<plugin>/`. Called once at the start of the hub."""
        raise NotImplementedError

    @hookspec
    def gateway_user_logged_in(self, name: str, address: str, options: BaseModel) -> None:
        """A person has logged in. Called in the hub after the session is kept."""

    @hookspec
    def gateway_server_started(self, server: Server, options: BaseModel) -> None:
        """A server became ready. Called in the hub after its route is pushed."""

    @hookspec
    def gateway_server_stopped(self, server: Server, reason: str, options: BaseModel) -> None:
        """A server is gone, for whatever reason. Called in the hub."""

    @hookspec
    def gateway_share_accepted(self, grant: Grant, options: BaseModel) -> None:
        """Somebody was let into a server of somebody else. Called in the hub once the grant is in force."""
