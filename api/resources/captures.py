"""Captures: whole requests of a user, a server or a path, recorded for a stated reason.

All of it needs `admin:traffic`; to record without hiding secrets, and to read such a
capture, `admin:traffic:unredacted` as well, which no role has, and a setting.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal, TypedDict

from falcon.asgi import Response
from pydantic import Field

from api.access import actor
from api.body import Body, read
from api.operation import Download, Empty, Query, Resource, operation
from api.request import Request
from api.resources.models import Stamp, at, stamp
from gateway.captures import BODY, Scope
from gateway.errors import Forbidden, NotFound
from gateway.hub import captureexport
from gateway.hub.capturefolder import Capture
from gateway.hub.captures import SECONDS, SIZE
from gateway.hub.recording import Recording

SCOPES = ("admin:traffic",)
UNREDACTED = "admin:traffic:unredacted"
FLOWS, MOST_FLOWS = 200, 1000
MESSAGES, MOST_MESSAGES = 100, 500


class NewCapture(Body):
    reason: str
    user: str = ""
    server: str = ""
    path: str = ""
    filter: str = ""
    seconds: float = SECONDS
    size: int = SIZE
    body: int = BODY
    redact: bool = True
    hide: list[str] = Field(default_factory=list)


class CaptureModel(TypedDict):
    kind: Literal["capture"]
    id: str
    reason: str
    by: str
    user: str
    server: str
    path: str
    filter: str
    started: Stamp
    until: Stamp
    ended: Stamp | None
    running: bool
    why: str
    size: int
    body: int
    redact: bool
    hide: list[str]
    flows: int
    records: int
    bytes: int
    dropped: int
    users: list[str]


class CaptureList(TypedDict):
    items: list[CaptureModel]


class FlowSummary(TypedDict):
    number: int
    flow: str
    time: Stamp
    seconds: float
    user: str
    route: str
    client: str
    method: str
    host: str
    target: str
    status: int
    type: str
    sent: int
    received: int
    websocket: bool
    messages: int
    error: str


class FlowList(TypedDict):
    items: list[FlowSummary]
    newest: int


class FlowModel(TypedDict):
    kind: Literal["flow"]
    flow: str
    user: str
    route: str
    owner: str
    client: str
    times: dict[str, float]
    websocket: bool
    error: str
    request: dict[str, Any]
    response: dict[str, Any] | None
    messages: list[dict[str, Any]]
    end: dict[str, Any] | None
    count: int


class Captures(Resource):
    """`/traffic/captures`."""

    @operation("All captures, the newest first", scopes=SCOPES, answers={200: CaptureList})
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.media = {"items": [model(capture) for capture in self.hub.captures.listing()]}

    @operation(
        "Start a capture",
        scopes=SCOPES,
        body=NewCapture,
        answers={201: CaptureModel, 400: None, 403: None, 409: None},
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        """Whose requests (`user`), to whose server (`server`, `owner/name`), at or below which `path`: all that is
        said counts at once. `hide` names more headers, arguments, form fields and JSON keys.
        """
        wish = await read(req, NewCapture)
        if not wish.redact:
            await self.access.require(req, UNREDACTED)
        capture = await self.hub.captures.start(
            wish.reason,
            Scope(wish.user, wish.server, wish.path, wish.filter),
            by=actor(req.caller),
            seconds=wish.seconds,
            size=wish.size,
            body=wish.body,
            redact=wish.redact,
            fields=tuple(wish.hide),
        )
        resp.status, resp.media = 201, model(capture)


class OneCapture(Resource):
    """`/traffic/captures/{capture}`."""

    @operation("A capture", scopes=SCOPES, answers={200: CaptureModel, 404: None})
    async def on_get(self, req: Request, resp: Response, capture: str) -> None:
        resp.media = model(self.hub.captures.get(capture))

    @operation("Stop a capture and delete what it has", scopes=SCOPES, answers={204: Empty, 404: None})
    async def on_delete(self, req: Request, resp: Response, capture: str) -> None:
        await self.hub.captures.remove(capture, actor(req.caller))
        resp.status = 204


class StopCapture(Resource):
    """`/traffic/captures/{capture}/stop`."""

    @operation("Stop a capture, and keep what it has", scopes=SCOPES, answers={200: CaptureModel, 404: None})
    async def on_post(self, req: Request, resp: Response, capture: str) -> None:
        resp.media = model(await self.hub.captures.stop(capture, actor(req.caller)))


class ReconnectSockets(Resource):
    """`/traffic/captures/{capture}/reconnect`."""

    @operation(
        "Cut the open WebSockets that a capture misses, so that they come back recorded",
        scopes=SCOPES,
        answers={202: Empty, 404: None, 409: None},
    )
    async def on_post(self, req: Request, resp: Response, capture: str) -> None:
        await self.hub.captures.reconnect(capture, actor(req.caller))
        resp.status = 202


class Contents(Resource):
    """What a capture has recorded."""

    async def readable(self, req: Request, capture: Capture) -> bool:
        """May this caller, who may read captures, read this one?"""
        allowed = self.hub.settings.traffic.allow_unredacted
        return capture.redact or (allowed and await self.access.holds(req.caller, UNREDACTED))

    async def opened(self, req: Request, capture: str, how: str = "") -> Recording:
        """For this caller, or `Forbidden`."""
        if not await self.readable(req, self.hub.captures.get(capture)):
            await self.access.require(req, UNREDACTED)
            raise Forbidden("What is unredacted is not shown: [traffic] allow_unredacted is off")
        return await self.hub.captures.opened(capture, actor(req.caller), how)


class Flows(Contents):
    """`/traffic/captures/{capture}/flows`."""

    @operation(
        "The requests of a capture, the oldest first",
        scopes=SCOPES,
        query=(
            Query("after", "Only those with a higher number.", {"type": "integer"}),
            Query("limit", f"How many, at most {MOST_FLOWS}.", {"type": "integer"}),
        ),
        answers={200: FlowList, 404: None},
    )
    async def on_get(self, req: Request, resp: Response, capture: str) -> None:
        after, limit = req.number("after", 0), min(req.number("limit", FLOWS), MOST_FLOWS)
        flows = await (await self.opened(req, capture)).look()
        items = [{**entry.summary, "time": at(entry.summary["time"])} for entry in flows[after : after + limit]]
        resp.media = {"items": items, "newest": len(flows)}


class OneFlow(Contents):
    """`/traffic/captures/{capture}/flows/{number}`."""

    @operation(
        "A request of a capture with its answer and its messages",
        scopes=SCOPES,
        query=(
            Query("after", "Of a WebSocket's messages, only those after so many.", {"type": "integer"}),
            Query("limit", f"How many messages, at most {MOST_MESSAGES}.", {"type": "integer"}),
        ),
        answers={200: FlowModel, 404: None},
    )
    async def on_get(self, req: Request, resp: Response, capture: str, number: str) -> None:
        """`count` is how many messages there are, `end` how the WebSocket ended. Bodies have `text` or `base64`,
        `cut` if it is the beginning only, or `omitted` with the reason.
        """
        after, limit = req.number("after", 0), min(req.number("limit", MESSAGES), MOST_MESSAGES)
        recording = await self.opened(req, capture)
        flows = await recording.look()
        if not (number.isascii() and number.isdecimal() and len(number) < 8 and 0 < int(number) <= len(flows)):
            raise NotFound("No such request in this capture")
        resp.media = await recording.read(flows[int(number) - 1], after, limit)


class CaptureFile(Contents):
    """`/traffic/captures/{capture}/file/mitmproxy` and `…/file/har`."""

    @operation(
        "A capture as a file: mitmproxy's, or an HTTP Archive", scopes=SCOPES, answers={200: Download, 404: None}
    )
    async def on_get(self, req: Request, resp: Response, capture: str, form: str) -> None:
        if form not in {"har", "mitmproxy"}:
            raise NotFound("There are har and mitmproxy")
        recording = await self.opened(req, capture, form)
        name = f"capture-{recording.capture.id}.{'har' if form == 'har' else 'mitm'}"
        resp.set_header("Content-Disposition", f'attachment; filename="{name}"')
        resp.content_type = "application/json" if form == "har" else "application/octet-stream"
        resp.stream = _pieces(recording, form)


def _pieces(recording: Recording, form: str) -> AsyncIterator[bytes]:
    return captureexport.archive(recording) if form == "har" else captureexport.mitmproxy(recording)


def model(capture: Capture) -> CaptureModel:
    return {
        "kind": "capture",
        "id": capture.id,
        "reason": capture.reason,
        "by": capture.by,
        "user": capture.scope.user,
        "server": capture.scope.server,
        "path": capture.scope.path,
        "filter": capture.scope.filter,
        "started": at(capture.started),
        "until": at(capture.until),
        "ended": None if capture.ended is None else stamp(capture.ended),
        "running": capture.running,
        "why": capture.why,
        "size": capture.size,
        "body": capture.body,
        "redact": capture.redact,
        "hide": list(capture.fields),
        "flows": capture.flows,
        "records": capture.records,
        "bytes": capture.bytes,
        "dropped": capture.dropped,
        "users": list(capture.users),
    }
