"""`header`: who somebody is stands in a header that a trusted proxy sets.

Workers take the headers from everybody but `[gateway] trusted_proxies`, judged by the
real peer of the connection. The proxy must set them itself in every request, and drop
what its clients send under those names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.errors import BadInput, Forbidden
from gateway.hookspecs import Authenticator, LoginRequest, Storage, hookimpl
from gateway.model import Login, checked_group_name, checked_name

LONGEST = 4096
YES, NO = ("true", "yes", "1"), ("false", "no", "0", "")


class HeaderOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    header: Annotated[str, Field(min_length=1)] = "Remote-User"
    groups_header: str = ""
    admin_header: str = ""
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    logout_url: str = ""
    display_name: str = "Single sign-on"


class HeaderAuthenticator(Authenticator):
    """Believes the proxy, and nobody else."""

    Options = HeaderOptions
    name = "header"

    def __init__(self, options: BaseModel, storage: Storage) -> None:
        super().__init__(options, storage)
        assert isinstance(options, HeaderOptions)  # noqa: S101  # the plugin manager's promise
        self._options = options
        self.display_name = options.display_name  # type: ignore[misc]  # of this instance alone

    def proxy_headers(self) -> Sequence[str]:
        own = self._options
        return [name for name in (own.header, own.groups_header, own.admin_header) if name]

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        if not request.by_proxy:
            return None
        said = _text(request, self._options.header)
        if not said:
            return None
        # A comma is what two headers in one look like.
        if "," in said:
            raise Forbidden("The proxy in front of this gateway names more than one person.")
        try:
            return Login(checked_name(said), self._admin(request), self._groups(request))
        except BadInput:
            raise Forbidden("The proxy in front of this gateway gives a name that nobody can have here.") from None

    async def log_out(self, name: str, memory: object, return_url: str) -> str:
        return self._options.logout_url

    def _groups(self, request: LoginRequest) -> tuple[str, ...] | None:
        if not self._options.groups_header:
            return None
        names = (each.strip() for each in _text(request, self._options.groups_header).split(self._options.separator))
        return tuple(dict.fromkeys(checked_group_name(name) for name in names if name))

    def _admin(self, request: LoginRequest) -> bool | None:
        if not self._options.admin_header:
            return None
        said = _text(request, self._options.admin_header).lower()
        if said not in (*YES, *NO):
            raise Forbidden("The proxy in front of this gateway does not say clearly who is an administrator.")
        return said in YES


def _text(request: LoginRequest, header: str) -> str:
    """What a header says, "" if it is not there. Proxies send UTF-8, HTTP libraries read Latin-1."""
    value = request.headers.get(header.lower(), "").strip()
    if len(value) > LONGEST:
        raise Forbidden("The proxy in front of this gateway says too much.")
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise Forbidden("What the proxy in front of this gateway says is no UTF-8.") from None


@hookimpl
def gateway_authenticators() -> Mapping[str, type[Authenticator]]:
    return {"header": HeaderAuthenticator}
