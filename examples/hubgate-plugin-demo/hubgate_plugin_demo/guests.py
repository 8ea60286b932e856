"""Guests enter under any name that begins with `guest-`, with the word of the day."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from gateway.errors import BadInput
from gateway.hookspecs import Authenticator, LoginRequest
from gateway.model import Login, checked_name


class GuestOptions(BaseModel):
    """`[authenticator.guests]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    word: str = Field(min_length=1)


class Guests(Authenticator):
    Options: ClassVar = GuestOptions
    options: GuestOptions
    name = "guests"
    display_name = "Guests"

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        try:
            name = checked_name(form.get("username", "")[:100])
        except BadInput:
            return None
        word = form.get("password", "")[:1000].encode("utf-8", "replace")
        right = hmac.compare_digest(word, self.options.word.encode())
        return Login(name, admin=False) if right and name.startswith("guest-") else None
