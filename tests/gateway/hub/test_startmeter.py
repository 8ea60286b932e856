"""How long starts and stops take, by a clock of the test."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from gateway.hub.lifecycle import Event, State
from gateway.hub.startmeter import StartMeter

KEY = ("alice", "")
STARTS, STOPS = "jupyterhub_server_spawn_duration_seconds", "jupyterhub_server_stop_seconds"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.registry = CollectorRegistry()
        self.meter = StartMeter(self.registry, lambda: self.now)

    def go(self, *steps: tuple[float, Event, State]) -> None:
        for seconds, event, state in steps:
            self.now += seconds
            self.meter.moved(KEY, event, state)

    def read(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


UP = ((1.0, Event.TURN, State.SPAWNING), (2.0, Event.SPAWNED, State.BOOTING))


def test_a_start_and_a_stop() -> None:
    c = Clock()
    c.meter.begun(KEY)
    c.go(*UP, (4.0, Event.ANSWERED, State.READY))
    assert c.read(f"{STARTS}_sum", status="success", reason="") == 7
    assert [c.read("hubgate_start_phase_seconds_sum", phase=p) for p in ("queued", "spawning", "booting")] == [1, 2, 4]
    c.go((100.0, Event.STOP, State.STOPPING), (3.0, Event.OVERDUE, State.KILLING), (1.0, Event.GONE, State.STOPPED))
    assert c.read(f"{STOPS}_sum", status="success") == 4
    assert c.read(f"{STARTS}_count", status="failure", reason="") == 0


@pytest.mark.parametrize(
    ("event", "state", "reason"),
    [
        (Event.DIED, State.KILLING, "exited"),
        (Event.FAILED, State.KILLING, "error"),
        (Event.OVERDUE, State.STOPPING, ""),
    ],
)
def test_a_start_that_fails(event: Event, state: State, reason: str) -> None:
    c = Clock()
    c.meter.begun(KEY)
    c.go(*UP, (4.0, event, state), (1.0, Event.OVERDUE, State.STOPPED))
    assert c.read(f"{STARTS}_sum", status="failure", reason=reason) == 7
    assert c.read(f"{STOPS}_count", status="failure") == 1


def test_a_start_that_was_taken_back_is_no_failure() -> None:
    c = Clock()
    c.meter.begun(KEY)
    c.go(*UP, (1.0, Event.STOP, State.STOPPING), (1.0, Event.GONE, State.STOPPED))
    assert c.read(f"{STARTS}_count", status="failure", reason="") == 0
    assert c.read(f"{STOPS}_count", status="success") == 1


def test_what_an_earlier_hub_began_is_not_guessed() -> None:
    c = Clock()
    c.meter.adopted(KEY, State.BOOTING)
    c.go((5.0, Event.ANSWERED, State.READY))
    assert c.read(f"{STARTS}_count", status="success", reason="") == 0
    assert c.read("hubgate_start_phase_seconds_count", phase="booting") == 0


def test_a_full_queue() -> None:
    c = Clock()
    c.meter.throttled()
    assert c.read(f"{STARTS}_count", status="failure", reason="throttled") == 1
