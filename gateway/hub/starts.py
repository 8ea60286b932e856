"""A wish to start a server, judged, and made into the record from which its life begins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway import options
from gateway.clients import server_client
from gateway.errors import BadInput, Conflict, Forbidden, NotFound
from gateway.hub.entry import Entry
from gateway.hub.lifecycle import Event, State, next_state
from gateway.hub.profiles import chosen
from gateway.hub.words import plain
from gateway.model import Profile, Server, User, checked_display_name, checked_server_name
from gateway.store import audit, oauth, servers, users
from gateway.store.work import Snapshot, Transaction, reads

STOPPED = "server.stopped"
"""The audit's word for a server's end."""
OPTIONS = 16 * 1024
"""Characters of a start's options, as JSON."""


@dataclass(frozen=True, slots=True)
class Wish:
    user: str
    name: str = ""
    profile: str = ""
    """"" = as the last time, else the default."""
    options: Mapping[str, Any] | None = None
    """None = as the last time."""
    display_name: str | None = None
    """None = as it is."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user with all of their servers, read in one moment."""

    user: User | None = None
    servers: Mapping[str, Server] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    entry: Entry
    profiles: Sequence[Profile]
    servers_per_user: int

    def record(self, wish: Wish, owner: Owner, now: float) -> Server:
        """The record of the start, or why there is none. Pure."""
        user = owner.user
        if user is None:
            raise NotFound(f"there is no user {plain(wish.user)!r}", key="no-user")
        if not self.entry.may_log_in(user, user.name):
            raise Forbidden(f"{user.name} may not use the gateway", key="not-for-them", about={"who": user.name})
        old = self.prepared(wish, owner, now)
        return replace(
            old,
            state=next_state(old.state, Event.START).value,
            generation=old.generation + 1,
            start_id="",
            secret="",
            target=None,
            started=None,
            message="",
            said=None,
        )

    def prepared(self, wish: Wish, owner: Owner, now: float) -> Server:
        """The record with all that is wished of it, new or not, and stopped as it is. Pure."""
        user = owner.user
        if user is None:
            raise NotFound(f"there is no user {plain(wish.user)!r}", key="no-user")
        old = owner.servers.get(wish.name) or self._new(wish, owner, now)
        if old.state != State.STOPPED:
            raise Conflict("the server is not stopped", key="server-active")
        profile = chosen(self.profiles, user, wish.profile, old.profile)
        before = old.options if old.profile in ("", profile.name) else {}
        name = wish.display_name
        return replace(
            old,
            profile=profile.name,
            options=_options(profile, before, wish.options),
            display_name=old.display_name if name is None else checked_display_name(name) if name else "",
        )

    def renamed(self, old: Server, name: str, owner: Owner) -> Server:
        """The record by another name: the default server becomes a named one, and leaves a new default. Pure."""
        checked_server_name(name)
        if name in owner.servers:
            raise Conflict(f"User {old.user} already has server {name!r}", key="server-exists", about={"name": name})
        if not old.name:
            self._new(Wish(old.user, name), owner, 0.0)
        return replace(old, name=name)

    def _new(self, wish: Wish, owner: Owner, now: float) -> Server:
        if wish.name:
            checked_server_name(wish.name)
            if not self.servers_per_user:
                raise BadInput("there is only one server for each user here", key="one-server")
            if sum(bool(name) for name in owner.servers) >= self.servers_per_user:
                raise BadInput(
                    f"User {wish.user} already has the maximum of {self.servers_per_user} named servers."
                    "  One must be deleted before a new server can be created",
                    key="servers-full",
                    about={"most": self.servers_per_user},
                )
        # A removed record's generations must not come again.
        return Server(wish.user, wish.name, generation=int(now), created=now)


def _options(profile: Profile, before: Mapping[str, Any], given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Those of a declared form are judged by it; a profile without one keeps what it is given, for its spawner."""
    if given is None:
        return options.remembered(profile, before) if profile.options else before
    given = _checked(given)
    return options.read(profile, given) if profile.options else given


def _checked(given: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        text = json.dumps(given, allow_nan=False)
    except (TypeError, ValueError):
        raise BadInput("a server's options must be a JSON object") from None
    if len(text) > OPTIONS:
        raise BadInput(f"a server's options must not be longer than {OPTIONS} characters")
    return dict(given)


# ── units of work ────────────────────────────────────────────────────────────


@reads
def look(db: Snapshot, user: str) -> Owner:
    return Owner(users.get(db, user), {server.name: server for server in servers.of_user(db, user)})


def keep_renamed(db: Transaction, name: str, server: Server, by: str, now: float) -> None:
    """Write the record that was called `name` before, with all that belongs to it."""
    oauth.remove(db, server_client(server.user, name))
    servers.rename(db, server.user, name, server.name)
    keep(db, server, "server.change", by, now)


def keep(db: Transaction, server: Server, action: str, by: str, now: float, *, forget: bool = False) -> None:
    """Write a record; with an action, also who did what. `forget`: its token and client are good for nothing now."""
    servers.put(db, server)
    if forget:
        oauth.remove(db, server_client(server.user, server.name))
    if action:
        detail = server.profile if server.state == State.QUEUED else server.message[:500]
        audit.add(db, now, by, action, server.full_name, detail)
