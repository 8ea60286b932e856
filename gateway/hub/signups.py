"""Accounts that strangers ask for: taken down, and decided by an administrator, unless the settings let everybody in.

Whoever asks learns as little as possible of who is here already: where somebody decides,
the answer is the same for a name that is free, taken, waiting or barred. Where nobody
does, it cannot be hidden that a name is taken; then the limits below slow guessing down.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence

from gateway.errors import BadInput, Conflict, HubgateError, NotFound, TooMany
from gateway.hookspecs import Authenticator, LoginRequest
from gateway.hub import proving
from gateway.hub.changes import ChangeLog
from gateway.hub.entry import Entry
from gateway.hub.words import plain
from gateway.limiter import Limiter
from gateway.model import Json, SignUp, normalise
from gateway.store import audit, plugindata, signups, users
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

WAITING = 200
"""Requests that wait for a decision; more are not taken."""
PER_ADDRESS, REFILL = 40.0, 1 / 60
"""A class behind one address; and how many a second there may be after that."""
PATIENCE = 20.0
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
"""What strangers may call themselves: nothing that looks like somebody else's name."""
NAME_RULE = "user name must have 1 to 64 characters a-z, 0-9 and . _ @ + -, and begin with a letter or digit"
TAKEN = "This name cannot be had. Please choose another one."


class SignUps:
    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        entry: Entry,
        *,
        store: Store,
        changes: ChangeLog,
        clock: Callable[[], float],
    ) -> None:
        self._authenticator = next((each for each in authenticators if each.sign_up != "closed"), None)
        self._others = len(authenticators) > 1
        self._entry = entry
        self._store = store
        self._changes = changes
        self._clock = clock
        self._limiter = Limiter(PER_ADDRESS, REFILL)

    @property
    def open(self) -> bool:
        """May strangers ask for an account?"""
        return self._authenticator is not None

    @property
    def by(self) -> str:
        """Name of the authenticator that takes them, or ""."""
        return self._authenticator.name if self._authenticator else ""

    @property
    def decided(self) -> bool:
        """Does an administrator decide?"""
        return self._authenticator is not None and self._authenticator.sign_up != "open"

    def warnings(self) -> list[str]:
        if self.open and not self.decided and self._others:
            return [
                "whoever signs up takes the name that somebody else may have at another authenticator in use, and "
                "shares the account with that person: set approval = true"
            ]
        return []

    def warn(self) -> None:
        """Tell the log."""
        for warning in self.warnings():
            log.warning("sign-up: %s", warning)

    async def ask(self, name: str, password: str, request: LoginRequest) -> None:
        """Take it down, or make the user at once. BadInput, TooMany, Unavailable; Conflict if nobody decides."""
        by = self._authenticator
        if by is None:
            raise NotFound("Nobody can sign up here")
        if wait := self._limiter.wait(request.address, self._clock()):
            raise TooMany(
                "Too many accounts were asked for from this address", retry_after=math.ceil(wait), key="signup-often"
            )
        name = normalise(name[:1000])
        if not NAME.fullmatch(name):
            raise BadInput(NAME_RULE, key="signup-name")
        kept = await proving.asked(
            by,
            "registered",
            lambda: by.registered(name, password),
            lambda said: _kept(by, said),
            seconds=PATIENCE,
            secrets=[password],
            passing=(400, 403, 429),
        )
        sign_up = SignUp(name, by.name, plain(request.address), self._clock())
        try:
            await self._changes.write(self._taken_down if self.decided else self._made, sign_up, kept)
        except HubgateError as error:
            log.warning("sign-up of %r from %s refused: %s", plain(name), request.address, error.message)
            raise

    async def listing(self) -> list[SignUp]:
        return list(await self._store(signups.listing))

    async def known(self, name: str) -> SignUp:
        """NotFound if nobody has asked for that name."""
        found = await self._store(signups.get, name)
        if found is None:
            raise NotFound("Nobody has asked for an account of that name", key="no-signup")
        return found

    async def approve(self, name: str, by: str) -> None:
        """There is such a user now. NotFound; Conflict if there has been one already."""
        await self._changes.write(_approve, name, by, self._clock())

    async def refuse(self, name: str, by: str) -> None:
        await self._changes.write(_refuse, name, by, self._clock())

    def _barred(self, db: Transaction, name: str) -> bool:
        """Somebody else's, or nobody's."""
        return users.get(db, name) is not None or self._entry.is_barred(name)

    def _taken_down(self, db: Transaction, sign_up: SignUp, kept: Mapping[str, Json]) -> None:
        # Before the name is looked at, so that a full list tells nothing of it.
        if signups.count(db) >= WAITING:
            raise TooMany(
                "No more accounts can be asked for at the moment; try again another day",
                retry_after=3600,
                key="signup-full",
            )
        free = not self._barred(db, sign_up.name) and signups.get(db, sign_up.name) is None
        if free:
            signups.add(db, sign_up, kept)
        # Written in both cases, so that both take the same time.
        audit.add(db, sign_up.created, "", "signup" if free else "signup.taken", sign_up.name, sign_up.address)

    def _made(self, db: Transaction, sign_up: SignUp, kept: Mapping[str, Json]) -> None:
        # Names that the settings know are for the people whom the administrator meant.
        if self._barred(db, sign_up.name) or self._entry.is_named(sign_up.name):
            raise Conflict(TAKEN, key="signup-taken")
        _make(db, sign_up, kept, "")


def _kept(by: Authenticator, said: object) -> Mapping[str, Json]:
    if not isinstance(said, Mapping) or not set(said) <= set(by.user_keys):
        raise TypeError("what is to be kept must go by the kinds in user_keys")
    proving.memory(dict(said), proving.MEMORY)
    return said


def _make(db: Transaction, sign_up: SignUp, kept: Mapping[str, Json], by: str) -> None:
    users.add(db, sign_up.name, False, sign_up.created)
    for kind, value in kept.items():
        plugindata.put(db, sign_up.authenticator, plugindata.user_key(kind, sign_up.name), value)
    audit.add(db, sign_up.created, by, "user.add", sign_up.name, "by sign-up")


def _approve(db: Transaction, name: str, by: str, now: float) -> None:
    sign_up, kept = signups.take(db, name)
    _make(db, SignUp(sign_up.name, sign_up.authenticator, sign_up.address, now), kept, by)


def _refuse(db: Transaction, name: str, by: str, now: float) -> None:
    signups.take(db, name)
    audit.add(db, now, by, "signup.refuse", name, "")
