"""The OAuth provider: a browser comes and agrees, then its client comes and gets a token.

Each step is one transaction of the store: what was judged is what is kept. A code is single-use
because it is marked in the transaction that makes its token.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from gateway.clients import Client
from gateway.errors import BadInput, Forbidden, TooMany
from gateway.hub.changes import ChangeLog
from gateway.hub.oauthrules import Asker, Endpoints, Rules, Terms, proven
from gateway.hub.scoping import Scoping
from gateway.hub.words import plain
from gateway.limiter import Limiter
from gateway.model import Identity
from gateway.settings import Settings
from gateway.store import audit, oauth
from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, reads

log = logging.getLogger(__name__)

PER_ADDRESS, REFILL = 200.0, 1.0
"""Wrong codes and secrets that may come from one address, or from one client, at once, and more of them a second:
each is a transaction and a line of the log. Nobody guesses either; a client that is set up wrongly repeats itself."""
FIELDS = 30
"""Of a form; OAuth's have six."""
NONE = "(none)"
"""The name of no scope."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is in order: what the client would get."""

    client: Client
    user: str
    scopes: frozenset[str]
    required: frozenset[str]
    """Of these, what is not up to the user: to say who it is, and to be let in."""
    confirm: bool
    """Must the user be asked?"""


@dataclass(frozen=True, slots=True)
class Sent:
    """The browser goes back to the client, with a code or with what was wrong."""

    location: str


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a client."""

    status: int
    headers: Mapping[str, str]
    body: str


class Provider:
    def __init__(self, terms: Terms, *, store: Store, changes: ChangeLog, clock: Callable[[], float]) -> None:
        self._terms = terms
        self._store = store
        self._changes = changes
        self._clock = clock
        self._limiter = Limiter(PER_ADDRESS, REFILL)

    @classmethod
    def of(
        cls,
        settings: Settings,
        scoping: Scoping,
        roles: Mapping[str, Collection[str]],
        *,
        store: Store,
        changes: ChangeLog,
        clock: Callable[[], float],
    ) -> Provider:
        """As the settings want it; `roles` are the scopes of each role."""
        wanted = settings.oauth
        terms = Terms(scoping, roles, require_pkce=wanted.require_pkce, token_max_age=wanted.token_max_age)
        return cls(terms, store=store, changes=changes, clock=clock)

    async def begin(self, uri: str, caller: Identity) -> Asked | Sent:
        """Judge an authorization request, `uri` being its path and query; `Asked` = the user must be asked.

        BadInput (no such client, another address: nobody is sent anywhere), Forbidden (the user may not use it).
        """
        return await self._changes.write(self._begin, uri, _asker(caller), self._clock())

    async def agree(self, uri: str, caller: Identity, scopes: Collection[str]) -> Sent:
        """The user was asked, and lets the client have these of the scopes. As `begin`."""
        return await self._changes.write(self._agree, uri, _asker(caller), scopes, self._clock())

    async def token(self, uri: str, body: str, address: str) -> Given:
        """A client brings a code in its form. BadInput where not even an error of OAuth's is in order, TooMany."""
        now = self._clock()
        # Who knows a secret has a limit of their own: nobody's wrong ones from the same machine count.
        sender = await self._store(_sender, body) or address
        if wait := self._limiter.wait(sender, now):
            raise TooMany("Too many codes and secrets from here are wrong", retry_after=math.ceil(wait))
        given = await self._changes.write(self._exchange, uri, body, now)
        if given.status == 200:
            self._limiter.give_back(sender, now)
        else:
            log.warning("OAuth: no token is given: %d %s", given.status, plain(given.body, 200))
        return given

    # ── units of work ────────────────────────────────────────────────────────

    def _begin(self, db: Transaction, uri: str, asker: Asker, now: float) -> Asked | Sent:
        rules = Rules(db, self._terms, now, asker)
        asked = self._judged(db, rules, uri, asker, now)
        if isinstance(asked, Sent) or asked.confirm:
            return asked
        return self._kept(db, rules, uri, asked, asked.scopes, now)

    def _agree(self, db: Transaction, uri: str, asker: Asker, scopes: Collection[str], now: float) -> Sent:
        rules = Rules(db, self._terms, now, asker)
        asked = self._judged(db, rules, uri, asker, now)
        if isinstance(asked, Sent):
            return asked
        return self._kept(db, rules, uri, asked, asked.required.union(scopes) - {"identify"}, now)

    def _judged(self, db: Transaction, rules: Rules, uri: str, asker: Asker, now: float) -> Asked | Sent:
        try:
            wanted, info = Endpoints(rules).validate_authorization_request(uri, "GET", "", {})
        except FatalClientError as error:
            raise BadInput(error.description or error.error) from None
        except OAuth2Error as error:
            return _back(error)
        except ValueError:
            raise BadInput("The query of this address is not in order") from None
        client: Client = info["request"].client
        if client.access not in rules.granted([client.access]):
            log.warning("OAuth: %s may not use %s", plain(asker.user), plain(client.id))
            raise Forbidden(f"You do not have permission to access {client.description}")
        scopes = rules.granted(wanted) | rules.required
        asks_nobody = client.no_confirm or client.user == asker.user
        return Asked(
            client=client,
            user=asker.user,
            scopes=scopes,
            required=rules.required,
            confirm=not asks_nobody and not scopes <= oauth.agreed(db, asker.user, client.id, now),
        )

    def _kept(  # noqa: PLR0917  # the steps of one request
        self, db: Transaction, rules: Rules, uri: str, asked: Asked, chosen: frozenset[str], now: float
    ) -> Sent:
        """A code for what was chosen; where that is more than was asked for, the client is told of the mistake."""
        client, excess = asked.client, chosen - asked.scopes
        if excess:
            log.warning("OAuth: a form for %s has scopes of its own: %s", plain(client.id), plain(" ".join(excess)))
        else:
            what = f"{client.id} {' '.join(sorted(chosen))}"
            audit.add(db, now, f"user:{asked.user}", "oauth.agree", client.description, what[:500])
        scopes = [NONE] if excess else sorted(chosen)
        headers, _, _ = Endpoints(rules).create_authorization_response(uri, "GET", "", {}, scopes=scopes)
        return Sent(headers["Location"])

    def _exchange(self, db: Transaction, uri: str, body: str, now: float) -> Given:
        try:
            headers, answer, status = Endpoints(Rules(db, self._terms, now)).create_token_response(
                uri, "POST", body, {}
            )
        except FatalClientError as error:
            raise BadInput(error.description or error.error) from None
        except OAuth2Error as error:
            return Given(error.status_code, {"Content-Type": "application/json", **error.headers}, error.json)
        except ValueError:
            raise BadInput("The form cannot be read") from None
        return Given(status, headers, answer)


def _asker(caller: Identity) -> Asker:
    if caller.credential != "session" or caller.kind != "user":
        raise Forbidden("Only a person at a browser can agree to this")
    return Asker(caller.name, caller.credential_id)


def _back(error: Any) -> Sent:
    log.warning("OAuth: a request of %s is sent back: %s", plain(error.client_id or ""), plain(error.description or ""))
    return Sent(error.in_uri(error.redirect_uri))


@reads
def _sender(db: Snapshot, body: str) -> str:
    """The client that proves itself in the form; "" where none does."""
    try:
        form = dict(parse_qsl(body, max_num_fields=FIELDS))
    except ValueError:
        return ""
    client = proven(db, form.get("client_id", ""), form.get("client_secret", ""))
    return client.id if client else ""
