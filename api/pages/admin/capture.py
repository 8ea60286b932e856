"""One capture: what it has recorded, request by request; its end, its files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.access import actor
from api.operation import Api
from api.pages.admin.captures import SCOPE, CaptureRow, row
from api.pages.listing import Pager, offset, pager, part
from api.pages.page import Page, shortened
from api.pages.rendering import Context, Renderer
from api.pages.words import plain
from api.request import Request
from api.resources.captures import Contents
from gateway.errors import BadInput
from gateway.hub.tape import Json

TARGET = 200
FILTER = 200
"""Characters of a filter's text."""
KINDS: Mapping[str, Callable[[Json], bool]] = {
    "websocket": lambda flow: bool(flow["websocket"]),
    "failed": lambda flow: flow["status"] >= 400 or flow["status"] == 0 or bool(flow["error"]),
    "slow": lambda flow: flow["seconds"] >= 1 and not flow["websocket"],
}
"""Of a capture's requests, those that one looks for first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    page: Annotated[str, "The path of its page"]
    number: Annotated[int, "Its place in the capture, from 1"]
    time: Annotated[str, "When it began: hours, minutes, seconds, UTC"]
    user: Annotated[str, "Who sent it, or empty"]
    method: Annotated[str, "Its method"]
    target: Annotated[str, "Its path and query"]
    status: Annotated[int, "The answer's status; 0 = none"]
    kind: Annotated[str, "The status' class: `s2`, `s4`, …"]
    type: Annotated[str, "What the answer says that it is, or how many messages a WebSocket has had"]
    seconds: Annotated[str, "How long it took"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCaptureContext(Context):
    template: ClassVar[str] = "admin_capture.html"
    capture: Annotated[CaptureRow, "What is said of it"]
    users: Annotated[tuple[str, ...], "Whose requests, or requests to whose servers, are in it"]
    dropped: Annotated[int, "What could not be kept"]
    path: Annotated[str, "The text that the paths of those shown have, or empty"]
    kinds: Annotated[
        tuple[tuple[str, int, str], ...], "Kinds of requests, how many there are, and the path that shows them"
    ]
    kind: Annotated[str, "The kind of those shown; empty = all"]
    flows: Annotated[tuple[FlowRow, ...], "A part of its requests, the oldest first"]
    pager: Annotated[Pager, "Which part"]
    files: Annotated[tuple[tuple[str, str], ...], "Names and paths of its files"]
    action: Annotated[str, "Where the page's forms are posted"]
    done: Annotated[str, "What was just done, or empty"]


class AdminCapture(Page):
    """`/hub/admin/captures/{capture}`."""

    def __init__(self, api: Api, renderer: Renderer) -> None:
        super().__init__(api, renderer)
        self._contents = Contents(api)

    async def on_get(self, req: Request, resp: Response, capture: str) -> None:
        await self.access.require(req, SCOPE)
        recording = await self._contents.opened(req, capture)
        flows, frame, begin = await recording.look(), self.frame(req), offset(req.query("offset"))
        page, file = self.urls.admin("captures", capture), f"{self.urls.hub}api/traffic/captures/{capture}/file"
        path, kind = req.query("path").strip()[:FILTER], req.query("kind")
        kind = kind if kind in KINDS else ""
        fitting = [entry.summary for entry in flows if path in entry.summary["target"]]
        chosen = [flow for flow in fitting if not kind or KINDS[kind](flow)]
        shown = part(chosen, begin)
        context = AdminCaptureContext(
            frame=frame,
            capture=row(recording.capture, page, frame.language, time.time()),
            users=tuple(map(plain, recording.capture.users)),
            dropped=recording.capture.dropped,
            path=plain(path),
            kinds=tuple(
                (name, sum(map(test, fitting)), f"{page}?{urlencode({'kind': name, 'path': path})}")
                for name, test in KINDS.items()
            ),
            kind=kind,
            flows=tuple(
                FlowRow(
                    page=self.urls.admin("captures", capture, str(each["number"])),
                    number=each["number"],
                    time=time.strftime("%H:%M:%S", time.gmtime(each["time"])),
                    user=plain(each["user"]),
                    method=plain(each["method"]),
                    target=shortened(each["target"], TARGET),
                    status=each["status"],
                    kind=f"s{each['status'] // 100}",
                    type=frame.language.say("flow-messages", count=each["messages"])
                    if each["websocket"]
                    else shortened(each["type"], 60),
                    seconds=f"{each['seconds']:.3f} s",
                )
                for each in shown
            ),
            pager=pager(page, {"path": path, "kind": kind}, begin, len(shown), len(chosen)),
            files=(("HAR", f"{file}/har"), ("mitmproxy", f"{file}/mitmproxy")),
            action=page,
            done=self.done(req, frame),
        )
        self.show(req, resp, context)

    async def on_post(self, req: Request, resp: Response, capture: str) -> None:
        by = actor(await self.access.require(req, SCOPE))
        page = self.urls.admin("captures", capture)
        match req.form.get("action", ""):
            case "stop":
                await self.hub.captures.stop(capture, by)
                self.back(resp, page, "capture-stopped")
            case "reconnect":
                await self.hub.captures.reconnect(capture, by)
                self.back(resp, page, "capture-reconnected")
            case "delete":
                await self.hub.captures.remove(capture, by)
                self.back(resp, self.urls.admin("captures"), "capture-deleted")
            case _:
                raise BadInput("There is no such action", key="no-action")
