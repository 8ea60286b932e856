"""What passes the gateway: the last requests as a table, by a script those that come, too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.page import Page, shortened
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput
from gateway.hub.requestfilter import LANES, wanted
from gateway.hub.requestlog import newest

SHOWN = 200
"""Requests of a table."""
FIELDS = ("user", "server", "path", "method", "status", "slower", "lane")
"""Filters that have a field in the form."""
PATH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    number: Annotated[int, "Its place in the log"]
    time: Annotated[str, "When it began: hours, minutes, seconds, UTC"]
    user: Annotated[str, "Who sent it, or empty"]
    method: Annotated[str, "Its method"]
    path: Annotated[str, "Its path and query, without secrets"]
    status: Annotated[int, "The answer's status; 0 = none was sent"]
    kind: Annotated[str, "The status' class: `s2`, `s4`, …"]
    seconds: Annotated[str, "How long it took"]
    sent: Annotated[str, "Bytes to the client"]
    lane: Annotated[str, "express, flow, or gate"]
    more: Annotated[str, "The rest in one line: request id, client, route, worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminTrafficContext(Context):
    template: ClassVar[str] = "admin_traffic.html"
    rows: Annotated[tuple[RequestRow, ...], "The last requests, the newest first"]
    chosen: Annotated[Mapping[str, str], "The filter, field by field"]
    lanes: Annotated[tuple[str, ...], "What the lane's field offers"]
    events: Annotated[str, "Path of the stream of those that come; empty when the filter is wrong"]
    newest: Annotated[int, "Number of the newest request of all"]
    lost: Annotated[int, "How many the log could not get"]
    action: Annotated[str, "The page itself"]
    captures: Annotated[str, "The path of the page of captures; empty if it is not for the reader"]
    message: Annotated[str, "What is wrong with the filter, or empty"]


class AdminTraffic(Page):
    """`/hub/admin/traffic`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        identity = await self.access.require(req, "read:traffic")
        chosen = {name: text for name in FIELDS if (text := req.query(name).strip())}
        log, frame = self.hub.requests, self.frame(req)
        last, message, rows = log.number, "", []
        try:
            rows = await asyncio.to_thread(newest, log.after(), wanted(chosen), SHOWN)
        except BadInput as error:
            message = plain(error.message)
        query = urlencode({**chosen, "after": last, "_xsrf": frame.xsrf})
        context = AdminTrafficContext(
            frame=frame,
            rows=tuple(map(_row, rows)),
            chosen={name: plain(chosen.get(name, "")) for name in FIELDS},
            lanes=LANES,
            events="" if message else f"{self.urls.hub}api/traffic/requests/stream?{query}",
            newest=last,
            lost=log.lost,
            action=self.urls.admin("traffic"),
            captures=self.urls.admin("captures") if await self.access.holds(identity, "admin:traffic") else "",
            message=message,
        )
        self.show(req, resp, context, 400 if message else 200)


def _row(request: Mapping[str, object]) -> RequestRow:
    """A line of a worker's log, whose texts come from anybody."""
    status, seconds, sent = (_whole(request, "status"), float(str(request["seconds"])), _whole(request, "sent"))
    return RequestRow(
        number=_whole(request, "number"),
        time=plain(str(request["time"]))[11:19],
        user=plain(str(request["user"])),
        method=plain(str(request["method"])),
        path=shortened(str(request["path"]), PATH),
        status=status,
        kind=f"s{status // 100}",
        seconds=f"{seconds:.3f} s",
        sent=str(sent),
        lane=plain(str(request["lane"])),
        more=plain(" · ".join(str(request[name]) for name in ("id", "client", "route", "worker"))),
    )


def _whole(request: Mapping[str, object], name: str) -> int:
    return int(str(request[name]))
