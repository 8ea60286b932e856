"""Who looks on while what captures cover passes by: in the express lane along its steps, in the flow lane as an addon.

Flows are WebSockets, whose messages mitmproxy puts together, and what others want as flows. Nothing waits for the
recorder and nothing is changed. What it saw goes to the darkroom, where secrets are hidden and records made, before
anything leaves the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow, Message

from gateway.captures import Order
from gateway.proxy.addons import METADATA
from gateway.proxy.capture import Captures, covers, user_of
from gateway.proxy.conversation import LARGEST
from gateway.proxy.darkroom import End, Exposure, Frame, Shot
from gateway.proxy.exchange import Clock, Exchange
from gateway.proxy.express import Express
from gateway.proxy.glance import Glance, Tee, text
from gateway.proxy.records import SLACK, Part, Seen
from gateway.proxy.steps import Steps

MARK = "hubgate-record "
"""Before a request's id, among the names of the addons that want its flow."""
AT_ONCE = 48 * 1024 * 1024
"""Bytes of bodies that are collected at a time; with more, heads alone are recorded."""
type Stream = bool | Callable[[bytes], Iterable[bytes] | bytes]
NO_BODY = "bodies of the hub itself are not recorded"
GONE = "the client is gone"
BUSY = "too much was to be recorded at once"


@dataclass(eq=False)
class Take:
    """One flow that is recorded."""

    exchange: Exchange
    captures: list[Order]
    omitted: str
    request: Tee
    response: Tee
    messages: int = 0
    told: bool = False


class Recorder:
    name = "hubgate-recorder"

    def __init__(self, captures: Captures, clock: Clock, take: Callable[[Shot], None], secret: str = "") -> None:
        self._captures = captures
        self._clock = clock
        self._take = take
        """Gets what was seen."""
        self._secret = secret
        """The channel's; nobody is to read it in a record."""
        self._takes: WeakKeyDictionary[Flow, Take] = WeakKeyDictionary()
        self._glances = 0

    def missed(self, capture: str, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Open WebSockets that the capture covers and does not see, because they were there before."""
        order, now = self._captures.find(capture), self._clock()
        if order is None:
            return []
        seen = {take.exchange for take in self._takes.values() if order in take.captures}
        return [each for each in exchanges if each.upgraded and each not in seen and covers(order, each, now)]

    # ── the express lane ─────────────────────────────────────────────────────

    def along(self, express: Express, orders: list[Order]) -> Steps[bool]:
        """Do what the lane does, and tell what was seen."""
        limit, omitted = self._limit(express.exchange, orders)
        glance = Glance(express.lane.client, limit, self._clock)
        self._glances += 1
        over = False
        try:
            keep = yield from glance.along(express.run())
            over = True
            return keep
        finally:
            self._glances -= 1
            error = express.problem or ("" if over else GONE)
            if captures := self._still(orders):
                self._expose(captures, express.exchange, _glanced(express.exchange, glance, omitted, error))

    def _limit(self, exchange: Exchange, orders: list[Order]) -> tuple[int, str]:
        """How much of each body is kept; why none of it, in words."""
        if exchange.forward is None or exchange.forward.route.kind == "hub":
            return 0, NO_BODY
        limit = max(each.body for each in orders) + SLACK
        if (len(self._takes) + self._glances) * limit * 2 > AT_ONCE:
            return 0, BUSY
        return limit, ""

    # ── mitmproxy's hooks ────────────────────────────────────────────────────

    def requestheaders(self, flow: HTTPFlow) -> None:
        mark = next((name for name in flow.metadata.get(METADATA, ()) if name.startswith(MARK)), None)
        exchange = self._captures.taken(mark.removeprefix(MARK)) if mark else None
        if exchange is None or not (orders := self._captures.covering(exchange, self._clock())):
            return
        limit, omitted = self._limit(exchange, orders)
        take = self._takes[flow] = Take(exchange, orders, omitted, Tee(limit), Tee(limit))
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
            self._tell(flow, take)

    def error(self, flow: HTTPFlow) -> None:
        if (take := self._takes.get(flow)) is not None:
            self._tell(flow, take)

    def websocket_message(self, flow: HTTPFlow) -> None:
        take = self._takes.get(flow)
        if take is None or flow.websocket is None:
            return
        take.messages += 1
        if captures := self._still(take.captures):
            message = flow.websocket.messages[-1]
            data = message.content if len(message.content) <= LARGEST else b""
            self._take(
                Frame(
                    captures, take.exchange.id, take.messages, message.timestamp, message.from_client,
                    message.is_text, data, len(message.content),
                )
            )  # fmt: skip

    def websocket_end(self, flow: HTTPFlow) -> None:
        take = self._takes.pop(flow, None)
        if take is None or flow.websocket is None:
            return
        if captures := self._still(take.captures):
            end = flow.websocket
            when = end.timestamp_end or self._clock()
            reason, by_client = end.close_reason or "", bool(end.closed_by_client)
            self._take(End(captures, take.exchange.id, when, end.close_code, reason, by_client))

    # ── what goes on ─────────────────────────────────────────────────────────

    def _still(self, orders: Iterable[Order]) -> tuple[str, ...]:
        """Those that still run: an open WebSocket, too, is not recorded any longer than that."""
        now = self._clock()
        return tuple(each.id for each in orders if each in self._captures.orders and now < each.until)

    def _tell(self, flow: HTTPFlow, take: Take) -> None:
        if take.told:
            return
        take.told = True
        if captures := self._still(take.captures):
            self._expose(captures, take.exchange, _seen(flow, take), _subprotocol(flow))
        if flow.websocket is None:
            self._takes.pop(flow, None)

    def _expose(self, captures: tuple[str, ...], exchange: Exchange, seen: Seen, subprotocol: str = "") -> None:
        secrets = (self._secret, exchange.forward.route.secret if exchange.forward else "")
        sent = [(text(name), text(value)) for name, value in exchange.head.headers]
        self._take(Exposure(captures, seen, subprotocol, sent, secrets))


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


def _glanced(exchange: Exchange, glance: Glance, omitted: str, error: str) -> Seen:
    answered = glance.response.head and not exchange.refusal  # else the gateway answered by itself
    status, _, reason = glance.response.head.partition(b"\r\n")[0][9:].partition(b" ")
    return replace(
        _about(exchange, exchange.head.method.decode("latin-1"), "HTTP/1.1"),
        request=glance.request.part(exchange.received, omitted),
        status=int(status) if answered else 0,
        reason=text(reason) if answered else "",
        response=glance.response.part(exchange.sent, omitted) if answered else None,
        error=error,
        times={"begin": exchange.started, **glance.times},
    )


def _about(exchange: Exchange, method: str, version: str) -> Seen:
    """What the gateway itself knows of a request."""
    forward, facts = exchange.forward, exchange.facts
    return Seen(
        id=exchange.id,
        user=user_of(exchange),
        route=forward.route.id if forward else "",
        owner=forward.route.owner if forward else "",
        client=exchange.peer,
        scheme=facts.scheme if facts else "http",
        host=facts.host if facts else "",
        method=method,
        target=exchange.head.target.decode("latin-1"),
        version=version,
        request=Part(()),
    )


def _seen(flow: HTTPFlow, take: Take) -> Seen:
    exchange, request, response = take.exchange, flow.request, flow.response
    times = {"begin": exchange.started}
    if request.timestamp_end:
        times["sent"] = request.timestamp_end
    if (set_up := flow.server_conn.timestamp_tcp_setup) and (start := flow.server_conn.timestamp_start):
        times["connect"] = set_up - start
    if response is not None:
        times["first"] = response.timestamp_start
        times["end"] = response.timestamp_end or response.timestamp_start
    return replace(
        _about(exchange, request.method, request.http_version),
        request=_part(request, take.request, take.omitted),
        status=response.status_code if response is not None else 0,
        reason=response.reason if response is not None else "",
        response=_part(response, take.response, take.omitted) if response is not None else None,
        error=flow.error.msg if flow.error else "",
        websocket=flow.websocket is not None,
        times=times,
    )


def _part(message: Message, tee: Tee, omitted: str) -> Part:
    headers = [(text(name), text(value)) for name, value in message.headers.fields]
    return Part(headers, bytes(tee.kept), tee.size, omitted)


def _subprotocol(flow: HTTPFlow) -> str:
    return flow.response.headers.get("Sec-WebSocket-Protocol", "") if flow.response is not None else ""
