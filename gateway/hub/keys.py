"""The hub's keys: made once, kept in the store, the same after every restart."""

from __future__ import annotations

import base64
import hashlib
import secrets
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
    def __init__(self, signing_key: str, xsrf: bytes) -> None:
        self.signing_key = signing_key
        """Ed25519 private key, PEM."""
        self.xsrf = xsrf
        private = cast(Ed25519PrivateKey, load_pem_private_key(signing_key.encode(), None))
        self._public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.signing_key_id = hashlib.sha256(self._public).hexdigest()[:16]

    @classmethod
    async def load(cls, store: Store) -> Keys:
        """Those in the store; the first hub makes them."""
        signing_key = await store(keys.get_or_add, "signing", _new_signing_key())
        xsrf = await store(keys.get_or_add, "xsrf", secrets.token_hex(32))
        return cls(signing_key, bytes.fromhex(xsrf))

    def jwks(self) -> dict[str, Any]:
        """The public half as a JSON Web Key Set, for `{base}hub/api/jwks.json`."""
        x = base64.urlsafe_b64encode(self._public).rstrip(b"=").decode()
        key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.signing_key_id, "x": x}
        return {"keys": [key]}


def _new_signing_key() -> str:
    private = Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
