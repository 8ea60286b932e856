"""Who stands behind a credential: read with its revision, cached until changed."""

from __future__ import annotations

from typing import Literal

from gateway.model import Identity


class Identities:
    async def resolve(self, credential: Literal["session", "token"], digest: str) -> tuple[Identity | None, int]:
        """The identity (None: unknown, expired, may not enter) and the revision read at."""
        raise NotImplementedError
