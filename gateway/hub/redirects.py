"""Log-ins at a provider: who was sent there from which browser, and who comes back.

What is on its way is held in memory only. A restart of the hub costs those people a
second click; nothing that was written down could let anybody in.
"""

from __future__ import annotations

import hmac
import logging
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import Forbidden, HubgateError, NotFound, TooMany
from gateway.hookspecs import Arrival, Authenticator, LoginRequest, RedirectAuthenticator
from gateway.hub import proving
from gateway.hub.sessions import NewSession, Sessions
from gateway.limiter import Limiter
from gateway.model import Json, Login, digest

log = logging.getLogger(__name__)

LIFETIME = 600
"""Seconds that somebody may take at the provider."""
PENDING = 5000
"""On their way at once; of more, those that left first have to begin again."""
BEGIN, FINISH = 10.0, 20.0
"""Seconds that the authenticator may take."""
PER_ADDRESS, REFILL = 200.0, 1.0
"""Pages that one address may call: those of a class at the same hour; and how many a second after that."""

STALE = "This log-in was not begun in this browser, or it has taken too long. Please begin again."
NOT_PROVEN = "The provider did not confirm who you are. Please begin again."


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who was sent to a provider."""

    authenticator: str
    browser: str
    """Digest of what its cookie holds."""
    then: str
    callback_url: str
    memory: Json
    until: float


class Redirects:
    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        sessions: Sessions,
        *,
        insecure: bool,
        clock: Callable[[], float],
    ) -> None:
        self._providers = {each.name: each for each in authenticators if isinstance(each, RedirectAuthenticator)}
        self._sessions = sessions
        self._insecure = insecure
        """Browsers reach the gateway itself without TLS."""
        self._clock = clock
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        """By the digest of the state."""
        self._limiter = Limiter(PER_ADDRESS, REFILL)

    def __len__(self) -> int:
        return len(self._pending)

    def provider(self, name: str) -> RedirectAuthenticator:
        """The one of that name, or NotFound."""
        if name not in self._providers:
            raise NotFound("There is no such way to log in", key="no-way-in")
        return self._providers[name]

    async def begin(self, name: str, browser: str, then: str, callback_url: str, request: LoginRequest) -> str:
        """The provider's URL for a browser whose cookie holds `browser`. TooMany, Unavailable."""
        provider = self.provider(name)
        self._limit(request.address)
        state = secrets.token_urlsafe(32)
        departure = await proving.asked(
            provider,
            "begin",
            lambda: provider.begin(state, callback_url, request),
            lambda said: proving.departure(said, self._insecure),
            seconds=BEGIN,
            secrets=[state],
        )
        until = self._clock() + LIFETIME
        self._pending[digest(state)] = Pending(name, digest(browser), then, callback_url, departure.memory, until)
        if len(self._pending) > PENDING:
            self._pending.popitem(last=False)
        return departure.url

    async def finish(
        self, name: str, query: Mapping[str, str], browsers: Iterable[str], request: LoginRequest, device: str
    ) -> tuple[NewSession, str]:
        """A session for who came back, and where that person wanted to go.

        `browsers` is what the browser's cookie holds. Forbidden, TooMany, Unavailable.
        """
        provider = self.provider(name)
        self._limit(request.address)
        with self._sessions.timed():
            login, then = await self._finished(provider, query, browsers, request)
            return await self._sessions.let_in(provider, login, request, device), then

    async def _finished(
        self, provider: RedirectAuthenticator, query: Mapping[str, str], browsers: Iterable[str], request: LoginRequest
    ) -> tuple[Login, str]:
        """Who came back, and where to."""
        try:
            pending = self._taken(provider.name, query.get("state", ""), browsers)
            fields = {key: value for key, value in query.items() if key != "state"}
            arrival = Arrival(fields, pending.callback_url, pending.memory)
            login = await proving.asked(
                provider,
                "finish",
                lambda: provider.finish(arrival, request),
                proving.login,
                seconds=FINISH,
                secrets=[*query.values(), *proving.texts(pending.memory)],
            )
            if login is None:
                raise Forbidden(NOT_PROVEN, key="login-not-proven")
        except HubgateError as error:
            await self._sessions.refused("", provider, request, error)
            raise
        return login, pending.then

    def _limit(self, address: str) -> None:
        """Each call writes something down, here or in the audit."""
        if wait := self._limiter.wait(address, self._clock()):
            raise TooMany(
                "Too many log-ins from this address; try again in a moment",
                retry_after=math.ceil(wait),
                key="login-often",
            )

    def _taken(self, name: str, state: str, browsers: Iterable[str]) -> Pending:
        """What was remembered of this state. Whatever comes of it, it is good once."""
        pending = self._pending.pop(digest(state), None)
        if pending is None or pending.until < self._clock() or pending.authenticator != name:
            raise Forbidden(STALE, key="login-stale")
        # All are compared, so that the time tells nothing.
        same = [hmac.compare_digest(digest(browser), pending.browser) for browser in browsers]
        if not any(same):
            raise Forbidden(STALE, key="login-stale")
        return pending
