"""What the calls that share servers have in common: the shapes of their answers, and who may give what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, NotRequired, TypedDict
from urllib.parse import quote

from api.access import Access
from api.operation import Resource
from api.paging import Page
from api.request import Request
from api.resources.models import Stamp, stamp
from gateway.errors import Forbidden
from gateway.hub.lifecycle import shown
from gateway.hub.words import plain
from gateway.model import Grant, Identity, Invitation, Server, normalise


class NameModel(TypedDict):
    name: str


class SharedServer(TypedDict):
    """A server, as far as guests and owners of shares need it."""

    user: NameModel
    name: str
    url: str
    full_url: str | None
    ready: bool


class ShareModel(TypedDict):
    server: SharedServer
    scopes: list[str]
    user: NameModel | None
    group: NameModel | None
    kind: Literal["user", "group"]
    created_at: Stamp
    view_only: NotRequired[bool]
    path: NotRequired[str]
    """Both only where it is less than the server, so that JupyterHub's clients find what they know."""


class CodeModel(TypedDict):
    server: SharedServer
    scopes: list[str]
    id: str
    created_at: Stamp
    expires_at: Stamp | None
    exchange_count: int
    last_exchanged_at: Stamp | None
    view_only: NotRequired[bool]
    path: NotRequired[str]
    code: NotRequired[str]
    accept_url: NotRequired[str]
    full_accept_url: NotRequired[str | None]


class Sharing(Resource):
    """A resource that shows or changes what is shared."""

    async def server_model(self, owner: str, server: str) -> SharedServer:
        record = await self.hub.servers.get(owner, server) or Server(owner, server)
        url = self.urls.server(owner, server)
        return {
            "user": {"name": owner},
            "name": server,
            "url": url,
            "full_url": self.urls.full(url),
            "ready": shown(record.state) == "ready",
        }

    async def share_model(self, grant: Grant) -> ShareModel:
        model: ShareModel = {
            "server": await self.server_model(grant.owner, grant.server),
            "scopes": list(grant.scopes),
            "user": {"name": grant.user} if grant.user else None,
            "group": {"name": grant.group} if grant.group else None,
            "kind": "user" if grant.user else "group",
            "created_at": _when(grant.created),
        }
        if grant.view_only or grant.path:
            model["view_only"], model["path"] = grant.view_only, grant.path
        return model

    async def code_model(self, invitation: Invitation) -> CodeModel:
        model: CodeModel = {
            "server": await self.server_model(invitation.owner, invitation.server),
            "scopes": list(invitation.scopes),
            "id": code_id(invitation),
            "created_at": _when(invitation.created),
            "expires_at": stamp(invitation.expires_at),
            "exchange_count": invitation.uses,
            "last_exchanged_at": stamp(invitation.last_used),
        }
        if invitation.view_only or invitation.path:
            model["view_only"], model["path"] = invitation.view_only, invitation.path
        if invitation.code:
            accept = self.urls.accept_share(invitation.code)
            model |= {"code": invitation.code, "accept_url": accept, "full_accept_url": self.urls.full(accept)}
        return model

    def accept_url(self, code: str) -> str:
        """Where a guest accepts, for other programs to open: by the settings, not by what a request says of us."""
        return f"{self.hub.public_url}hub/accept-share?code={quote(code, safe='')}"

    def server_url(self, owner: str, server: str, path: str = "") -> str:
        """The server's whole address, or that of a path below it, by the settings too."""
        return self.hub.public_url + self.urls.server(owner, server).removeprefix(self.urls.base) + path


def code_id(invitation: Invitation) -> str:
    """JupyterHub's ids of share codes."""
    return f"sc_{invitation.id}"


def row_of(wanted: str) -> str:
    """The id of an invitation without JupyterHub's mark; "" if that is none."""
    number = wanted.removeprefix("sc_")
    return number if wanted.startswith("sc_") and number.isascii() and number.isdecimal() else ""


def wrapped(req: Request) -> Page:
    """JupyterHub's lists of shares always have `items` and `_pagination`."""
    return replace(Page.of(req), wrapped=True)


def _when(moment: float) -> Stamp:
    return stamp(moment) or ""


# ── who may give what ────────────────────────────────────────────────────────


async def may_give(access: Access, caller: Identity, scopes: Iterable[str], owner: str, server: str) -> None:
    """Nobody gives more than they hold: `Forbidden` for the first of these that the caller does not have."""
    for scope in scopes:
        if not await access.holds(caller, scope.partition("!")[0], user=owner, server=server):
            raise Forbidden(f"Do not have permission to grant share with scope {plain(scope)}")


async def may_name(access: Access, caller: Identity, user: str, group: str) -> None:
    """Whoever shares with somebody by name must be allowed to know that name."""
    if user and not await access.holds(caller, "read:users:name", user=normalise(user)):
        raise Forbidden("Need scope 'read:users:name' to share with users by name")
    if group and not await access.holds(caller, "read:groups:name", group=group):
        raise Forbidden("Need scope 'read:groups:name' to share with groups by name")
