"""Counts what a worker serves. A request costs a few additions; once a second the hub gets the sums."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import cast, get_args

from gateway.channel.measures import (
    BUCKETS,
    OUTCOMES,
    Counted,
    LaneName,
    Measures,
    Method,
    RouteKind,
    StatusClass,
    Timed,
)
from gateway.proxy.exchange import Exchange

METHODS: dict[bytes, Method] = {name.encode(): name for name in get_args(Method.__value__) if name != "OTHER"}
STATUSES = cast(tuple[StatusClass, ...], ("none", "1xx", "2xx", "3xx", "4xx", "5xx"))

type Key = tuple[RouteKind, Method, StatusClass, LaneName]


@dataclass(slots=True)
class _Times:
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    sent: int = 0
    received: int = 0


class Tally:
    def __init__(self) -> None:
        self._requests: dict[Key, int] = {}
        self._times: dict[tuple[RouteKind, LaneName], _Times] = {}
        self._decisions: dict[str, int] = {}

    def note(self, exchange: Exchange, now: float) -> None:
        """One that has ended."""
        kind: RouteKind = "none" if exchange.forward is None else exchange.forward.route.kind
        lane = exchange.lane
        status = exchange.status // 100
        key = (
            kind,
            METHODS.get(exchange.head.method, "OTHER"),
            STATUSES[status] if 0 < status < 6 else "none",
            lane,
        )
        self._requests[key] = self._requests.get(key, 0) + 1
        outcome = exchange.refusal or ("forward" if exchange.forward is not None else "gone")
        if outcome not in self._decisions and len(self._decisions) >= OUTCOMES - 1:
            outcome = "other"
        self._decisions[outcome] = self._decisions.get(outcome, 0) + 1
        times = self._times.get((kind, lane))
        if times is None:
            times = self._times[kind, lane] = _Times()
        times.sent += exchange.sent
        times.received += exchange.received
        if not exchange.upgraded:
            # The clock may have been set back meanwhile.
            seconds = max(0.0, now - exchange.started)
            times.seconds += seconds
            times.buckets[bisect_left(BUCKETS, seconds)] += 1

    def tell(
        self,
        send: Callable[[Measures], bool],
        *,
        connections: int,
        open_exchanges: Collection[Exchange],
        memory: int,
        cpu_seconds: float,
    ) -> None:
        """Send what was added. While the hub is away it is kept, which takes no more room."""
        websockets: dict[RouteKind, int] = {}
        for exchange in open_exchanges:
            if exchange.upgraded and exchange.forward is not None:
                kind = exchange.forward.route.kind
                websockets[kind] = websockets.get(kind, 0) + 1
        message = Measures(
            tuple(Counted(*key, count) for key, count in self._requests.items()),
            tuple(
                Timed(kind, lane, each.seconds, tuple(each.buckets), each.sent, each.received)
                for (kind, lane), each in self._times.items()
            ),
            self._decisions,
            connections=connections,
            requests_in_flight=len(open_exchanges) - sum(websockets.values()),
            websockets=websockets,
            memory=memory,
            cpu_seconds=cpu_seconds,
        )
        if send(message):
            self._requests, self._times, self._decisions = {}, {}, {}
