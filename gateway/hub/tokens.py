"""API tokens: make, list, revoke."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.model import Token


class Tokens:
    async def make(
        self, owner: str, scopes: Sequence[str] = (), note: str = "", expires_in: float | None = None, by: str = ""
    ) -> tuple[str, Token]:
        """The value (shown once) and the record, for user `owner`. No scopes = "inherit".

        NotFound (owner), BadInput (scope unknown or more than the owner has, expiry, note).
        """
        raise NotImplementedError

    async def of_user(self, owner: str) -> list[Token]:
        raise NotImplementedError

    async def revoke(self, token_id: str, by: str = "") -> None:
        """Fine when there is none."""
        raise NotImplementedError
