"""`python -m tests.benchmarks.captures`: what a capture of one user costs another one.

Two users, of one worker unless said otherwise. bob asks steadily and is measured; alice works as much all the time,
and is recorded in every other window. So what differs is the recording alone, with what it costs alice's own requests.
A ratio is the median over pairs of windows, so that a busy machine counts for both; the times beside it are
those of all windows together.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import httpx

from tests.benchmarks import backend
from tests.integration.harness import Gateway, eventually

MEASURED, RATE = 8, 25.0
"""Connections of the user who is measured, and requests a second on each."""
BUSY, BUSY_RATE = 4, 10.0
"""The same of the one who is recorded."""
PATHS = ("small", "down?20000", "small", "down?200000")
PROFILE = {
    "name": "small", "command": [sys.executable, backend.__file__, "{ip}", "{port}"], "ready_path": "api",
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hubgate-bench-") as folder,
        world(Path(folder), options.workers) as (gateway, tokens),
    ):
        pairs = asyncio.run(measured(gateway, tokens, options.rounds, options.seconds))
    off, on = (sorted(chain.from_iterable(pair[half] for pair in pairs)) for half in (0, 1))
    for name, part in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        ratios = sorted(quantile(b, part) / quantile(a, part) for a, b in pairs)
        print(
            f"{name}: {quantile(off, part) * 1000:.2f} ms without, {quantile(on, part) * 1000:.2f} ms with a capture of"
            f" somebody else; of {len(ratios)} ratios the median {statistics.median(ratios):.2f}, the middle half"
            f" {quantile(ratios, 0.25):.2f} to {quantile(ratios, 0.75):.2f}"
        )
    return 0


@contextmanager
def world(folder: Path, workers: int = 1) -> Iterator[tuple[Gateway, dict[str, str]]]:
    settings = {"gateway": {"workers": workers}, "profiles": [PROFILE], "traffic": {"access_log": False}}
    with Gateway(folder, settings) as gateway:
        tokens = {"admin": gateway.run("token", "admin").stdout.strip()}
        for name in ("alice", "bob"):
            gateway.run("user", "add", name)
            tokens[name] = gateway.run("token", name).stdout.strip()
            call(gateway, tokens[name], "POST", f"hub/api/users/{name}/server")
            eventually(lambda name=name: ready(gateway, tokens[name], name), 60)  # type: ignore[misc]
        yield gateway, tokens


def call(gateway: Gateway, token: str, method: str, path: str, **more: object) -> httpx.Response:
    headers = {"Authorization": f"token {token}"}
    return httpx.request(method, gateway.url(path), headers=headers, trust_env=False, timeout=30, **more)  # type: ignore[arg-type]


def ready(gateway: Gateway, token: str, name: str) -> bool:
    return call(gateway, token, "GET", f"user/{name}/small").status_code == httpx.codes.OK


def recording(gateway: Gateway, tokens: dict[str, str], capture: str) -> bool:
    """Is the first record there, so that everything is at work?"""
    ready(gateway, tokens["alice"], "alice")
    found = call(gateway, tokens["admin"], "GET", f"hub/api/traffic/captures/{capture}").json()
    return bool(found["flows"])


async def measured(
    gateway: Gateway, tokens: dict[str, str], rounds: int, seconds: float
) -> list[tuple[list[float], list[float]]]:
    """The times of bob's requests, without and with a capture of alice."""
    pairs = []
    for number in range(rounds):
        halves: dict[bool, list[float]] = {}
        for recorded in (False, True) if number % 2 else (True, False):
            if recorded:
                wish = {"reason": "benchmark", "user": "alice", "seconds": 60}
                made = call(gateway, tokens["admin"], "POST", "hub/api/traffic/captures", json=wish).json()
                eventually(lambda: recording(gateway, tokens, made["id"]), 30)  # noqa: B023  # called at once
            halves[recorded] = await window(gateway, tokens, seconds)
            if recorded:
                path = f"hub/api/traffic/captures/{made['id']}"
                found = call(gateway, tokens["admin"], "POST", f"{path}/stop").json()
                call(gateway, tokens["admin"], "DELETE", path)
                print(f"round {number + 1}: {found['flows']} requests recorded, {found['dropped']} dropped", flush=True)
        pairs.append((halves[False], halves[True]))
    return pairs


async def window(gateway: Gateway, tokens: dict[str, str], seconds: float) -> list[float]:
    times: list[float] = []
    until = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(MEASURED):
            group.create_task(asking(gateway, tokens["bob"], "bob", ("small",), RATE, until, times, number / MEASURED))
        for number in range(BUSY):
            group.create_task(asking(gateway, tokens["alice"], "alice", PATHS, BUSY_RATE, until, [], number / BUSY))
    return times


async def asking(
    gateway: Gateway, token: str, user: str, paths: tuple[str, ...], rate: float, until: float, times: list[float],
    phase: float,
) -> None:  # fmt: skip
    """One connection: a request each 1/rate seconds, as far as the answers come in time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    number, due = 0, time.perf_counter() + phase / rate
    try:
        while (now := time.perf_counter()) < until:
            await asyncio.sleep(max(0.0, due - now))
            due = max(due + 1 / rate, time.perf_counter())
            begun = time.perf_counter()
            path = f"/user/{user}/{paths[number % len(paths)]}"
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {gateway.authority}\r\nAuthorization: token {token}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
            await reader.readexactly(length)
            times.append(time.perf_counter() - begun)
            number += 1
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


if __name__ == "__main__":
    sys.exit(main())
