"""One recorded request: its heads, its bodies, how long each part took, and what was said on its WebSocket."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from falcon.asgi import Response

from api.operation import Api
from api.pages.admin.captures import SCOPE
from api.pages.bodies import BodyView, gist, view, written
from api.pages.listing import ON_A_PAGE, Pager, offset, pager
from api.pages.page import Page, shortened
from api.pages.rendering import Context, Renderer
from api.pages.words import plain
from api.request import Request
from api.resources.captures import Contents
from gateway.errors import NotFound

WIDTH = 1000
"""Of the bar of times."""
HEADERS = 200
LINE = 80
"""Characters of a gist that stands on a line."""
PHASES = (("send", "begin", "sent"), ("wait", "sent", "first"), ("receive", "first", "end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    name: Annotated[str, "send, wait or receive"]
    begin: Annotated[int, "Where it begins on a bar of 1000"]
    width: Annotated[int, "How long it is there"]
    text: Annotated[str, "How long it took"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """A request, or a response."""

    line: Annotated[str, "Its first line"]
    headers: Annotated[tuple[tuple[str, str], ...], "Names and values"]
    body: Annotated[BodyView, "Its body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    number: Annotated[int, "Its place on the WebSocket, from 1"]
    time: Annotated[str, "How long after the request"]
    sent: Annotated[bool, "Did the client send it? Else the server did"]
    title: Annotated[str, "A kernel's channel and type of message, else text or bytes"]
    gist: Annotated[str, "Of a kernel's message: the code that it runs or the text that it shows, or empty"]
    short: Annotated[bool, "Does the gist fit on a line?"]
    body: Annotated[BodyView, "The message, or a kernel message's content"]
    head: Annotated[str, "A kernel message's header and the rest of it, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminFlowContext(Context):
    template: ClassVar[str] = "admin_flow.html"
    title: Annotated[str, "Its method and path"]
    facts: Annotated[tuple[tuple[str, str], ...], "Messages of names, and values: who, where, when"]
    spans: Annotated[tuple[Span, ...], "Where its time went"]
    request: Annotated[Half, "What was sent"]
    response: Annotated[Half | None, "What came back"]
    error: Annotated[str, "What went wrong, or empty"]
    messages: Annotated[tuple[MessageRow, ...], "A part of what was said on its WebSocket"]
    pager: Annotated[Pager, "Which part"]
    end: Annotated[str, "How the WebSocket ended, or empty"]
    unredacted: Annotated[bool, "Are secrets in it as they were?"]
    back: Annotated[str, "The path of the capture"]
    reason: Annotated[str, "Why that was started"]


class AdminFlow(Page):
    """`/hub/admin/captures/{capture}/{number}`."""

    def __init__(self, api: Api, renderer: Renderer) -> None:
        super().__init__(api, renderer)
        self._contents = Contents(api)

    async def on_get(self, req: Request, resp: Response, capture: str, number: str) -> None:
        await self.access.require(req, SCOPE)
        recording = await self._contents.opened(req, capture)
        flows, after = await recording.look(), offset(req.query("offset"))
        if not (number.isascii() and number.isdecimal() and len(number) < 8 and 0 < int(number) <= len(flows)):
            raise NotFound("No such request in this capture", key="no-request")
        record = await recording.read(flows[int(number) - 1], after, ON_A_PAGE)
        frame, request, response = self.frame(req), record["request"], record["response"]
        began, page = record["times"]["begin"], self.urls.admin("captures", capture, number)
        messages = tuple(_message(each, after + place, began) for place, each in enumerate(record["messages"], 1))
        context = AdminFlowContext(
            frame=frame,
            title=shortened(f"{request['method']} {request['target']}", 200),
            facts=(
                ("user-name", plain(record["user"])),
                ("flow-client", plain(record["client"])),
                ("flow-route", plain(record["route"])),
                ("traffic-time", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(began))),
                ("flow-id", plain(record["flow"])),
            ),
            spans=spans(record["times"]),
            request=_half(f"{request['method']} {request['target']} {request['version']}", request),
            response=_half(f"{response['status']} {response['reason']}", response) if response else None,
            error=plain(record["error"]),
            messages=messages,
            pager=pager(page, {}, after, len(messages), record["count"]),
            end=_ended(record["end"]),
            unredacted=not recording.capture.redact,
            back=self.urls.admin("captures", capture),
            reason=plain(recording.capture.reason),
        )
        self.show(req, resp, context)


def spans(times: Mapping[str, float]) -> tuple[Span, ...]:
    """The parts of a request's time, side by side; those that are not known are left out."""
    begin = times["begin"]
    whole = max(times.get("end", begin) - begin, 1e-6)
    found = []
    for name, since, until in PHASES:
        if times.get(since) and times.get(until):
            first, last = (min(max(0.0, times[each] - begin), whole) for each in (since, until))
            place, width = round(WIDTH * first / whole), round(WIDTH * max(0.0, last - first) / whole)
            text = f"{max(0.0, last - first) * 1000:.1f} ms"
            found.append(Span(name=name, begin=min(place, WIDTH - 2), width=max(2, width), text=text))
    return tuple(found)


def _half(line: str, part: Mapping[str, Any]) -> Half:
    kind = next((value for name, value in part["headers"] if name.lower() == "content-type"), "")
    return Half(line=plain(line), headers=_headers(part["headers"]), body=view(part["body"], kind))


def _headers(pairs: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((plain(name), plain(value)) for name, value in list(pairs)[:HEADERS])


def _message(record: Mapping[str, Any], number: int, began: float) -> MessageRow:
    kernel = record.get("kernel")
    body, title, head = view(record), "text" if record.get("text") is True else "bytes", ""
    if isinstance(kernel, Mapping):
        title = f"{kernel.get('channel', '')} · {kernel.get('type', '')}"
        body = view({"text": written(kernel.get("content")), "size": record.get("size", 0), "cut": record.get("cut")})
        head = written({name: value for name, value in kernel.items() if name not in ("content", "channel", "type")})
    about = gist(kernel) if isinstance(kernel, Mapping) else ""
    return MessageRow(
        number=number,
        time=f"+{max(0.0, record['time'] - began):.3f} s",
        sent=bool(record.get("from_client")),
        title=shortened(title, 100),
        gist=about,
        short=len(about) <= LINE and "\n" not in about.strip(),
        body=body,
        head=head,
    )


def _ended(end: Mapping[str, Any] | None) -> str:
    return "" if end is None else plain(f"{end['code'] or ''} {end['reason'] or ''}".strip())
