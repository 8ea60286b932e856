"""The addon that records what captures cover: it looks on while bodies and messages pass.

Nothing waits for it and nothing is changed. Secrets are hidden before a record leaves the
worker (`records`, `conversation`); what the filter of a capture does not want is dropped.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow, Message
from mitmproxy.websocket import WebSocketMessage

from gateway.proxy.addons import METADATA
from gateway.proxy.capture import Captures, Running, user_of
from gateway.proxy.conversation import Conversation
from gateway.proxy.exchange import Clock, Exchange
from gateway.proxy.records import SLACK, Part, Record, Seen, record

log = logging.getLogger(__name__)

MARK = "hubgate-record "
"""Before a request's id, among the names of the addons that want its flow."""
WINDOW, SHARE = 0.5, 0.2
"""Seconds, and the part of them that records may cost before bodies and messages are left out."""
AT_ONCE = 48 * 1024 * 1024
"""Bytes of bodies that are collected at a time; with more, heads alone are recorded."""
type Stream = bool | Callable[[bytes], Iterable[bytes] | bytes]
NO_BODY = "bodies of the hub itself are not recorded"
BUSY = "too much was to be recorded at once"


@dataclass(eq=False)
class Tee:
    """What passes, kept up to a limit."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0

    def __call__(self, data: bytes) -> bytes:
        self.size += len(data)
        if (room := self.limit - len(self.kept)) > 0:
            self.kept += data[:room]
        return data


class Effort:
    """How much of a worker's time goes into records; with too much, what is large is left out for a while."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._since = clock()
        self._spent = 0.0

    @property
    def exhausted(self) -> bool:
        if self._clock() - self._since >= WINDOW:
            self._since, self._spent = self._clock(), 0.0
        return self._spent > WINDOW * SHARE

    @contextmanager
    def counted(self) -> Iterator[None]:
        begun = self._clock()
        try:
            yield
        finally:
            self._spent += self._clock() - begun


@dataclass(eq=False)
class Take:
    """One flow that is recorded."""

    exchange: Exchange
    running: list[Running]
    omitted: str
    request: Tee
    response: Tee
    told: list[Running] = field(default_factory=list)
    """Those that have its record, so that its messages follow."""
    conversations: list[Conversation] = field(default_factory=list)
    """One for each of them."""
    messages: int = 0
    done: bool = False


class Recorder:
    name = "hubgate-recorder"

    def __init__(self, captures: Captures, clock: Clock, secret: str = "") -> None:
        self._captures = captures
        self._clock = clock
        self._secret = secret
        self._effort = Effort()
        self._takes: WeakKeyDictionary[Flow, Take] = WeakKeyDictionary()

    def missed(self, capture: str, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Open WebSockets that the capture covers and does not see, because they were there before."""
        running, now = self._captures.find(capture), self._clock()
        if running is None:
            return []
        seen = {take.exchange for take in self._takes.values() if running in take.told}
        return [each for each in exchanges if each.upgraded and each not in seen and running.covers(each, now)]

    # ── mitmproxy's hooks ────────────────────────────────────────────────────

    def requestheaders(self, flow: HTTPFlow) -> None:
        mark = next((name for name in flow.metadata.get(METADATA, ()) if name.startswith(MARK)), None)
        exchange = self._captures.taken(mark.removeprefix(MARK)) if mark else None
        if exchange is None or not (running := self._captures.covering(exchange, self._clock())):
            return
        omitted = NO_BODY if exchange.forward is None or exchange.forward.route.kind == "hub" else ""
        limit = 0 if omitted else max(each.order.body for each in running) + SLACK
        if len(self._takes) * limit * 2 > AT_ONCE:
            limit, omitted = 0, BUSY
        take = self._takes[flow] = Take(exchange, running, omitted, Tee(limit), Tee(limit))
        flow.request.stream = _teed(flow.request.stream, take.request)

    def request(self, flow: HTTPFlow) -> None:
        if (take := self._takes.get(flow)) is not None:
            _whole(flow.request, take.request)

    def responseheaders(self, flow: HTTPFlow) -> None:
        if (take := self._takes.get(flow)) is not None and flow.response is not None:
            flow.response.stream = _teed(flow.response.stream, take.response)

    def response(self, flow: HTTPFlow) -> None:
        if (take := self._takes.get(flow)) is not None and flow.response is not None:
            _whole(flow.response, take.response)
            self._tell_flow(flow, take)

    def error(self, flow: HTTPFlow) -> None:
        if (take := self._takes.get(flow)) is not None:
            self._tell_flow(flow, take)

    def websocket_message(self, flow: HTTPFlow) -> None:
        take = self._takes.get(flow)
        if take is None or flow.websocket is None:
            return
        take.messages += 1
        with self._effort.counted():
            self._tell_message(flow.websocket.messages[-1], take)

    def websocket_end(self, flow: HTTPFlow) -> None:
        take = self._takes.pop(flow, None)
        if take is None or flow.websocket is None:
            return
        end = flow.websocket
        for running in filter(self._goes_on, take.told):
            redactor = running.redactor(take.exchange, self._secret)
            reason = end.close_reason or ""
            if redactor is not None:
                (reason,) = redactor.hide.cleaned([redactor.text(reason)])
            self._tell(running, {
                "kind": "end", "flow": take.exchange.id, "time": end.timestamp_end or self._clock(),
                "code": end.close_code, "reason": reason, "by_client": bool(end.closed_by_client),
            })  # fmt: skip

    # ── records ──────────────────────────────────────────────────────────────

    def _goes_on(self, running: Running) -> bool:
        """Also an open WebSocket is not recorded any longer than its capture runs."""
        return running in self._captures.running and self._clock() < running.order.until

    def _tell_flow(self, flow: HTTPFlow, take: Take) -> None:
        if take.done:
            return
        take.done = True
        if self._effort.exhausted:
            take.omitted = take.omitted or BUSY
        with self._effort.counted():
            seen = _seen(flow, take)
            for running in filter(self._goes_on, take.running):
                self._tell_seen(running, seen, flow, take)
        if not take.told:
            self._takes.pop(flow, None)

    def _tell_seen(self, running: Running, seen: Seen, flow: HTTPFlow, take: Take) -> None:
        redactor = running.redactor(take.exchange, self._secret)
        made = record(seen, redactor, running.order.body)
        if running.wanted is not None and not running.wanted(made):
            return
        if self._tell(running, made) and seen.websocket:
            take.told.append(running)
            take.conversations.append(Conversation(seen.target, _subprotocol(flow), redactor, running.order.body))

    def _tell_message(self, message: WebSocketMessage, take: Take) -> None:
        for running, conversation in zip(take.told, take.conversations, strict=True):
            if not self._goes_on(running):
                continue
            data, text, sent = message.content, message.is_text, message.from_client
            shown: Record = {"size": len(data), "omitted": BUSY}
            if not self._effort.exhausted:
                shown = conversation.message(data, text=text, from_client=sent)
            self._tell(running, {
                "kind": "message", "flow": take.exchange.id, "number": take.messages, "time": message.timestamp,
                "from_client": sent, "text": text, **shown,
            })  # fmt: skip

    def _tell(self, running: Running, made: Record) -> bool:
        return self._captures.reel.add(running.order.id, json.dumps(made, separators=(",", ":")))


def _teed(stream: Stream, tee: Tee) -> Stream:
    """What is streamed is looked at on its way; another addon's own way comes after."""
    if not stream:
        return stream
    if not callable(stream):
        return tee
    return lambda data: stream(tee(data))


def _whole(message: Message, tee: Tee) -> None:
    """The body was not streamed, because an addon wanted it whole."""
    if not tee.size and message.raw_content:
        tee(message.raw_content)


def _seen(flow: HTTPFlow, take: Take) -> Seen:
    exchange, request, response = take.exchange, flow.request, flow.response
    forward = exchange.forward
    times = {"begin": exchange.started}
    if request.timestamp_end:
        times["sent"] = request.timestamp_end
    if (set_up := flow.server_conn.timestamp_tcp_setup) and (start := flow.server_conn.timestamp_start):
        times["connect"] = set_up - start
    if response is not None:
        times["first"] = response.timestamp_start
        times["end"] = response.timestamp_end or response.timestamp_start
    return Seen(
        id=exchange.id,
        user=user_of(exchange),
        route=forward.route.id if forward else "",
        owner=forward.route.owner if forward else "",
        client=exchange.peer,
        scheme=exchange.facts.scheme if exchange.facts else "http",
        host=exchange.facts.host if exchange.facts else "",
        method=request.method,
        target=exchange.head.target.decode("latin-1"),
        version=request.http_version,
        request=_part(request, take.request, take.omitted),
        status=response.status_code if response is not None else 0,
        reason=response.reason if response is not None else "",
        response=_part(response, take.response, take.omitted) if response is not None else None,
        error=flow.error.msg if flow.error else "",
        websocket=flow.websocket is not None,
        times=times,
    )


def _part(message: Message, tee: Tee, omitted: str) -> Part:
    headers = [(_text(name), _text(value)) for name, value in message.headers.fields]
    return Part(headers, bytes(tee.kept), tee.size, omitted)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _subprotocol(flow: HTTPFlow) -> str:
    return flow.response.headers.get("Sec-WebSocket-Protocol", "") if flow.response is not None else ""
