"""The steps of a start as server-sent events (JupyterHub's section 1.5).

In our own dialect each step has its time as well, and whoever waits is told their place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial

from falcon.asgi import Response, SSEvent

from api.dialect import JUPYTERHUB, OURS, Dialect
from api.operation import Events, Resource, operation
from api.request import Request
from api.resources.models import progress_event
from api.streams import Stream, begin
from gateway.errors import NotFound
from gateway.model import Progress

PING = 8.0
"""Seconds between signs of life; a client that is gone is noticed at the next one."""
LOOK = 2.0
"""Seconds between two looks at the place in the queue."""


class ServerProgress(Resource):
    """`GET …/server/progress` and `…/servers/{server}/progress`."""

    @operation("The steps of a start, as they happen", scopes=("read:servers",), answers={200: Events})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        if await self.hub.users.get(user) is None or await self.hub.servers.get(user, server) is None:
            raise NotFound("No such server" if server else "No such user")
        steps = self.hub.servers.progress(user, server)
        # The first step is taken here: if there is none, the answer can still be an error.
        first = await anext(steps)
        if req.dialect is OURS:
            place = partial(self.hub.servers.position, user, server)
            begin(resp, events(first, steps, LOOK, OURS, lambda: _place(place())))
        else:
            begin(resp, events(first, steps, PING))


async def events(
    first: Progress,
    steps: AsyncIterator[Progress],
    every: float,
    dialect: Dialect = JUPYTERHUB,
    meanwhile: Callable[[], SSEvent | None] = lambda: None,
) -> Stream:
    """The steps as events, and `meanwhile` (None is a comment) when nothing happens for a while."""
    yield SSEvent(json=progress_event(first, dialect))
    coming = asyncio.ensure_future(anext(steps))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=every)
            if not done:
                yield meanwhile()
                continue
            try:
                step = coming.result()
            except StopAsyncIteration:
                return
            yield SSEvent(json=progress_event(step, dialect))
            coming = asyncio.ensure_future(anext(steps))
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming


def _place(position: int | None) -> SSEvent | None:
    """An event of another name, so that nobody takes it for a step."""
    return SSEvent(event="queue", json={"position": position}) if position else None
