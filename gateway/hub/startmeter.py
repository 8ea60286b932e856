"""How long servers take to start and to stop, and how that ends, by the events of their lives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Histogram

from gateway.hub.lifecycle import ENDING, STARTING, Event, State
from gateway.hub.queue import Key

SECONDS = (0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 180, 300, 600)
"""JupyterHub's buckets for starts."""
STOP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
PHASE_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

_REASONS = {Event.DIED: "exited", Event.FAILED: "error", Event.LOST: "exited"}
"""Why a start was none, in JupyterHub's words; the others have none there."""


@dataclass(slots=True)
class _Life:
    state: State
    began: float
    """Of the start, or of the stop."""
    since: float
    """Of the state."""
    whole: bool
    """Seen from its beginning."""
    reason: str = ""


class StartMeter:
    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lives: dict[Key, _Life] = {}
        self._starts = Histogram(
            "jupyterhub_server_spawn_duration_seconds",
            "Time taken for server spawning operation",
            ("status", "reason"),
            buckets=SECONDS,
            registry=registry,
        )
        self._stops = Histogram(
            "jupyterhub_server_stop_seconds",
            "Time taken for server stopping operation",
            ("status",),
            buckets=STOP_SECONDS,
            registry=registry,
        )
        self._phases = Histogram(
            "hubgate_start_phase_seconds",
            "Time that starts spend waiting (queued), being spawned, and until they answer (booting)",
            ("phase",),
            buckets=PHASE_SECONDS,
            registry=registry,
        )
        for status, reason in (("success", ""), ("failure", ""), ("failure", "exited"), ("failure", "throttled")):
            self._starts.labels(status, reason)
        for status in ("success", "failure"):
            self._stops.labels(status)
        for phase in sorted(STARTING):
            self._phases.labels(phase.value)

    def begun(self, key: Key) -> None:
        """It is queued."""
        now = self._clock()
        self._lives[key] = _Life(State.QUEUED, now, now, whole=True)

    def adopted(self, key: Key, state: State) -> None:
        """An earlier hub began it; how long it took nobody knows."""
        now = self._clock()
        self._lives[key] = _Life(state, now, now, whole=False)

    def throttled(self) -> None:
        """A start found the queue full."""
        self._starts.labels("failure", "throttled").observe(0.0)

    def moved(self, key: Key, event: Event, new: State) -> None:
        life = self._lives.get(key)
        if life is None or life.state is new:
            return
        old, now = life.state, self._clock()
        if old in STARTING and life.whole:
            self._phases.labels(old.value).observe(now - life.since)
            if new is State.READY:
                self._starts.labels("success", "").observe(now - life.began)
            elif new not in STARTING and event is not Event.STOP:
                self._starts.labels("failure", _REASONS.get(event, "")).observe(now - life.began)
        if new in ENDING and old not in ENDING:
            life.began = now
        if new is State.STOPPED:
            if old in ENDING:
                self._stops.labels("success" if event is Event.GONE else "failure").observe(now - life.began)
            del self._lives[key]
        life.state, life.since = new, now
