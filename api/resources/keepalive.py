"""When a server will be stopped by itself, and a word that it should not yet."""

from __future__ import annotations

from typing import TypedDict

from falcon.asgi import Response

from api.operation import Resource, operation
from api.request import Request
from api.resources.models import Stamp, stamp
from gateway.errors import Conflict, NotFound
from gateway.hub.lifecycle import State


class EndingModel(TypedDict):
    ends_at: Stamp | None
    reason: str
    """`idle` or `age`; empty when nothing ends it soon."""


class KeepAlive(Resource):
    """`…/server/keep-alive` and `…/servers/{server}/keep-alive`."""

    @operation("Will it be stopped soon?", scopes=("read:servers",), answers={200: EndingModel})
    async def on_get(self, _req: Request, resp: Response, user: str, server: str = "") -> None:
        """`ends_at` is null until its owner is warned (`[idle] warn_before`)."""
        await self._there(user, server)
        resp.media = self._ending(user, server)

    @operation("Keep it alive", scopes=("users:activity",), answers={200: EndingModel, 409: None})
    async def on_post(self, _req: Request, resp: Response, user: str, server: str = "") -> None:
        """As use of it: for another `[idle] timeout`. Against `max_age` it is of no avail."""
        if await self._there(user, server) != State.READY:
            raise Conflict("the server is not running")
        await self.hub.culling.keep_alive(user, server)
        resp.media = self._ending(user, server)

    async def _there(self, user: str, server: str) -> str:
        record = await self.hub.servers.get(user, server) if await self.hub.users.get(user) else None
        if record is None:
            raise NotFound("No such server" if server else "No such user")
        return record.state

    def _ending(self, user: str, server: str) -> EndingModel:
        found = self.hub.culling.ending(user, server)
        return EndingModel(ends_at=stamp(found.at) if found else None, reason=found.why if found else "")
