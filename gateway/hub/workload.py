"""What all workers have served, added up for the metrics: a collector of prometheus_client.

Workers send sums of what was added, each second; a histogram of the library takes
single observations only, so the numbers are kept here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.channel.measures import BUCKETS, OUTCOMES, Counted, Measures, Timed

RESTARTS = 1024
"""Workers, by name, whose restarts are counted."""


class Workload(Collector):
    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, str, str], int] = {}
        self._seconds: dict[tuple[str, str], float] = {}
        self._buckets: dict[tuple[str, str], list[int]] = {}
        self._bytes: dict[tuple[str, str], int] = {}
        self._decisions: dict[str, int] = {}
        self._now: dict[str, Measures] = {}
        """The last word of each worker that is connected."""
        self._lags: dict[str, float] = {}
        self._pids: dict[str, int] = {}
        self._restarts: dict[str, int] = {}

    # ── what the channel tells ───────────────────────────────────────────────

    def joined(self, worker: str, pid: int) -> None:
        """Another process of the same name means that the worker was started again."""
        if worker in self._pids or len(self._pids) < RESTARTS:
            before = self._pids.setdefault(worker, pid)
            self._restarts[worker] = self._restarts.get(worker, 0) + (before != pid)
            self._pids[worker] = pid

    def left(self, worker: str) -> None:
        self._now.pop(worker, None)
        self._lags.pop(worker, None)

    def came_back(self, worker: str, seconds: float) -> None:
        """A heartbeat has been to the worker and back."""
        self._lags[worker] = seconds

    def note(self, worker: str, measures: Measures) -> None:
        self._now[worker] = measures
        for counted in measures.requests:
            self._count(counted)
        for timed in measures.timings:
            self._time(timed)
        for outcome, count in measures.decisions.items():
            known = outcome in self._decisions or len(self._decisions) < OUTCOMES - 1
            name = outcome if known else "other"
            self._decisions[name] = self._decisions.get(name, 0) + count

    def _count(self, counted: Counted) -> None:
        key = (counted.kind, counted.method, counted.status, counted.lane)
        self._requests[key] = self._requests.get(key, 0) + counted.count

    def _time(self, timed: Timed) -> None:
        key = (timed.kind, timed.lane)
        self._seconds[key] = self._seconds.get(key, 0.0) + timed.seconds
        before = self._buckets.setdefault(key, [0] * len(timed.buckets))
        before[:] = map(sum, zip(before, timed.buckets, strict=True))
        for direction, size in (("sent", timed.sent), ("received", timed.received)):
            self._bytes[timed.kind, direction] = self._bytes.get((timed.kind, direction), 0) + size

    # ── what is shown ────────────────────────────────────────────────────────

    def collect(self) -> Iterator[Metric]:
        yield self._counted()
        yield self._durations()
        moved = CounterMetricFamily(
            "hubgate_bytes", "Bytes of bodies and upgraded connections, when they ended", labels=("kind", "direction")
        )
        for labels, size in self._bytes.items():
            moved.add_metric(labels, size)
        yield moved
        decisions = CounterMetricFamily(
            "hubgate_decisions", "What was decided of requests: forward, redirect, or why not", labels=("outcome",)
        )
        for outcome, count in self._decisions.items():
            decisions.add_metric((outcome,), count)
        yield decisions
        restarts = CounterMetricFamily(
            "hubgate_worker_restarts", "Restarts of a worker that this hub has seen", labels=("worker",)
        )
        for worker, count in self._restarts.items():
            restarts.add_metric((worker,), count)
        yield restarts
        yield from self._states()

    def _counted(self) -> Metric:
        family = CounterMetricFamily(
            "hubgate_requests", "Requests that have ended", labels=("kind", "method", "status", "lane")
        )
        for labels, count in self._requests.items():
            family.add_metric(labels, count)
        return family

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "hubgate_request_duration_seconds", "From a request's head to its end", labels=("kind", "lane")
        )
        bounds = [*map(str, BUCKETS), "+Inf"]
        for labels, buckets in self._buckets.items():
            family.add_metric(labels, list(zip(bounds, accumulate(buckets), strict=True)), self._seconds[labels])
        return family

    def _states(self) -> Iterator[Metric]:
        """How each worker is now."""
        now = self._now.items()
        yield GaugeMetricFamily("hubgate_workers", "Workers that are connected", value=len(now))
        yield _gauge("hubgate_connections", "Open client connections", {w: m.connections for w, m in now})
        yield _gauge(
            "hubgate_requests_in_flight", "Requests that wait for their end", {w: m.requests_in_flight for w, m in now}
        )
        yield _gauge("hubgate_worker_memory_bytes", "Resident memory of a worker", {w: m.memory for w, m in now})
        yield _gauge("hubgate_channel_round_trip_seconds", "Of a heartbeat to a worker and back", self._lags)
        processor = CounterMetricFamily("hubgate_worker_cpu_seconds", "Processor time of a worker", labels=("worker",))
        sockets = GaugeMetricFamily("hubgate_websockets", "Open upgraded connections", labels=("worker", "kind"))
        for worker, measures in now:
            processor.add_metric((worker,), measures.cpu_seconds)
            for kind, count in measures.websockets.items():
                sockets.add_metric((worker, kind), count)
        yield processor
        yield sockets


def _gauge(name: str, about: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=("worker",))
    for worker, value in values.items():
        family.add_metric((worker,), value)
    return family
