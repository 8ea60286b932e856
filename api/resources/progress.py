"""The steps of a start as server-sent events (JupyterHub's section 1.5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from falcon.asgi import Response, SSEvent

from api.operation import Events, Resource, operation
from api.request import Request
from api.resources.models import progress_event
from api.streams import begin
from gateway.errors import NotFound
from gateway.model import Progress

PING = 8.0
"""Seconds between signs of life; a client that is gone is noticed at the next one."""


class ServerProgress(Resource):
    """`GET …/server/progress` and `…/servers/{server}/progress`."""

    @operation("The steps of a start, as they happen", scopes=("read:servers",), answers={200: Events})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        if await self.hub.users.get(user) is None or await self.hub.servers.get(user, server) is None:
            raise NotFound("No such server" if server else "No such user")
        steps = self.hub.servers.progress(user, server)
        # The first step is taken here: if there is none, the answer can still be an error.
        first = await anext(steps)
        begin(resp, events(first, steps, PING))


async def events(first: Progress, steps: AsyncIterator[Progress], every: float) -> AsyncIterator[SSEvent | None]:
    """The steps as events, and None (a comment) when nothing happens for a while."""
    yield _event(first)
    coming = asyncio.ensure_future(anext(steps))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=every)
            if not done:
                yield None
                continue
            try:
                step = coming.result()
            except StopAsyncIteration:
                return
            yield _event(step)
            coming = asyncio.ensure_future(anext(steps))
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming


def _event(step: Progress) -> SSEvent:
    return SSEvent(json=progress_event(step))
