"""JupyterHub's shares: who may use a server (`/shares`), and what a user or group has of others (`…/shared`)."""

from __future__ import annotations

from falcon.asgi import Response

from api.access import actor
from api.body import Body, read
from api.dialect import Varies
from api.operation import Empty, Resource, operation
from api.paging import QUERY, Page, Wrapped
from api.request import Request
from api.resources.sharing import ShareModel, Sharing, may_give, may_name, wrapped
from gateway.errors import BadInput, NotFound
from gateway.hub.shares import Wish
from gateway.hub.words import plain
from gateway.model import Grant, normalise

LISTED = Varies(jupyterhub=Wrapped[list[ShareModel]], ours=list[ShareModel])


class ShareRequest(Body):
    """With whom, and which scopes: none means `access:servers`, and all of them where they are taken away."""

    scopes: list[str] | None = None
    user: str | None = None
    group: str | None = None

    def guest(self) -> tuple[str, str]:
        """The user or the group, the other is ""."""
        if self.user and self.group:
            raise BadInput("Expected exactly one of `user` or `group`, not both.")
        if not self.user and not self.group:
            raise BadInput("Specify exactly one of `user` or `group`")
        return normalise(self.user or ""), self.group or ""


class OwnerShares(Sharing):
    """`/shares/{user}`."""

    @operation("What an owner shares with whom", scopes=("read:shares",), query=QUERY, answers={200: LISTED})
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        if await self.hub.users.get(user) is None:
            raise NotFound("No such user")
        page = wrapped(req)
        found, total = await self.hub.shares.of_owner(user, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.share_model(grant) for grant in found], total)


class ServerShares(Sharing):
    """`/shares/{user}/{server}`."""

    @operation("Who may use a server", scopes=("read:shares",), query=QUERY, answers={200: LISTED})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self._there(user, server)
        page = wrapped(req)
        found, total = await self.hub.shares.of_owner(user, server, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.share_model(grant) for grant in found], total)

    @operation(
        "Share a server with a user or a group", scopes=("shares",), body=ShareRequest, answers={200: ShareModel}
    )
    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """The scopes are added to those that the guest has already. Nobody gives a scope that they do not hold."""
        wish = await read(req, ShareRequest)
        guest, group = wish.guest()
        scopes = self.hub.shares.known_scopes(wish.scopes or [], user, server)
        await self._there(user, server)
        await may_give(self.access, req.caller, scopes, user, server)
        await may_name(self.access, req.caller, guest, group)
        await self.hub.shares.create(
            user,
            server,
            Wish(scopes, handler="direct", expires_in=None, user=guest, group=group),
            by=actor(req.caller),
        )
        resp.media = await self.share_model(await self._share(user, server, guest, group))

    @operation(
        "Take scopes from a user or a group",
        scopes=("shares",),
        body=ShareRequest,
        answers={200: ShareModel | dict[str, str]},
    )
    async def on_patch(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """What is left, `{}` when that is nothing. Open connections that stood on it end."""
        wish = await read(req, ShareRequest)
        guest, group = wish.guest()
        scopes = self.hub.shares.known_scopes(wish.scopes or [], user, server) if wish.scopes else ()
        await self._there(user, server)
        await self.hub.shares.withdraw_grants(
            user, server, user=guest, group=group, scopes=scopes, by=actor(req.caller)
        )
        left, _ = await self.hub.shares.of_owner(user, server, user=guest, group=group)
        resp.media = await self.share_model(left[0]) if left else {}

    @operation("Share a server with nobody any more", scopes=("shares",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """Codes stay as they are: whoever brings one comes in again."""
        await self._there(user, server)
        await self.hub.shares.withdraw_grants(user, server, by=actor(req.caller))
        resp.status = 204

    async def _there(self, user: str, server: str) -> None:
        await there(self, user, server)

    async def _share(self, user: str, server: str, guest: str, group: str) -> Grant:
        found, _ = await self.hub.shares.of_owner(user, server, user=guest, group=group)
        for grant in found:
            if not (grant.view_only or grant.path):
                return grant
        raise NotFound("It was taken back in the same moment")


async def there(resource: Resource, user: str, server: str) -> None:
    """The server's record exists, whether it runs or not."""
    known = await resource.hub.users.get(user)
    if known is None or await resource.hub.servers.get(user, server) is None:
        raise NotFound(f"No such server: {plain(user)}/{plain(server)}")


# ── the guests' side ─────────────────────────────────────────────────────────


class UserShared(Sharing):
    """`/users/{user}/shared`."""

    @operation("What others share with a user", scopes=("read:users:shares",), query=QUERY, answers={200: LISTED})
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        """Directly, and through groups."""
        if await self.hub.users.get(user) is None:
            raise NotFound(f"No such user: {plain(user)}")
        page: Page = wrapped(req)
        found, total = await self.hub.shares.of_user(user, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.share_model(grant) for grant in found], total)


class OneUserShared(Sharing):
    """`/users/{user}/shared/{owner}/{which}`; `which` is the server, "" the default one."""

    @operation("What a user has of a server", scopes=("read:users:shares",), answers={200: ShareModel})
    async def on_get(self, _req: Request, resp: Response, user: str, owner: str, which: str = "") -> None:
        resp.media = await self.share_model(await self._find(user, owner, which))

    @operation("Leave a server that was shared", scopes=("users:shares",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, owner: str, which: str = "") -> None:
        await self._find(user, owner, which)
        await self.hub.shares.withdraw_grants(owner, which, user=user, by=actor(req.caller))
        resp.status = 204

    async def _find(self, user: str, owner: str, which: str) -> Grant:
        found, _ = await self.hub.shares.of_owner(owner, which, user=user)
        if not found:
            raise NotFound(f"No such share for user {plain(user)} on {plain(owner)}/{plain(which)}")
        return found[0]


class GroupShared(Sharing):
    """`/groups/{group}/shared`."""

    @operation("What is shared with a group", scopes=("read:groups:shares",), query=QUERY, answers={200: LISTED})
    async def on_get(self, req: Request, resp: Response, group: str) -> None:
        if await self.hub.groups.get(group) is None:
            raise NotFound(f"No such group: {plain(group)}")
        page = wrapped(req)
        found, total = await self.hub.shares.of_group(group, offset=page.offset, limit=page.limit)
        page.answer(req, resp, [await self.share_model(grant) for grant in found], total)


class OneGroupShared(Sharing):
    """`/groups/{group}/shared/{owner}/{which}`."""

    @operation("What a group has of a server", scopes=("read:groups:shares",), answers={200: ShareModel})
    async def on_get(self, _req: Request, resp: Response, group: str, owner: str, which: str = "") -> None:
        resp.media = await self.share_model(await self._find(group, owner, which))

    @operation("Have a group leave a server", scopes=("groups:shares",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, group: str, owner: str, which: str = "") -> None:
        await self._find(group, owner, which)
        await self.hub.shares.withdraw_grants(owner, which, group=group, by=actor(req.caller))
        resp.status = 204

    async def _find(self, group: str, owner: str, which: str) -> Grant:
        found, _ = await self.hub.shares.of_owner(owner, which, group=group)
        if not found:
            raise NotFound(f"No such share for group {plain(group)} on {plain(owner)}/{plain(which)}")
        return found[0]
