"""Browser sessions: log in, log out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.hookspecs import LoginRequest
from gateway.model import Session


@dataclass(frozen=True, slots=True)
class NewSession:
    value: str
    """For the cookie; nothing else holds it."""
    session: Session


class Sessions:
    async def log_in(
        self, authenticator: str, form: Mapping[str, str], request: LoginRequest, device: str, previous: str = ""
    ) -> NewSession:
        """Judge the form and make a session. `authenticator` "" is the first one.

        `previous` is the digest of the session that the browser came with; it ends.
        Forbidden ("Invalid username or password", or what the authenticator says),
        TooMany, Unavailable (the authenticator failed).
        """
        raise NotImplementedError

    async def log_out(self, digest: str) -> None:
        raise NotImplementedError

    async def log_out_everywhere(self, user: str, by: str = "") -> None:
        raise NotImplementedError

    async def of_user(self, user: str) -> list[Session]:
        raise NotImplementedError
