"""The requests that the workers have served: the last ones, and those that come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypedDict

from falcon.asgi import Response, SSEvent

from api.operation import Api, Events, Query, Resource, operation
from api.request import Request
from api.streams import Places, begin
from api.xsrf import FIELD
from gateway.errors import BadInput
from gateway.hub.requestfilter import MAKERS, wanted
from gateway.hub.requestlog import RequestLog, newest

DEFAULT_LIMIT = 200
MAX_LIMIT = 1000
WATCHERS = 32
EVERY = 0.25
"""Seconds between two looks for what is new."""
AT_ONCE = 250
"""Requests of one event at most; a busy gateway serves more than anybody reads."""
PING = 8.0

_FILTERS = tuple(Query(name, f"Only those whose {name} is this (docs/traffic.md).") for name in MAKERS)


class RequestModel(TypedDict):
    number: int
    worker: str
    time: str
    id: str
    client: str
    user: str
    method: str
    path: str
    status: int
    sent: int
    received: int
    seconds: float
    route: str
    lane: str


class RequestList(TypedDict):
    items: list[RequestModel]
    newest: int
    lost: int


class Requests(Resource):
    """`/traffic/requests`."""

    @operation(
        "The last requests, the newest first",
        scopes=("read:traffic",),
        query=(*_FILTERS, Query("limit", f"How many, at most {MAX_LIMIT}.", {"type": "integer"})),
        answers={200: RequestList},
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        """`lost` counts those that workers could not keep while the hub was away."""
        query = dict(req.params)
        query.pop("limit", None)
        limit = max(1, min(req.number("limit", DEFAULT_LIMIT), MAX_LIMIT))
        log = self.hub.requests
        items = await asyncio.to_thread(newest, log.after(), wanted(_texts(query)), limit)
        resp.media = {"items": items, "newest": log.number, "lost": log.lost}


class RequestStream(Resource):
    """`/traffic/requests/stream`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._places = Places(WATCHERS, f"{WATCHERS} watch already; end one of these streams first")

    @operation(
        "Requests as they end",
        scopes=("read:traffic",),
        query=(*_FILTERS, Query("after", "Begin after the request of this number.", {"type": "integer"})),
        answers={200: Events},
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        """Each event is `{requests, skipped}`; `skipped` counts what came too fast to be looked at.

        It goes on after `Last-Event-ID`, as far as that is still kept.
        """
        log = self.hub.requests
        query = dict(req.params)
        seen = req.lower.get("last-event-id", "") or str(query.pop("after", ""))
        query.pop("after", None)
        test = wanted(_texts(query))
        self._places.check()
        after = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else log.number
        begin(resp, self._places.held(events(log, test, after if after <= log.number else 0, EVERY)))


async def events(
    log: RequestLog, test: Callable[[Mapping[str, Any]], bool], number: int, every: float
) -> AsyncIterator[SSEvent | None]:
    """What comes after `number`, in events; None (a comment) when nothing came for a while."""
    silent = 0.0
    while True:
        fresh, end = log.after(number, AT_ONCE), log.number
        shown = [request for seen in fresh if test(request := seen.request())]
        skipped = end - number - len(fresh)
        # More may come while this is sent, so where it ends is settled before.
        number = end
        if shown or skipped:
            yield SSEvent(json={"requests": shown, "skipped": skipped}, event_id=str(number))
            silent = 0.0
        elif silent >= PING:
            yield None
            silent = 0.0
        await asyncio.sleep(every)
        silent += every


def _texts(query: Mapping[str, Any]) -> dict[str, str]:
    """Each filter once; the proof that `EventSource` carries in the query is none."""
    for name, value in query.items():
        if not isinstance(value, str):
            raise BadInput(f"{name} stands there more than once")
    return {name: value for name, value in query.items() if name != FIELD}
