"""Our own way to share, `/shares`: an invitation is made, looked at, accepted, taken back.

A code is a secret: it is accepted by POST only, wrong ones are counted for account and
address, and the access log leaves them out of the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from falcon.asgi import Response
from pydantic import Field

from api.access import actor
from api.body import Body, read
from api.operation import Empty, operation
from api.paging import QUERY, Page
from api.request import Request
from api.resources.models import Stamp, stamp
from api.resources.shares import there
from api.resources.sharing import SharedServer, Sharing, code_id, may_give, may_name, row_of
from gateway.errors import BadInput, Forbidden, NotFound
from gateway.hub.shares import DEFAULT, LONGEST, MOST_USES, SHORTEST, UNKNOWN, Wish
from gateway.model import Grant, Invitation, normalise
from gateway.sharing import PATH_LENGTH

NOT_YOURS = (
    "You may not share this server: that needs the scope 'shares' on it. "
    "[sharing] users_may_share = true gives it to every user for servers of their own"
)


class NewShare(Body):
    server_name: str = ""
    user: str | None = None
    """Whose server; default the caller's own."""
    handler: str = "code"
    expires_in: int | None = Field(DEFAULT, ge=SHORTEST, le=LONGEST)
    scopes: list[str] | None = None
    uses: int | None = Field(None, ge=1, le=MOST_USES)
    with_user: str = ""
    with_group: str = ""
    path: str = Field("", max_length=PATH_LENGTH)
    """What lies at and below this path of the server; default all of it."""


class GuestModel(TypedDict):
    """Somebody who has come by an invitation."""

    user: str | None
    group: str | None
    scopes: list[str]
    expires_at: Stamp | None
    view_only: bool
    path: str


class InvitationModel(TypedDict):
    id: str
    handler: str
    code_prefix: str
    server: SharedServer
    scopes: list[str]
    view_only: bool
    path: str
    created: Stamp | None
    expires_at: Stamp | None
    uses: int
    max_uses: int | None


class MadeModel(InvitationModel):
    code: str | None
    url: str


class KeptModel(InvitationModel):
    guests: list[GuestModel]


class AcceptedModel(TypedDict):
    server: SharedServer
    url: str
    scopes: list[str]
    expires_at: Stamp | None
    view_only: bool
    path: str


class Inviting(Sharing):
    async def model(self, invitation: Invitation) -> InvitationModel:
        return {
            "id": code_id(invitation),
            "handler": invitation.handler,
            "code_prefix": invitation.prefix,
            "server": await self.server_model(invitation.owner, invitation.server),
            "scopes": list(invitation.scopes),
            "view_only": invitation.view_only,
            "path": invitation.path,
            "created": stamp(invitation.created),
            "expires_at": stamp(invitation.expires_at),
            "uses": invitation.uses,
            "max_uses": invitation.max_uses,
        }

    async def kept_model(self, invitation: Invitation) -> KeptModel:
        return {**await self.model(invitation), "guests": [_guest(grant) for grant in invitation.grants]}

    async def may_see(self, req: Request, scope: str, found: Invitation | None) -> Invitation:
        """By its id: only for those who hold `scope` on the server; others learn nothing."""
        place = (found.owner, found.server) if found else ("", "")
        if not await self.access.holds(req.caller, scope, user=place[0], server=place[1]):
            raise Forbidden(f"Action is not authorized with current scopes; requires any of [{scope}]")
        if found is None:
            raise NotFound(UNKNOWN)
        return found


def _guest(grant: Grant) -> GuestModel:
    return {
        "user": grant.user or None,
        "group": grant.group or None,
        "scopes": list(grant.scopes),
        "expires_at": stamp(grant.expires_at),
        "view_only": grant.view_only,
        "path": grant.path,
    }


class Invitations(Inviting):
    """`/shares`."""

    @operation("What I share", scopes=("read:shares",), filters=True, query=QUERY, answers={200: list[KeptModel]})
    async def on_get(self, req: Request, resp: Response) -> None:
        """Invitations to the caller's own servers, with those who have come by them."""
        page = Page.of(req)
        owner = req.caller.name if req.caller.kind == "user" else ""
        if owner and not await self.access.holds(req.caller, "read:shares", user=owner):
            owner = ""
        found, total = await self.hub.shares.invitations(owner, codes_only=False, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.kept_model(each) for each in found], total)

    @operation("Share a server", body=NewShare, answers={201: MadeModel, 404: None, 409: None})
    async def on_post(self, req: Request, resp: Response) -> None:
        """The only answer that ever holds the code. Needs `shares` on the server, and each scope that is given."""
        wish = await read(req, NewShare)
        if wish.user is None and req.caller.kind != "user":
            raise BadInput("user is missing: a service has no server of its own")
        owner, server = normalise(wish.user or req.caller.name), wish.server_name
        if not await self.access.holds(req.caller, "shares", user=owner, server=server):
            raise Forbidden(NOT_YOURS)
        scopes = self.hub.shares.known_scopes(wish.scopes or [], owner, server)
        await there(self, owner, server)
        await may_give(self.access, req.caller, scopes, owner, server)
        await may_name(self.access, req.caller, wish.with_user, wish.with_group)
        made = await self.hub.shares.create(owner, server, _asked(wish, scopes), by=actor(req.caller))
        url = self.accept_url(made.code) if made.code else self.server_url(owner, server, made.path)
        model: MadeModel = {**await self.model(made), "code": made.code or None, "url": url}
        resp.status = 201
        resp.media = model


def _asked(wish: NewShare, scopes: Sequence[str]) -> Wish:
    return Wish(
        scopes,
        handler=wish.handler,
        expires_in=wish.expires_in,
        max_uses=wish.uses,
        user=normalise(wish.with_user),
        group=wish.with_group,
        path=wish.path,
    )


class OneInvitation(Inviting):
    """`/shares/{code}`; for those who manage it, `code` may be the id as well."""

    @operation("What a code offers", answers={200: InvitationModel, 410: None})
    async def on_get(self, req: Request, resp: Response, code: str) -> None:
        if number := row_of(code):
            found = await self.may_see(req, "read:shares", await self.hub.shares.find(number))
        else:
            found = await self.hub.shares.look(code, actor(req.caller), req.client_address)
        resp.media = await self.model(found)

    @operation("Take an invitation back, with all that came by it", answers={204: Empty, 410: None})
    async def on_delete(self, req: Request, resp: Response, code: str) -> None:
        """Connections of those who came by it end within a second. Needs `shares` on the server."""
        if number := row_of(code):
            found = await self.hub.shares.find(number)
        else:
            found = await self.hub.shares.look(code, actor(req.caller), req.client_address, over=True)
        found = await self.may_see(req, "shares", found)
        await self.hub.shares.withdraw(found, actor(req.caller))
        resp.status = 204


class Acceptance(Inviting):
    """`/shares/{code}/accept`."""

    @operation("Accept an invitation", answers={200: AcceptedModel, 410: None})
    async def on_post(self, req: Request, resp: Response, code: str) -> None:
        """The second time it is the same grant. Needs `users:shares` on oneself, as leaving does."""
        caller = req.caller
        if caller.kind != "user":
            raise BadInput("Only users are invited, services are not")
        await self.access.require(req, "users:shares", user=caller.name)
        grant = await self.hub.shares.accept(code, caller.name, req.client_address)
        model: AcceptedModel = {
            "server": await self.server_model(grant.owner, grant.server),
            "url": self.server_url(grant.owner, grant.server, grant.path),
            "scopes": list(grant.scopes),
            "expires_at": stamp(grant.expires_at),
            "view_only": grant.view_only,
            "path": grant.path,
        }
        resp.media = model
