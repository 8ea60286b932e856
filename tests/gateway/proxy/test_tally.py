"""What a worker counts, and that no client can make it count much."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channel.measures import BUCKETS, OUTCOMES, Counted, Measures
from gateway.proxy.tally import Tally
from tests.gateway.proxy.playbook import Talk, get, request, response
from tests.gateway.proxy.values import NOW


def told(tally: Tally, **more: Any) -> Measures:
    sent: list[Measures] = []

    def send(message: Measures) -> bool:
        sent.append(message)
        return True

    tally.tell(send, **{"connections": 1, "open_exchanges": (), "memory": 2, "cpu_seconds": 3.0, **more})
    return sent[0]


def test_requests_by_route_method_status_and_lane() -> None:
    t = Talk()
    for _ in range(2):
        t.client(get())
        t.upstream().send(response(body=b"hello"))
    t.client(get("/user/carol/"))
    found = told(t.desk.tally)
    assert set(found.requests) == {
        Counted("server", "GET", "2xx", "express", 2),
        Counted("none", "GET", "4xx", "gate", 1),
    }
    assert found.decisions == {"forward": 2, "not-allowed": 1}
    times = {(each.kind, each.lane): each for each in found.timings}
    assert sum(times["server", "express"].buckets) == 2
    assert times["server", "express"].sent == 10
    assert (found.connections, found.memory, found.cpu_seconds) == (1, 2, 3.0)
    assert told(t.desk.tally).requests == (), "each request once"


def test_while_the_hub_is_away_it_is_kept() -> None:
    t = Talk()
    t.client(get("/nowhere"))
    t.desk.tally.tell(lambda _: False, connections=0, open_exchanges=(), memory=0, cpu_seconds=0)
    assert [each.count for each in told(t.desk.tally).requests] == [1]


def test_unknown_methods_are_one() -> None:
    t = Talk()
    for method in ("BREW", "PROPFIND", "TRACE", "X" * 500):
        t = Talk()
        t.client(request(f"{method} /user/alice/x"))
        assert {each.method for each in told(t.desk.tally).requests} <= {"OTHER"}


@pytest.mark.parametrize(("seconds", "bucket"), [(0.0, 0), (0.001, 0), (0.3, 8), (61.0, len(BUCKETS)), (-5.0, 0)])
def test_durations_fall_into_their_bucket(seconds: float, bucket: int) -> None:
    t = Talk()
    t.client(get())
    t.now = NOW + seconds
    t.upstream().send(response())
    assert told(t.desk.tally).timings[0].buckets.index(1) == bucket


def test_open_websockets_are_no_durations() -> None:
    t = Talk()
    t.client(get("/user/alice/ws"))
    exchange = next(iter(t.desk.live))
    exchange.upgraded = True
    found = told(t.desk.tally, open_exchanges=t.desk.live)
    assert (found.websockets, found.requests_in_flight) == ({"server": 1}, 0)
    t.desk.finished(exchange)
    assert sum(told(t.desk.tally).timings[0].buckets) == 0


def test_reasons_are_few() -> None:
    t = Talk()
    t.client(get())
    exchange = next(iter(t.desk.live))
    for number in range(1000):
        exchange.refusal = f"reason-{number}"
        t.desk.tally.note(exchange, NOW)
    decisions = told(t.desk.tally).decisions
    assert len(decisions) == OUTCOMES
    assert decisions["other"] == 1000 - OUTCOMES + 1
