"""Browser sessions: log in, log out."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import BadInput, Forbidden, HubgateError, NotFound, Unavailable
from gateway.hookspecs import Authenticator, LoginRequest
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.metrics import Metrics
from gateway.hub.words import plain
from gateway.model import Login, Session, checked_group_name, checked_name, digest
from gateway.pluginmanager import Hooks
from gateway.store import audit, sessions, users
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

REFUSED = "Invalid username or password"
PATIENCE = 60.0
"""Seconds that an authenticator may take."""
DEVICE = 300


@dataclass(frozen=True, slots=True)
class NewSession:
    value: str
    """For the cookie; nothing else holds it."""
    session: Session


class Sessions:
    def __init__(
        self,
        max_age: int,
        *,
        store: Store,
        changes: ChangeLog,
        entry: Entry,
        authenticators: Sequence[Authenticator],
        hooks: Hooks,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._max_age = max_age
        self._store = store
        self._changes = changes
        self._entry = entry
        self._authenticators = authenticators
        self._hooks = hooks
        self._metrics = metrics
        self._clock = clock

    async def log_in(
        self, authenticator: str, form: Mapping[str, str], request: LoginRequest, device: str, previous: str = ""
    ) -> NewSession:
        """Judge the form and make a session. `authenticator` "" is the first one.

        `previous` is the digest of the session that the browser came with; it ends.
        Forbidden ("Invalid username or password", or what the authenticator says),
        TooMany, Unavailable (the authenticator failed).
        """
        began = time.monotonic()
        try:
            login = await self._proved(authenticator, form, request)
            new = await self._entered(login, request.address, device, previous)
        except HubgateError as error:
            self._metrics.logged_in(time.monotonic() - began, success=False)
            await self._refused(form, request, error)
            raise
        self._metrics.logged_in(time.monotonic() - began, success=True)
        log.info("%s has logged in from %s", login.name, request.address)
        self._hooks.user_logged_in(login.name, request.address)
        return new

    async def prove(self, authenticator: str, form: Mapping[str, str], request: LoginRequest) -> str:
        """The name of the user who stands behind the form. No session is made, and no user. As `log_in`."""
        try:
            login = await self._proved(authenticator, form, request)
            user = await self._store(users.get, login.name)
            if user is None or not self._entry.may_log_in(user, user.name):
                raise Forbidden(REFUSED)
        except HubgateError as error:
            await self._refused(form, request, error)
            raise
        return user.name

    async def log_out(self, digest: str) -> None:
        began = time.monotonic()
        await self._changes.write(_remove_this, digest, self._clock())
        self._metrics.logged_out(time.monotonic() - began)

    async def log_out_everywhere(self, user: str, by: str = "") -> None:
        await self._changes.write(_remove_all, user, by, self._clock())

    async def of_user(self, user: str) -> list[Session]:
        return list(await self._store(sessions.of_user, user))

    async def end(self, user: str, session_id: str, by: str = "") -> None:
        """NotFound if the user has no such session."""
        if not await self._changes.write(_remove_one, user, session_id, by, self._clock()):
            raise NotFound("No such session")

    async def _refused(self, form: Mapping[str, str], request: LoginRequest, error: HubgateError) -> None:
        who = plain(form.get("username", ""))
        log.warning("log-in of %r from %s refused: %s", who, request.address, error.message)
        await self._store(audit.add, self._clock(), "", "login.refused", who, plain(request.address))

    # ── the steps of a log-in ────────────────────────────────────────────────

    async def _proved(self, name: str, form: Mapping[str, str], request: LoginRequest) -> Login:
        """Who it is, as the chosen authenticator says; what it says is checked."""
        chosen = next((each for each in self._authenticators if name in ("", each.name)), None)
        if chosen is None:
            raise Forbidden(REFUSED)
        try:
            async with asyncio.timeout(PATIENCE):
                login = await chosen.authenticate(form, request)
            return _checked(login)
        except (Forbidden, HubgateError) as error:
            if error.status in (Forbidden.status, 429):
                raise
            log.error("authenticator %s: %s", chosen.name, error.message)
            raise Unavailable("Log-in does not work at the moment", retry_after=30) from None
        except Exception:
            log.exception("authenticator %s failed", chosen.name)
            raise Unavailable("Log-in does not work at the moment", retry_after=30) from None

    async def _entered(self, login: Login, address: str, device: str, previous: str) -> NewSession:
        """The last word is the hub's, in the same transaction in which the session is kept."""
        now = self._clock()
        value = secrets.token_urlsafe(32)
        session = Session(
            id="",
            user=login.name,
            created=now,
            expires_at=now + self._max_age,
            last_seen=now,
            address=plain(address),
            device=plain(device, DEVICE),
        )
        kept = await self._changes.write(self._enter, login, session, digest(value), previous)
        return NewSession(value, kept)

    def _enter(self, db: Transaction, login: Login, session: Session, new: str, previous: str) -> Session:
        user = users.get(db, login.name)
        if not self._entry.may_log_in(user, login.name):
            raise Forbidden(REFUSED)
        user = user or users.add(db, login.name, False, session.created)
        if login.admin is not None and login.admin != user.admin:
            users.set_admin(db, user.name, login.admin)
        if login.groups is not None and set(login.groups) != set(user.groups):
            users.set_groups(db, user.name, login.groups)
        if previous:
            sessions.remove(db, previous)
        kept = sessions.add(db, session, new)
        audit.add(db, session.created, f"user:{user.name}", "login", user.name, session.address)
        return kept


def _checked(login: object) -> Login:
    """An authenticator is a plugin: nothing that it says is believed before it is looked at."""
    if login is None:
        raise Forbidden(REFUSED)
    if not isinstance(login, Login):
        raise TypeError(f"an authenticator must return a Login or None, not {type(login).__name__}")
    try:
        groups = None if login.groups is None else tuple(map(checked_group_name, login.groups))
        return Login(checked_name(login.name), None if login.admin is None else bool(login.admin), groups)
    except BadInput:
        raise Forbidden(REFUSED) from None


def _remove_this(db: Transaction, digest: str, now: float) -> None:
    """Fine when there is none."""
    if found := sessions.find(db, digest, now):
        sessions.remove(db, digest)
        audit.add(db, now, f"user:{found[0].user}", "logout", found[0].user, found[0].id)


def _remove_one(db: Transaction, user: str, session_id: str, by: str, now: float) -> bool:
    there = sessions.remove_one(db, user, session_id)
    if there:
        audit.add(db, now, by or f"user:{user}", "logout", user, session_id)
    return there


def _remove_all(db: Transaction, user: str, by: str, now: float) -> None:
    sessions.remove_all(db, user)
    audit.add(db, now, by or f"user:{user}", "logout.everywhere", user, "")
