"""`X-Hubgate-Identity`: the gateway's signed word for who stands behind a request.

A JWT by Ed25519, good for one route (`aud`) and for a minute, so that a server which gets
one can do nothing with it elsewhere. `{base}hub/api/jwks.json` has the public key. Signing
costs more than all else in a request, hence the cache. No clock: `now` is passed in.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.errors import ChannelError
from gateway.model import Identity
from gateway.routes import Route

LIFETIME = 60
RENEWED = 30
"""A token with fewer seconds left is made anew."""
CACHED = 10_000

type _Key = tuple[str, int, str]


class Signer:
    """Makes identity tokens with one key. A new key from the hub is a new signer."""

    def __init__(self, private_key: str, key_id: str, issuer: str) -> None:
        """`private_key` in PEM; `issuer` is where the gateway is found by people."""
        try:
            key = load_pem_private_key(private_key.encode(), password=None)
        except ValueError:
            raise ChannelError("the hub's signing key cannot be read") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ChannelError("the hub's signing key is not an Ed25519 key")
        self._key = key
        self._key_id = key_id
        self._issuer = issuer
        self._made: OrderedDict[_Key, tuple[float, str]] = OrderedDict()

    def token(self, identity: Identity, route: Route, now: float) -> str:
        """The identity's token for this route, with at least half a minute left."""
        key = (identity.digest, identity.revision, route.id)
        if (made := self._made.get(key)) and RENEWED <= made[0] - now <= LIFETIME:
            self._made.move_to_end(key)
            return made[1]
        expires = int(now) + LIFETIME
        token = jwt.encode(self._claims(identity, route, expires), self._key, "EdDSA", headers={"kid": self._key_id})
        self._made[key] = (expires, token)
        self._made.move_to_end(key)
        if len(self._made) > CACHED:
            self._made.popitem(last=False)
        return token

    def _claims(self, identity: Identity, route: Route, expires: int) -> dict[str, Any]:
        # No user's name holds a slash, so nobody can be taken for a service.
        return {
            "iss": self._issuer,
            "sub": identity.name if identity.kind == "user" else f"services/{identity.name}",
            "groups": list(identity.groups),
            "aud": route.id,
            "iat": expires - LIFETIME,
            "exp": expires,
        }
