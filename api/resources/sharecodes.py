"""JupyterHub's share codes, `/share-codes`: made, listed and deleted. What came by a code outlives it there."""

from __future__ import annotations

from falcon.asgi import Response
from pydantic import Field

from api.access import actor
from api.body import Body, read
from api.operation import Empty, Query, operation
from api.paging import QUERY, Wrapped
from api.request import Request
from api.resources.shares import there
from api.resources.sharing import CodeModel, Sharing, may_give, row_of, wrapped
from gateway.errors import NotFound
from gateway.hub.shares import DEFAULT, LONGEST, SHORTEST, Wish
from gateway.hub.words import plain
from gateway.model import Invitation

PAGES = 200
"""Codes that are deleted at a time."""


class CodeRequest(Body):
    scopes: list[str] | None = None
    expires_in: int = Field(DEFAULT, ge=SHORTEST, le=LONGEST)


class OwnerCodes(Sharing):
    """`/share-codes/{user}`."""

    @operation("An owner's codes", scopes=("read:shares",), query=QUERY, answers={200: Wrapped[list[CodeModel]]})
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        if await self.hub.users.get(user) is None:
            raise NotFound("No such user")
        page = wrapped(req)
        found, total = await self.hub.shares.invitations(user, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.code_model(each) for each in found], total)


class ServerCodes(Sharing):
    """`/share-codes/{user}/{server}`."""

    @operation("A server's codes", scopes=("read:shares",), query=QUERY, answers={200: Wrapped[list[CodeModel]]})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await there(self, user, server)
        page = wrapped(req)
        found, total = await self.hub.shares.invitations(user, server, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.code_model(each) for each in found], total)

    @operation("Make a code", scopes=("shares",), body=CodeRequest, answers={200: CodeModel, 409: None})
    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """The only answer that ever holds the code."""
        wish = await read(req, CodeRequest)
        scopes = self.hub.shares.known_scopes(wish.scopes or [], user, server)
        await may_give(self.access, req.caller, scopes, user, server)
        await there(self, user, server)
        made = await self.hub.shares.create(
            user, server, Wish(scopes, expires_in=wish.expires_in, lasting=True), by=actor(req.caller)
        )
        resp.media = await self.code_model(made)

    @operation(
        "Delete a code, or all of a server's",
        scopes=("shares",),
        query=(Query("code", "The code itself."), Query("id", "Its id, `sc_1`.")),
        answers={204: Empty},
    )
    async def on_delete(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """Those who came by it keep what they have."""
        await there(self, user, server)
        for invitation in await self._wanted(req, user, server):
            await self.hub.shares.withdraw(invitation, actor(req.caller), keep_grants=True)
        resp.status = 204

    async def _wanted(self, req: Request, user: str, server: str) -> list[Invitation]:
        if code := req.query("code"):
            return [self._of(await self.hub.shares.with_code(code), user, server, "No matching code found")]
        if wanted := req.query("id"):
            missing = f"No code found matching id={plain(wanted)}"
            return [self._of(await self.hub.shares.find(row_of(wanted)), user, server, missing)]
        found, total = await self.hub.shares.invitations(user, server, limit=PAGES)
        while len(found) < total:
            more, total = await self.hub.shares.invitations(user, server, offset=len(found), limit=PAGES)
            if not more:
                break
            found += more
        return found

    @staticmethod
    def _of(found: Invitation | None, user: str, server: str, missing: str) -> Invitation:
        """Another server's code is none here."""
        if found is None or not found.prefix or (found.owner, found.server) != (user, server):
            raise NotFound(missing)
        return found
