"""Counting: what a window of work cost, medians over rounds, ratios between peers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import psutil

type Sample = Mapping[str, float]
"""One round's figures, by the keys of `METRICS`."""
type Rounds = Mapping[str, Sequence[Sample]]
"""Each peer's samples, in the order of the rounds, which is the same for all."""


@dataclass(frozen=True, slots=True)
class Metric:
    title: str
    digits: int = 0
    better: Literal["more", "less"] = "less"


METRICS: dict[str, Metric] = {
    "rate": Metric("requests/s", better="more"),
    "p50": Metric("p50 ms", 2),
    "p99": Metric("p99 ms", 2),
    "cpu": Metric("CPU µs each"),
    "mb": Metric("MB/s", better="more"),
    "cpu_gib": Metric("CPU s/GiB", 2),
    "socket": Metric("KiB/socket", 1),
    "memory": Metric("MiB in all"),
    "seconds": Metric("seconds", 3),
    "spread": Metric("spread %"),
}
"""What is measured. A request over a WebSocket is a message that came back."""


class Invalid(Exception):
    """A measurement that says nothing: requests failed, a peer died."""


@dataclass(slots=True)
class Window:
    """What processes used between two moments."""

    seconds: float = 0.0
    cpu: float = 0.0
    """Seconds of processor time, user and system, of all of them."""


@contextmanager
def window(processes: Sequence[psutil.Process]) -> Iterator[Window]:
    """Fill a `Window` over the block."""
    result = Window()
    before, began = cpu_time(processes), time.perf_counter()
    yield result
    result.seconds = time.perf_counter() - began
    result.cpu = cpu_time(processes) - before


def cpu_time(processes: Iterable[psutil.Process]) -> float:
    try:
        times = [process.cpu_times() for process in processes]
    except psutil.NoSuchProcess as gone:
        raise Invalid(f"process {gone.pid} ended") from gone
    return sum(each.user + each.system for each in times)


def memory(processes: Iterable[psutil.Process]) -> int:
    """Bytes, with shared pages divided among those that share them."""
    return sum(process.memory_full_info().pss for process in processes)


def interleaved[P](peers: Mapping[str, P], rounds: int, work: Callable[[P], Sample]) -> dict[str, list[Sample]]:
    """Let them work in turns, a b c a b c, so that what disturbs the machine disturbs all."""
    samples: dict[str, list[Sample]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, peer in peers.items():
            samples[name].append(work(peer))
    return samples


def median(samples: Sequence[Sample], metric: str) -> float | None:
    values = [sample[metric] for sample in samples if metric in sample]
    return statistics.median(values) if values else None


def ratio(rounds: Rounds, ours: str, theirs: str, metric: str) -> float | None:
    """The median of what ours is to theirs in each round: neighbours in time saw the same machine."""
    pairs = zip(rounds.get(ours, ()), rounds.get(theirs, ()), strict=False)
    ratios = [a[metric] / b[metric] for a, b in pairs if metric in a and b.get(metric)]
    return statistics.median(ratios) if ratios else None
