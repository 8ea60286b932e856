"""One request of the log: what is known of it, and what else its sender asked for meanwhile.

What a capture has recorded is shown by the capture: the way there is one and the same.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.operation import Api
from api.pages.language import Language
from api.pages.page import Page, shortened
from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.resources.captures import Contents
from gateway.errors import NotFound
from gateway.hub import requestlog
from gateway.hub.neighbours import Neighbourhood, around
from gateway.hub.requestfilter import began

WIDTH = 1000
"""Of a row's bar of time."""
PATH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourRow:
    page: Annotated[str, "The path of its page"]
    this: Annotated[bool, "Is it the request itself?"]
    time: Annotated[str, "How long after the request it began, or before"]
    method: Annotated[str, "Its method"]
    path: Annotated[str, "Its path and query, without secrets"]
    status: Annotated[int, "The answer's status; 0 = none was sent"]
    kind: Annotated[str, "The status' class: `s2`, `s4`, …"]
    seconds: Annotated[str, "How long it took"]
    begin: Annotated[int, "Where it begins on a bar of 1000"]
    width: Annotated[int, "How long it is there"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRequestContext(Context):
    template: ClassVar[str] = "admin_request.html"
    title: Annotated[str, "Its method and path"]
    facts: Annotated[tuple[tuple[str, str], ...], "Messages of names, and values: who, where, when, how much"]
    rows: Annotated[tuple[NeighbourRow, ...], "It and its sender's requests of the same time, by when they began"]
    back: Annotated[str, "The path of the request log, of this sender"]
    record: Annotated[str, "The path of the form that records what this sender does there; empty if not for the reader"]


class AdminRequest(Page):
    """`/hub/admin/traffic/{request}`."""

    def __init__(self, api: Api, renderer: Renderer) -> None:
        super().__init__(api, renderer)
        self._contents = Contents(api)

    async def on_get(self, req: Request, resp: Response, request: str) -> None:
        identity = await self.access.require(req, "read:traffic")
        found = await asyncio.to_thread(around, self.hub.requests.after(), request)
        if found is None:
            raise NotFound("No such request is in the log, or not any more", key="no-request")
        may_record = await self.access.holds(identity, "admin:traffic")
        if may_record and (flow := await self._recorded(req, found.request)):
            redirect(resp, flow)
            return
        frame, user = self.frame(req), str(found.request["user"])
        context = AdminRequestContext(
            frame=frame,
            title=shortened(f"{found.request['method']} {found.request['path']}", PATH),
            facts=_facts(found.request, frame.language),
            rows=tuple(self._row(each, found) for each in found.all),
            back=self.urls.admin("traffic") + (f"?{urlencode({'user': user})}" if user else ""),
            record=f"{self.urls.admin('captures')}?{urlencode(_scope(found.request))}" if may_record else "",
        )
        self.show(req, resp, context)

    async def _recorded(self, req: Request, request: requestlog.Request) -> str:
        """The page of this request in a capture that the caller may read, or ""."""
        first = began(request)
        for capture, number in await self.hub.captures.holding(request["id"], first, first + request["seconds"]):
            if await self._contents.readable(req, capture):
                return self.urls.admin("captures", capture.id, str(number))
        return ""

    def _row(self, request: requestlog.Request, found: Neighbourhood) -> NeighbourRow:
        first, whole = began(request), found.end - found.begin
        begin = min(max(0.0, first - found.begin), whole)
        end = min(max(begin, first + request["seconds"] - found.begin), whole)
        place = min(round(WIDTH * begin / whole), WIDTH - 4)
        return NeighbourRow(
            page=self.urls.admin("traffic", plain(request["id"])),
            this=request["id"] == found.request["id"],
            time=f"{first - began(found.request):+.3f} s",
            method=plain(request["method"]),
            path=shortened(request["path"], PATH),
            status=request["status"],
            kind=f"s{request['status'] // 100}",
            seconds=f"{request['seconds']:.3f} s",
            begin=place,
            width=max(4, round(WIDTH * end / whole) - place),
        )


def _facts(request: requestlog.Request, language: Language) -> tuple[tuple[str, str], ...]:
    sent, received = (language.size(request[name]) for name in ("sent", "received"))
    facts = {
        "user-name": request["user"],
        "flow-client": request["client"],
        "flow-route": request["route"],
        "traffic-time": request["time"].replace("T", " ").removesuffix("Z"),
        "traffic-took": f"{request['seconds']:.3f} s",
        "traffic-status": _status(request["status"]) or language.say("request-unanswered"),
        "request-sent": sent,
        "request-received": received,
        "traffic-lane": request["lane"],
        "request-worker": request["worker"],
        "flow-id": request["id"],
    }
    return tuple((name, plain(value)) for name, value in facts.items())


def _status(status: int) -> str:
    """With its words, where it has any; "" for none."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status or "")


def _scope(request: requestlog.Request) -> dict[str, str]:
    """What a capture of requests like this would be started with."""
    kind, _, server = request["route"].partition(":")
    scope = {"user": request["user"], "server": server if kind == "server" else ""}
    return {name: value for name, value in scope.items() if value} or {"path": request["path"].partition("?")[0]}
