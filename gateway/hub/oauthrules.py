"""What OAuth's protocol (oauthlib) asks of us, answered from one moment of the store.

The protocol is oauthlib's: which parameters there must be, in which order they are judged,
what each mistake is called. The rules are JupyterHub's: who is a client, what it may ask for.
Where they leave a hole, we are stricter, and `docs/oauth.md` says so.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from oauthlib.oauth2 import AuthorizationCodeGrant, AuthorizationEndpoint, BearerToken, RequestValidator, TokenEndpoint
from oauthlib.oauth2.rfc6749.errors import MismatchingRedirectURIError, MissingRedirectURIError

from gateway.clients import Client, Code, bound
from gateway.hub import credentials
from gateway.hub.scoping import IDENTIFY, Scoping
from gateway.hub.words import plain
from gateway.model import Token, User, digest
from gateway.store import oauth
from gateway.store.work import Snapshot, Transaction, reads

log = logging.getLogger(__name__)

CODE_SECONDS = 300.0
PREFIX = 6
"""Of a token, in the clear."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all requests."""

    scoping: Scoping
    roles: Mapping[str, Collection[str]]
    """A client may ask for a role's scopes by its name."""
    require_pkce: bool = False
    token_max_age: int = 0
    """Seconds; 0 = as long as the browser session."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose browser it is."""

    user: str
    session: str
    """Row id."""


@reads
def proven(db: Snapshot, identifier: str, secret: str) -> Client | None:
    """The client, if that is its secret."""
    client = oauth.client(db, identifier)
    right = hmac.compare_digest(digest(secret), client.secret if client else digest(secrets.token_hex()))
    return client if right else None


class Grant(AuthorizationCodeGrant):
    """Redirects are compared with the one address that the client has, which may be a path of ours."""

    refresh_token = False

    def _handle_redirects(self, request: Any) -> None:
        client: Client = request.client
        if request.redirect_uri is None:
            request.redirect_uri = client.redirect_uri
        elif request.redirect_uri != client.redirect_uri:
            log.warning("OAuth: %s names another address: %s", plain(client.id), plain(request.redirect_uri))
            raise MismatchingRedirectURIError(request=request)
        if not request.redirect_uri:
            raise MissingRedirectURIError(request=request)

    def prepare_authorization_response(self, request: Any, *rest: Any) -> Any:
        request.response_mode = "query"
        return super().prepare_authorization_response(request, *rest)


class Endpoints(AuthorizationEndpoint, TokenEndpoint):
    """The two endpoints, with the one grant that there is."""

    def __init__(self, rules: Rules) -> None:
        grant = Grant(rules)
        bearer = BearerToken(rules, lambda _request: secrets.token_urlsafe(32), rules.lifetime)
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": grant})
        TokenEndpoint.__init__(self, "authorization_code", bearer, {"authorization_code": grant})


class Rules(RequestValidator):
    """One for each request: it holds that request's transaction."""

    def __init__(self, db: Transaction, terms: Terms, now: float, asker: Asker | None = None) -> None:
        super().__init__()
        self._db = db
        self._terms = terms
        self._now = now
        self._asker = asker
        self._code: Code | None = None
        self.required: frozenset[str] = frozenset()
        """Of the scopes, those that every token of this client has."""

    # ── the browser comes ────────────────────────────────────────────────────

    def validate_client_id(self, client_id: str, request: Any, *_args: Any, **_kwargs: Any) -> bool:
        client = oauth.client(self._db, client_id)
        if client is None:
            log.warning("OAuth: there is no client %s", plain(client_id))
            return False
        request.client = client
        self.required = frozenset((*IDENTIFY["user"], client.access))
        return True

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *_args: Any, **_kwargs: Any
    ) -> bool:
        return response_type == "code"

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return self._terms.require_pkce

    def get_default_scopes(self, client_id: str, request: Any, *_args: Any, **_kwargs: Any) -> list[str]:
        client: Client = request.client
        return list(client.scopes) if "inherit" in client.scopes else [*client.scopes, *self.required]

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *_args: Any, **_kwargs: Any
    ) -> bool:
        """All of them within what the client may ask for; what the user holds of them is `granted`'s business."""
        wanted = self._named(set(bound(scopes, client)) - {"identify"})
        if wanted is None:
            log.warning("OAuth: %s asks for scopes that are none: %s", plain(client.id), plain(" ".join(scopes)))
            return False
        wanted |= self.required
        allowed = {*client.scopes, *self.required}
        if self._within(wanted, allowed) != wanted:
            log.warning("OAuth: %s asks for more than it may: %s", plain(client.id), plain(" ".join(scopes)))
            return False
        request.scopes = sorted(wanted)
        return True

    def granted(self, scopes: Collection[str]) -> frozenset[str]:
        """What of these scopes the user holds."""
        found = self._found(scopes)
        held = self._terms.scoping.held(found) | {"inherit"}
        return self._within(scopes, held) if found.owner else frozenset()

    def _named(self, scopes: set[str]) -> set[str] | None:
        """The scopes; where these are names of roles, theirs. None = something is neither."""
        if all(self._terms.scoping.known(scope) for scope in scopes):
            return scopes
        if all(name in self._terms.roles for name in scopes):
            return {scope for name in scopes for scope in self._terms.roles[name]}
        return None

    def _within(self, scopes: Collection[str], limit: Collection[str]) -> frozenset[str]:
        found = self._found({*scopes, *limit})
        if not isinstance(found.owner, User):
            return frozenset()
        return self._terms.scoping.within(scopes, limit, found.owner, found.groups)

    def _found(self, scopes: Collection[str]) -> credentials.Found:
        user = self._asker.user if self._asker else ""
        return credentials.of_owner(self._db, "user", user, tuple(scopes), self._now)

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *_args: Any, **_kwargs: Any
    ) -> None:
        asker = self._asker
        assert asker is not None  # noqa: S101  # who asks is known before anything is agreed to
        kept = Code(
            client=client_id,
            user=asker.user,
            session=asker.session,
            redirect_uri=request.redirect_uri,
            scopes=tuple(request.scopes),
            expires_at=self._now + CODE_SECONDS,
            challenge=request.code_challenge or "",
            challenge_method=request.code_challenge_method or "",
        )
        oauth.add_code(self._db, kept, digest(code["code"]))

    # ── the client comes ─────────────────────────────────────────────────────

    def client_authentication_required(self, request: Any, *_args: Any, **_kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *_args: Any, **_kwargs: Any) -> bool:
        """By its secret in the form, and by nothing else."""
        client = proven(self._db, request.client_id or "", request.client_secret or "")
        if client is None:
            log.warning("OAuth: the secret of client %s is wrong", plain(request.client_id or ""))
            return False
        request.client = client
        return True

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *_args: Any, **_kwargs: Any
    ) -> bool:
        return bool(grant_type == "authorization_code")

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *_args: Any, **_kwargs: Any) -> bool:
        found = oauth.code(self._db, digest(code), self._now)
        reason = ""
        if found is None:
            reason = "is unknown or too old"
        elif found.client != client_id:
            reason = f"belongs to {found.client}"
        elif found.token:
            oauth.spoil(self._db, found)
            reason = "was used before, so its token ends"
        elif request.code_verifier is not None and not found.challenge:
            reason = "was asked for without the challenge that its verifier is for"
        if found is None or reason:
            log.warning("OAuth: the code that %s brings %s", plain(client_id), reason)
            return False
        self._code = found
        request.user = found.user
        request.scopes = list(found.scopes)
        return True

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        return (self._code.challenge if self._code else "") or None

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        return (self._code.challenge_method if self._code else "") or None

    def get_default_redirect_uri(self, client_id: str, request: Any, *_args: Any, **_kwargs: Any) -> str:
        return self._code.redirect_uri if self._code else ""

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Any, *_args: Any, **_kwargs: Any
    ) -> bool:
        return self._code is not None and redirect_uri == self._code.redirect_uri

    def lifetime(self, _request: Any) -> int:
        """Seconds of a token: no longer than the browser session."""
        left = int(self._code.session_expires_at - self._now) if self._code else 0
        return min(left, self._terms.token_max_age or left)

    def save_token(self, token: dict[str, Any], request: Any, *_args: Any, **_kwargs: Any) -> None:
        code = self._code
        assert code is not None  # noqa: S101  # no token without one
        value, client = token["access_token"], request.client
        kept = Token(
            id="",
            owner_kind="user",
            owner=code.user,
            prefix=value[:PREFIX],
            scopes=code.scopes,
            note=f"OAuth for {client.description}",
            created=self._now,
            expires_at=self._now + token["expires_in"],
            last_used=None,
        )
        oauth.use_code(self._db, digest(request.code), kept, digest(value))

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        self.save_token(token, request)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *_args: Any, **_kwargs: Any
    ) -> None:
        """`save_token` has marked it as used; it stays known until its time is over, so that a second use is seen."""
