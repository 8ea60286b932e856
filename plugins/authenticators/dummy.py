"""`dummy`: any name with one shared password, or with none. For trying things out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from gateway.hookspecs import Authenticator, LoginRequest, Storage, hookimpl
from gateway.model import Login
from plugins.authenticators import forms


class DummyOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    password: str = ""


class DummyAuthenticator(Authenticator):
    """Proves nothing about a person but that they know the shared password."""

    Options = DummyOptions
    name = "dummy"
    display_name = "Shared password"

    def __init__(self, options: BaseModel, storage: Storage) -> None:
        super().__init__(options, storage)
        assert isinstance(options, DummyOptions)  # noqa: S101  # the plugin manager's promise
        self._password = options.password

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        credentials = forms.credentials(form)
        if credentials is None:
            return None
        name, password = credentials
        if self._password and not _equal(password, forms.composed(self._password)):
            return None
        return Login(name)

    def warnings(self) -> Sequence[str]:
        if self._password:
            return (
                "THE DUMMY AUTHENTICATOR IS ON: whoever knows its one password can log in under ANY name, "
                "administrators' names included. Never use it where others can reach this gateway.",
            )
        return (
            "THE DUMMY AUTHENTICATOR IS ON WITHOUT A PASSWORD: whoever reaches this gateway can log in under ANY "
            "name with ANY password, administrators' names included. Never use it where others can reach it.",
        )


def _equal(one: str, other: str) -> bool:
    """In constant time; the digests hide the length too."""
    digests = [hashlib.sha256(forms.in_bytes(text)).digest() for text in (one, other)]
    return hmac.compare_digest(*digests)


@hookimpl
def gateway_authenticators() -> Mapping[str, type[Authenticator]]:
    return {"dummy": DummyAuthenticator}
