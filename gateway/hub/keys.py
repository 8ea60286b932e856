"""The hub's keys: made once, kept in the store."""

from __future__ import annotations

from typing import Any


class Keys:
    signing_key: str
    """Ed25519 private key, PEM."""
    signing_key_id: str
    xsrf: bytes

    def jwks(self) -> dict[str, Any]:
        """The public half as a JSON Web Key Set, for `{base}hub/api/jwks.json`."""
        raise NotImplementedError
