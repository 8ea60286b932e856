"""What a server has written: its last lines, or all as it comes, by server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypedDict

from falcon.asgi import Response, SSEvent

from api.operation import Api, Events, Query, Resource, operation
from api.request import Request
from api.streams import Places, begin
from gateway.errors import BadInput, NotFound

LINES, MOST = 200, 5000
"""Lines without a wish, and at most."""
FOLLOWERS = 64
"""Logs that are followed at a time, of all servers."""
PING = 8.0
"""Seconds between signs of life; a client that is gone is noticed at the next one."""
EVERY = 0.5
"""As often as a log is looked at."""


class LogModel(TypedDict):
    lines: list[str]


class ServerLog(Resource):
    """`GET …/server/log` and `…/servers/{server}/log`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._places = Places(FOLLOWERS, f"{FOLLOWERS} logs are followed already; end one of these first")

    @operation(
        "What a server has written",
        scopes=("servers",),
        query=(
            Query("lines", f"The last so many lines, {LINES} if not said", {"type": "integer", "maximum": MOST}),
            Query("follow", "`true`: what is added comes as server-sent events", {"type": "boolean"}),
        ),
        answers={200: (LogModel, Events)},
    )
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """For the owner, and for those who may do everything with the server.

        With `follow=true` each event is `{lines}`, and the last one, when the server is stopped,
        `{lines: [], ended: true}`.
        """
        if await self.hub.users.get(user) is None or await self.hub.servers.get(user, server) is None:
            raise NotFound("No such server" if server else "No such user")
        lines = min(req.number("lines", LINES), MOST)
        match req.query("follow"):
            case "" | "false":
                resp.media = LogModel(lines=await self.hub.servers.log_tail(user, server, lines))
            case "true":
                self._places.check()
                begin(resp, self._places.held(events(self.hub.servers.log_follow(user, server, lines))))
            case other:
                raise BadInput(f"follow must be true or false, not {other[:64]!r}")


async def events(looks: AsyncIterator[list[str]]) -> AsyncIterator[SSEvent | None]:
    """The looks that found something as events, and None (a comment) when there was nothing for a while."""
    silent = 0.0
    async for lines in looks:
        if lines:
            yield SSEvent(json=LogModel(lines=lines))
            silent = 0.0
        else:
            silent += EVERY
        if silent >= PING:
            yield None
            silent = 0.0
    yield SSEvent(json={"lines": [], "ended": True})
