"""Many small requests, made by `wrk`, which is the lightest client there is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.measure import Invalid, Sample, window
from tests.benchmarks.peers import Peer, Target, found

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
"""Of a time in wrk's output, in milliseconds."""

_percentile = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m) *$", re.MULTILINE)
_total = re.compile(r"^\s+(\d+) requests in ", re.MULTILINE)
_rate = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_bad = re.compile(r"^\s+(?:Socket errors: .*|Non-2xx or 3xx responses: .*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """What wrk said."""

    requests: int
    rate: float
    p50: float
    """Milliseconds."""
    p99: float


def parse(output: str) -> Report:
    """wrk's output, or `Invalid` when a request failed."""
    if bad := _bad.search(output):
        raise Invalid(f"wrk: {bad[0].strip()}")
    total, rate = _total.search(output), _rate.search(output)
    times = {found[1]: float(found[2]) * UNITS[found[3]] for found in _percentile.finditer(output)}
    if not (total and rate and int(total[1]) and len(times) == 2):
        raise Invalid(f"wrk said nothing of use: {output[-500:]}")
    return Report(int(total[1]), float(rate[1]), times["50"], times["99"])


def wrk(target: Target, connections: int, seconds: int) -> Report:
    """`connections` ask one after the other, for so many seconds."""
    headers = [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        found("wrk", "apt-get install wrk"),
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout=10s",
        "--latency",
        *headers,
        target.url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
    if done.returncode:
        raise Invalid(f"wrk: {done.stderr.strip()}")
    return parse(done.stdout)


def requests(peer: Peer, target: Target, connections: int, seconds: int) -> Sample:
    """So much was served, and each request cost the peer's processes so much."""
    with window(peer.processes()) as used:
        report = wrk(target, connections, seconds)
    return {
        "rate": report.rate,
        "p50": report.p50,
        "p99": report.p99,
        "cpu": used.cpu / report.requests * 1e6,
    }


def get(path: str, connections: int) -> Callable[[Peer, int], Sample]:
    """GET of the backend's `path` through the peer."""

    def work(peer: Peer, seconds: int) -> Sample:
        return requests(peer, peer.target(path), connections, seconds)

    return work
