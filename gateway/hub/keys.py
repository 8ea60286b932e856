"""The hub's keys: kept in the store, the same after every restart. The one that signs is renewed now and then."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gateway.store import keys
from gateway.store.store import Store


class Keys:
    def __init__(self, signing_keys: Sequence[str], xsrf: bytes) -> None:
        """`signing_keys` are Ed25519 private keys in PEM; the first signs, the others are published still."""
        self.xsrf = xsrf
        self.signing_key = self.signing_key_id = ""
        self._public: list[bytes] = []
        self.sign_with(signing_keys)

    @classmethod
    async def load(cls, store: Store, now: float) -> Keys:
        """Those in the store; the first hub makes them."""
        signing = await store(keys.first_signing, new_signing_key(), now)
        xsrf = await store(keys.get_or_add, "xsrf", secrets.token_hex(32))
        return cls([key for _, key in signing], bytes.fromhex(xsrf))

    def sign_with(self, signing_keys: Sequence[str]) -> None:
        self._public = [_public(key) for key in signing_keys]
        self.signing_key, self.signing_key_id = signing_keys[0], _id(self._public[0])

    def jwks(self) -> dict[str, Any]:
        """The public halves as a JSON Web Key Set, for `{base}hub/api/jwks.json`."""
        return {"keys": [_jwk(public) for public in self._public]}


def new_signing_key() -> str:
    private = Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public(signing_key: str) -> bytes:
    private = cast(Ed25519PrivateKey, load_pem_private_key(signing_key.encode(), None))
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def _jwk(public: bytes) -> dict[str, str]:
    x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": _id(public), "x": x}
