"""Sums over all workers, and what is forgotten with one."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from gateway.channel.measures import BUCKETS, OUTCOMES, Counted, Measures, Timed
from gateway.hub.workload import Workload


def read(workload: Workload, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(workload)
    return registry.get_sample_value(name, labels)


def test_workers_are_added_up() -> None:
    workload = Workload()
    buckets = (2, 1, *(0 for _ in BUCKETS))[: len(BUCKETS) + 1]
    for worker in ("1", "2"):
        workload.note(
            worker,
            Measures(
                (Counted("server", "GET", "2xx", "express", 3),),
                (Timed("server", "express", 0.5, buckets, 10, 5),),
                {"forward": 3},
                connections=4,
            ),
        )
    labels = {"kind": "server", "lane": "express"}
    assert read(workload, "hubgate_requests_total", **labels, method="GET", status="2xx") == 6
    assert read(workload, "hubgate_request_duration_seconds_count", **labels) == 6
    assert read(workload, "hubgate_request_duration_seconds_sum", **labels) == 1
    assert read(workload, "hubgate_request_duration_seconds_bucket", **labels, le="0.001") == 4
    assert read(workload, "hubgate_request_duration_seconds_bucket", **labels, le="0.0025") == 6
    assert read(workload, "hubgate_bytes_total", kind="server", direction="sent") == 20
    assert read(workload, "hubgate_decisions_total", outcome="forward") == 6
    assert read(workload, "hubgate_connections", worker="1") == 4
    assert read(workload, "hubgate_workers") == 2


def test_a_worker_that_is_gone_has_no_connections() -> None:
    workload = Workload()
    workload.joined("1", 100)
    workload.note("1", Measures((Counted("hub", "GET", "2xx", "express", 1),), connections=4))
    workload.came_back("1", 0.01)
    assert read(workload, "hubgate_channel_round_trip_seconds", worker="1") == 0.01
    workload.left("1")
    assert read(workload, "hubgate_connections", worker="1") is None
    assert read(workload, "hubgate_channel_round_trip_seconds", worker="1") is None
    assert read(workload, "hubgate_requests_total", kind="hub", method="GET", status="2xx", lane="express") == 1


def test_restarts() -> None:
    workload = Workload()
    for pid in (100, 100, 101):
        workload.joined("1", pid)
    workload.joined("2", 200)
    assert read(workload, "hubgate_worker_restarts_total", worker="1") == 1
    assert read(workload, "hubgate_worker_restarts_total", worker="2") == 0


def test_outcomes_are_few() -> None:
    workload = Workload()
    for number in range(1000):
        workload.note("1", Measures(decisions={f"x-{number}": 1}))
    assert len([s for f in workload.collect() if f.name == "hubgate_decisions" for s in f.samples]) == OUTCOMES
    assert read(workload, "hubgate_decisions_total", outcome="other") == 1000 - OUTCOMES + 1
