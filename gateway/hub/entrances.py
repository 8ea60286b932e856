"""The ways into the gateway beside a form and a session: providers, sign-up, passwords; who may stay; who is sure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.hookspecs import Authenticator
from gateway.hub.assurance import Assurance
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.passwords import Passwords
from gateway.hub.redirects import Redirects
from gateway.hub.refreshing import Refreshing
from gateway.hub.sessions import Sessions
from gateway.hub.signups import SignUps
from gateway.settings import Settings
from gateway.store.store import Store


class Entrances:
    """All of them, for the same authenticators."""

    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        sessions: Sessions,
        settings: Settings,
        *,
        entry: Entry,
        store: Store,
        changes: ChangeLog,
        clock: Callable[[], float],
    ) -> None:
        self.redirects = Redirects(authenticators, sessions, insecure=not settings.gateway.https, clock=clock)
        self.sign_ups = SignUps(authenticators, entry, store=store, changes=changes, clock=clock)
        self.passwords = Passwords(authenticators, sessions, store=store, clock=clock)
        self.assurance = Assurance(authenticators, sessions, clock=clock)
        self.refreshing = Refreshing(authenticators, store=store, changes=changes, entry=entry, clock=clock)
