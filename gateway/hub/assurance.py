"""Is it still the person who logged in? Asked before what is grave.

Who has a password gives it once more. Who has none (a provider or a proxy said who it is)
must have logged in a short while ago.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from gateway.errors import Forbidden
from gateway.hookspecs import Authenticator, LoginRequest, RedirectAuthenticator
from gateway.hub import proving
from gateway.hub.passwords import keeper_of
from gateway.hub.sessions import Sessions

RECENT = 300.0
"""Seconds for which a log-in counts, of somebody who has no password."""
PATIENCE = 20.0
NOT_YOURS = "That is not your password"
TOO_OLD = "Your log-in is too long ago for this. Log in again, then do it once more."

type Wanted = Literal["password", "log-in", ""]
"""What somebody has to give first: a password, a new log-in, or nothing, since the last one is recent."""


class Assurance:
    def __init__(
        self, authenticators: Sequence[Authenticator], sessions: Sessions, *, clock: Callable[[], float]
    ) -> None:
        self._keeper = keeper_of(authenticators)
        self._forms = {
            each.name
            for each in authenticators
            if not isinstance(each, RedirectAuthenticator) and each.name not in sessions.vouching
        }
        """Those that judge a password. The others believe somebody else, whatever a form says."""
        self._sessions = sessions
        self._clock = clock

    async def wanted(self, user: str, digest: str) -> Wanted:
        """Of the user, in the session with this digest. Unavailable: the authenticator cannot say."""
        by, created = await self._facts(user, digest)
        if by:
            return "password"
        return "" if self._is_recent(created) else "log-in"

    async def prove(self, user: str, digest: str, password: str, request: LoginRequest) -> None:
        """Forbidden if it need not be this user; of a password also what a log-in raises."""
        by, created = await self._facts(user, digest)
        if by:
            if await self._sessions.prove(by, {"username": user, "password": password}, request) != user:
                raise Forbidden(NOT_YOURS, key="not-your-password")
        elif not self._is_recent(created):
            raise Forbidden(TOO_OLD, key="login-too-old")

    async def _facts(self, user: str, digest: str) -> tuple[str, float]:
        """Name of the authenticator that knows the user's password, "" = none does; and when they logged in."""
        session = await self._sessions.find(digest)
        if session is None or session.user != user:
            raise Forbidden("This log-in has just ended", key="login-ended")
        if self._keeper and await self._has_password(self._keeper, user):
            return self._keeper.name, session.created
        return session.authenticator if session.authenticator in self._forms else "", session.created

    async def _has_password(self, keeper: Authenticator, user: str) -> bool:
        """Where it cannot be told, nothing grave is done."""
        return await proving.asked(
            keeper, "has_password", lambda: keeper.has_password(user), _yes_or_no, seconds=PATIENCE
        )

    def _is_recent(self, created: float) -> bool:
        return 0 <= self._clock() - created <= RECENT


def _yes_or_no(said: object) -> bool:
    if not isinstance(said, bool):
        raise TypeError(f"True or False is expected, not {type(said).__name__}")
    return said
