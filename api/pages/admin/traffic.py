"""What passes the gateway: the last requests as a table, by a script those that come, too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.page import Page, shortened
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput
from gateway.hub.requestfilter import LANES, wanted
from gateway.hub.requestlog import Seen, newest

SHOWN = 200
"""Requests of a table."""
FIELDS = ("user", "server", "path", "method", "status", "slower", "lane", "id")
"""Filters that have a field in the form."""
PATH = 300
COUNTED = 2000
"""Of the newest requests, how many are looked through for what is remarkable."""
REMARKABLE = (
    ("traffic-failed", "status", "5xx"),
    ("traffic-refused", "status", "4xx"),
    ("traffic-slow", "slower", "1"),
    ("traffic-touched", "lane", "flow"),
)
"""What one looks for first: a message, and its filter."""
SCOPE = ("user", "server", "path")
"""Filters that say as well whom to record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    page: Annotated[str, "The path of the capture's page"]
    reason: Annotated[str, "Why it was started"]
    state: Annotated[str, "When it ends, and how many requests it has"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    page: Annotated[str, "The path of its page"]
    time: Annotated[str, "When it began: hours, minutes, seconds, UTC"]
    user: Annotated[str, "Who sent it, or empty"]
    method: Annotated[str, "Its method"]
    path: Annotated[str, "Its path and query, without secrets"]
    status: Annotated[int, "The answer's status; 0 = none was sent"]
    kind: Annotated[str, "The status' class: `s2`, `s4`, …"]
    seconds: Annotated[str, "How long it took"]
    sent: Annotated[str, "Bytes to the client"]
    lane: Annotated[str, "express, flow, or gate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminTrafficContext(Context):
    template: ClassVar[str] = "admin_traffic.html"
    rows: Annotated[tuple[RequestRow, ...], "The last requests, the newest first"]
    chosen: Annotated[Mapping[str, str], "The filter, field by field"]
    lanes: Annotated[tuple[str, ...], "What the lane's field offers"]
    events: Annotated[str, "Path of the stream of those that come; empty when the filter is wrong"]
    newest: Annotated[int, "Number of the newest request of all"]
    lost: Annotated[int, "How many the log could not get"]
    counted: Annotated[int, "Of how many requests `counts` tells"]
    counts: Annotated[tuple[tuple[str, int, str], ...], "What is remarkable, how many are, the path that shows them"]
    action: Annotated[str, "The page itself"]
    captures: Annotated[str, "The path of the page of captures; empty if it is not for the reader"]
    record: Annotated[str, "The path of the form that records what the filter shows; empty without one"]
    running: Annotated[tuple[Running, ...], "Captures that record now, if they are for the reader"]
    message: Annotated[str, "What is wrong with the filter, or empty"]


class AdminTraffic(Page):
    """`/hub/admin/traffic`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        identity = await self.access.require(req, "read:traffic")
        chosen = {name: text for name in FIELDS if (text := req.query(name).strip())}
        log, frame = self.hub.requests, self.frame(req)
        last, message, rows = log.number, "", []
        counted, counts = await asyncio.to_thread(_counts, log.after(log.number - COUNTED))
        try:
            rows = await asyncio.to_thread(newest, log.after(), wanted(chosen), SHOWN)
        except BadInput as error:
            message = plain(frame.language.told(error))
        query = urlencode({**chosen, "after": last, "_xsrf": frame.xsrf})
        may_record = await self.access.holds(identity, "admin:traffic")
        captures = self.urls.admin("captures") if may_record else ""
        context = AdminTrafficContext(
            frame=frame,
            rows=tuple(map(self._row, rows)),
            chosen={name: plain(chosen.get(name, "")) for name in FIELDS},
            lanes=LANES,
            events="" if message else f"{self.urls.hub}api/traffic/requests/stream?{query}",
            newest=last,
            lost=log.lost,
            counted=counted,
            counts=tuple(
                (message, count, f"{self.urls.admin('traffic')}?{urlencode({name: value})}")
                for (message, name, value), count in zip(REMARKABLE, counts, strict=True)
            ),
            action=self.urls.admin("traffic"),
            captures=captures,
            record=f"{captures}?{urlencode(scope)}" if captures and (scope := _scope(chosen)) else "",
            running=self._running(frame.language) if may_record else (),
            message=message,
        )
        self.show(req, resp, context, 400 if message else 200)

    def _row(self, request: Mapping[str, Any]) -> RequestRow:
        """A line of a worker's log, whose texts come from anybody."""
        return RequestRow(
            page=self.urls.admin("traffic", plain(request["id"])),
            time=plain(request["time"])[11:19],
            user=plain(request["user"]),
            method=plain(request["method"]),
            path=shortened(request["path"], PATH),
            status=request["status"],
            kind=f"s{request['status'] // 100}",
            seconds=f"{request['seconds']:.3f} s",
            sent=str(request["sent"]),
            lane=plain(request["lane"]),
        )

    def _running(self, language: Language) -> tuple[Running, ...]:
        now = time.time()
        return tuple(
            Running(
                page=self.urls.admin("captures", each.id),
                reason=plain(each.reason),
                state=" · ".join((
                    language.say("capture-until", time=language.until(each.until, now)),
                    language.say("capture-flows", count=each.flows),
                )),
            )
            for each in self.hub.captures.listing()
            if each.running
        )  # fmt: skip


def _counts(kept: Sequence[Seen]) -> tuple[int, list[int]]:
    """How many there are, and how many of each that is remarkable. Parses all of them: for a thread."""
    requests = [seen.request() for seen in kept]
    return len(requests), [sum(map(wanted({name: value}), requests)) for _, name, value in REMARKABLE]


def _scope(chosen: Mapping[str, str]) -> dict[str, str]:
    """Of a filter, what a capture can be started with: it takes whole paths only."""
    return {name: chosen[name] for name in SCOPE if name in chosen and (name != "path" or chosen[name][0] == "/")}
