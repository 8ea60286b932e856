"""Browser sessions: log in, log out."""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import Forbidden, HubgateError, NotFound
from gateway.hookspecs import Authenticator, LoginRequest, RedirectAuthenticator
from gateway.hub import proving
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.metrics import Metrics
from gateway.hub.proving import REFUSED
from gateway.hub.words import plain
from gateway.model import Login, Session, User, digest
from gateway.pluginmanager import Hooks
from gateway.store import audit, sessions, users
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that an authenticator may take over a form."""
FAREWELL = 5.0
"""Seconds to say where the browser goes after log-out."""
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
        self._vouched = {name: headers[0] for name, headers in hooks.proxy_headers().items()}
        """The header that names the person, by authenticator."""
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
        with self.timed():
            chosen, login = await self._proved(authenticator, form, request)
            return await self.let_in(chosen, login, request, device, previous)

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Measures a log-in; one that raises has failed."""
        began, success = time.monotonic(), False
        try:
            yield
            success = True
        finally:
            self._metrics.logged_in(time.monotonic() - began, success=success)

    async def let_in(
        self, by: Authenticator, login: Login, request: LoginRequest, device: str, previous: str = ""
    ) -> NewSession:
        """A session for somebody whom `by` has proven. Forbidden if the gateway is not for that person."""
        try:
            new = await self._entered(by, login, request, device, previous)
        except HubgateError as error:
            await self.refused(login.name, by, request, error)
            if isinstance(error, Forbidden) and (by.name in self._vouched or isinstance(by, RedirectAuthenticator)):
                # Who that is has been proven, so the reason gives nothing away.
                who = plain(login.name)
                words = f"You are {who}, who may not use this gateway. An administrator can change that."
                raise Forbidden(words, key="not-for-you", about={"who": who}) from error
            raise
        log.info("%s has logged in from %s by %s", login.name, request.address, by.name)
        self._hooks.user_logged_in(login.name, request.address)
        return new

    def vouched(self, request: LoginRequest) -> Sequence[str]:
        """The authenticators for which a trusted proxy names somebody in this request, in their order."""
        found = (each.name for each in self._authenticators if each.name in self._vouched)
        return [name for name in found if request.by_proxy and request.headers.get(self._vouched[name])]

    @property
    def vouching(self) -> Mapping[str, str]:
        """By authenticator, the header in which a trusted proxy names the person."""
        return self._vouched

    async def prove(self, authenticator: str, form: Mapping[str, str], request: LoginRequest) -> str:
        """The name of the user who stands behind the form. No session is made, and no user. As `log_in`."""
        chosen, login = await self._proved(authenticator, form, request)
        user = await self._store(users.get, login.name)
        if user is None or not self._entry.may_log_in(user, user.name):
            error = Forbidden(REFUSED)
            await self.refused(login.name, chosen, request, error)
            raise error
        return user.name

    async def log_out(self, digest: str, return_url: str = "", *, insecure: bool = True) -> str:
        """End it; where its authenticator wants the browser to go now, "" = nowhere.

        `return_url` is for the authenticator; without one it is not asked.
        """
        began = time.monotonic()
        known = await self._store(sessions.known, digest)
        await self._changes.write(_remove_this, digest, self._clock())
        self._metrics.logged_out(time.monotonic() - began)
        by = next((each for each in self._authenticators if known and each.name == known.authenticator), None)
        if known is None or by is None or not return_url:
            return ""
        try:
            return await proving.asked(
                by,
                "log_out",
                lambda: by.log_out(known.user, known.memory, return_url),
                lambda said: proving.url(said, insecure) if said else "",
                seconds=FAREWELL,
                secrets=proving.texts(known.memory),
            )
        except HubgateError:
            return ""  # it is logged, and the session has ended in any case

    async def log_out_everywhere(self, user: str, by: str = "") -> None:
        await self._changes.write(_remove_all, user, by, self._clock())

    async def find(self, digest: str) -> Session | None:
        found = await self._store(sessions.find, digest, self._clock())
        return found[0] if found else None

    async def of_user(self, user: str) -> list[Session]:
        return list(await self._store(sessions.of_user, user))

    async def end(self, user: str, session_id: str, by: str = "") -> None:
        """NotFound if the user has no such session."""
        if not await self._changes.write(_remove_one, user, session_id, by, self._clock()):
            raise NotFound("No such session", key="no-session")

    async def end_others(self, user: str, digest: str, by: str = "") -> None:
        """End all of a user's sessions but one."""
        await self._changes.write(_remove_others, user, digest, by, self._clock())

    async def refused(self, name: str, by: Authenticator | None, request: LoginRequest, error: HubgateError) -> None:
        """Write down that somebody was not let in; `name` "" = it is not known who."""
        who, how = plain(name), by.name if by else "nothing of that name"
        log.warning("log-in of %r from %s by %s refused: %s", who, request.address, how, error.message)
        await self._store(audit.add, self._clock(), "", "login.refused", who, plain(request.address))

    # ── the steps of a log-in ────────────────────────────────────────────────

    async def _proved(self, name: str, form: Mapping[str, str], request: LoginRequest) -> tuple[Authenticator, Login]:
        """Who it is, as the chosen authenticator says; what it says is checked."""
        chosen = next((each for each in self._authenticators if name in ("", each.name)), None)
        try:
            if chosen is None:
                raise Forbidden(REFUSED, key="login-refused")
            login = await proving.asked(
                chosen,
                "authenticate",
                lambda: chosen.authenticate(form, request),
                proving.proven,
                seconds=PATIENCE,
                secrets=[value for key, value in form.items() if key != "username"],
            )
        except HubgateError as error:
            await self.refused(form.get("username", ""), chosen, request, error)
            raise
        return chosen, login

    async def _entered(
        self, by: Authenticator, login: Login, request: LoginRequest, device: str, previous: str
    ) -> NewSession:
        """The last word is the hub's, in the same transaction in which the session is kept."""
        now = self._clock()
        value = secrets.token_urlsafe(32)
        session = Session(
            id="",
            user=login.name,
            created=now,
            expires_at=now + self._max_age,
            last_seen=now,
            address=plain(request.address),
            device=plain(device, DEVICE),
            authenticator=by.name,
            bound=self._bound(by, request),
        )
        refresh_at = now + by.refresh_seconds if by.refresh_seconds > 0 else None
        kept = await self._changes.write(self._enter, login, session, (digest(value), previous), refresh_at)
        return NewSession(value, kept)

    def _bound(self, by: Authenticator, request: LoginRequest) -> str:
        """See `Identity.bound`."""
        header = self._vouched.get(by.name)
        return f"{header}:{digest(request.headers.get(header, ''))}" if header else ""

    def _enter(
        self, db: Transaction, login: Login, session: Session, digests: tuple[str, str], refresh_at: float | None
    ) -> Session:
        new, previous = digests
        user = users.get(db, login.name)
        if not self._entry.may_log_in(user, login.name):
            raise Forbidden(REFUSED, key="login-refused")
        user = user or users.add(db, login.name, False, session.created)
        bring_up_to_date(db, user, login)
        if previous:
            sessions.remove(db, previous)
        kept = sessions.add(db, session, new, login.memory, refresh_at)
        audit.add(db, session.created, f"user:{user.name}", "login", user.name, session.address)
        return kept


def bring_up_to_date(db: Transaction, user: User, login: Login) -> None:
    """What the provider has an opinion of."""
    if login.admin is not None and login.admin != user.admin:
        users.set_admin(db, user.name, login.admin)
    if login.groups is not None and set(login.groups) != set(user.groups):
        users.set_groups(db, user.name, login.groups)


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


def _remove_others(db: Transaction, user: str, digest: str, by: str, now: float) -> None:
    sessions.remove_others(db, user, digest)
    audit.add(db, now, by or f"user:{user}", "logout.elsewhere", user, "")
