"""How evenly several workers share the connections."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from tests.benchmarks import load
from tests.benchmarks.measure import Sample
from tests.benchmarks.peers import Peer


def spread(peer: Peer, connections: int, seconds: int) -> Sample:
    """The load of `small-get`, and how far the busiest worker's share of connections is from an equal one."""
    counts: list[int] = []
    timer = threading.Timer(seconds / 2, lambda: counts.extend(held(peer)))
    timer.start()
    try:
        sample = dict(load.get("small", connections)(peer, seconds))
    finally:
        timer.join()
    if len(counts) > 1:
        sample["spread"] = unevenness(counts)
    return sample


def held(peer: Peer) -> list[int]:
    """How many clients each worker has."""
    port = peer.target("").port
    return [
        sum(1 for each in worker.net_connections("tcp") if each.status == "ESTABLISHED" and each.laddr.port == port)
        for worker in peer.workers()
    ]


def unevenness(counts: Sequence[int]) -> float:
    """Percent by which the share farthest from the mean differs from it."""
    mean = sum(counts) / len(counts)
    return max(abs(count - mean) for count in counts) / mean * 100 if mean else 0.0
