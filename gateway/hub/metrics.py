"""Everything that Prometheus gets: JupyterHub's names where they mean something here, and the gateway's own.

Kept in a registry of the hub's own. What is only *now* (servers, queue, users) is read when
somebody asks; what happens is counted where it happens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gateway import JUPYTERHUB_VERSION, __version__
from gateway.hub.captures import Captures
from gateway.hub.lifecycle import State
from gateway.hub.lives import Lives
from gateway.hub.requestfile import RequestFile
from gateway.hub.requestlog import RequestLog
from gateway.hub.startmeter import StartMeter
from gateway.hub.workload import Workload
from gateway.store import population
from gateway.store.store import Store

FRESH = 30.0
"""Seconds for which a count of all users is good enough."""
LOOP_EVERY = 0.25
LOOP_SECONDS = (0.255, 0.26, 0.275, 0.3, 0.35, 0.5, 0.75, 1, 2.5, 5, 10)
HANDLERS = 256
"""Different handlers that requests to the hub are told apart by."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self.workload = Workload()
        self.starts = StartMeter(self.registry)
        self._store = store
        self._clock = clock
        self._counted = float("-inf")
        self._handlers: set[str] = set()
        self._begun = time.monotonic()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(self.workload)
        self._make_jupyterhub()
        about = Info("hubgate_build", "What runs here", registry=self.registry)
        about.info({"version": __version__, "jupyterhub_version": JUPYTERHUB_VERSION})

    def _make_jupyterhub(self) -> None:
        def histogram(
            name: str, about: str, labels: Sequence[str] = (), buckets: Sequence[float] = Histogram.DEFAULT_BUCKETS
        ) -> Histogram:
            return Histogram(f"jupyterhub_{name}", about, labels, buckets=buckets, registry=self.registry)

        self._requests = histogram(
            "request_duration_seconds", "Requests that the hub itself answered", ("method", "handler", "code")
        )
        self._logins = histogram("login_duration_seconds", "Attempts to log in", ("status",))
        self._logouts = histogram("logout_duration_seconds", "Log-outs")
        self._startup = histogram("hub_startup_duration_seconds", "From the hub's start to its being ready")
        self._adoption = histogram("init_spawners_duration_seconds", "Finding servers that an earlier hub left")
        self._loop = histogram(
            "event_loop_interval_seconds",
            f"Time between two looks that are {LOOP_EVERY:g} s apart, if the loop is free",
            buckets=LOOP_SECONDS,
        )
        self._users = Gauge("jupyterhub_total_users", "Users in the store", registry=self.registry)
        self._active = Gauge(
            "jupyterhub_active_users", "Users who were active in that time", ("period",), registry=self.registry
        )
        for status in ("success", "failure"):
            self._logins.labels(status)

    # ── what happens ─────────────────────────────────────────────────────────

    def answered(self, method: str, handler: str, code: int, seconds: float) -> None:
        """The hub has answered a request of its own."""
        if handler not in self._handlers:
            if len(self._handlers) >= HANDLERS:
                handler = "other"
            self._handlers.add(handler)
        known = method if method in METHODS else "OTHER"
        self._requests.labels(known, handler, str(code)).observe(seconds)

    def logged_in(self, seconds: float, *, success: bool) -> None:
        self._logins.labels("success" if success else "failure").observe(seconds)

    def logged_out(self, seconds: float) -> None:
        self._logouts.observe(seconds)

    def adopted(self, seconds: float) -> None:
        self._adoption.observe(seconds)

    def ready(self) -> None:
        self._startup.observe(time.monotonic() - self._begun)

    def read(self, lives: Lives, requests: RequestLog, captures: Captures, file: RequestFile | None) -> None:
        """What these keep themselves is read from them when somebody asks for the metrics."""
        now = Now(
            gauges=(
                ("jupyterhub_running_servers", "Servers that are ready", lambda: lives.count(State.READY)),
                ("hubgate_start_queue_length", "Starts that wait for their turn", lambda: len(lives.queue)),
                ("hubgate_captures_running", "Captures that record now", lambda: captures.running),
                ("hubgate_captures_bytes", "Bytes that captures have recorded and kept", lambda: captures.bytes),
                ("hubgate_request_log_requests", "Requests kept in the hub's memory", lambda: len(requests)),
                ("hubgate_request_log_bytes", "Bytes of their lines", lambda: requests.size),
            ),
            counters=(
                ("hubgate_request_log_seen", "Requests that the hub was told of", lambda: requests.number),
                ("hubgate_request_log_lost", "Requests that workers could not tell the hub", lambda: requests.lost),
                (
                    "hubgate_request_file_dropped",
                    "Requests not written to log_file",
                    lambda: file.dropped if file else 0,
                ),
            ),
        )
        self.registry.register(now)

    async def watch_loop(self) -> None:
        """For ever. A hub that is busy with one thing at a time answers nobody meanwhile."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(LOOP_EVERY)
            now = time.monotonic()
            self._loop.observe(now - before)
            before = now

    # ── what is shown ────────────────────────────────────────────────────────

    async def exposition(self, accept: str = "") -> tuple[str, bytes]:
        """Content type and text, in the format that `accept` asks for."""
        await self._count_users()
        # Collected at once, while nothing changes; what takes long is writing it down.
        families = _Collected(list(self.registry.collect()))
        encoder, content_type = choose_encoder(accept)
        return content_type, await asyncio.to_thread(encoder, families)

    async def _count_users(self) -> None:
        now = self._clock()
        if now - self._counted < FRESH:
            return
        self._counted = now
        found = await self._store(population.count, now)
        self._users.set(found.total)
        for period, count in (("24h", found.day), ("7d", found.week), ("30d", found.month)):
            self._active.labels(period).set(count)


@dataclass(frozen=True)
class _Collected(Collector):
    """Stands for a registry that was asked already."""

    families: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.families


@dataclass(frozen=True)
class Now(Collector):
    """Numbers that somebody else keeps: each read when it is asked for."""

    gauges: Sequence[tuple[str, str, Callable[[], float]]] = ()
    counters: Sequence[tuple[str, str, Callable[[], float]]] = ()

    def collect(self) -> Iterator[Metric]:
        for name, about, read in self.gauges:
            yield GaugeMetricFamily(name, about, value=read())
        for name, about, read in self.counters:
            yield CounterMetricFamily(name, about, value=read())
