"""The request log, its watchers and captures under full load: within their limits, and nobody waits for anybody.

A quarter of a minute; `HUBGATE_LONG=1` (`make soak`) takes ten minutes, in which a watcher that takes
nothing is also seen to be dropped.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.resources.traffic import WATCHERS
from gateway.hub import requestlog
from tests.integration.bulk import LONG, MIB, Bulk, bulk
from tests.integration.bulkserver import packed
from tests.integration.harness import eventually
from tests.integration.soak import Soak
from tests.integration.wire import Wire, head, upgrade

SECONDS = 600 if LONG else 12
SPACE, SIZE = (400 * MIB, 120 * MIB) if LONG else (60 * MIB, 4 * MIB)
"""Bytes that all captures together may take, and one of them."""
MEMORY = {"hub": 120 * MIB, "worker": 90 * MIB, "darkroom": 130 * MIB}
"""What each may grow by, from before the load: the ring, what waits for the disk, for the hub, for the darkroom."""
TIMELY = 5.0
"""Seconds after a request's end in which somebody who watches has it, on a machine that has other work, too."""
TOGETHER = 20

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.sockets, pytest.mark.timeout(SECONDS * 2 + 200)]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    settings = {"traffic": {"access_log": False, "capture_space": SPACE}}
    with bulk(tmp_path_factory.mktemp("limits"), settings=settings) as made:
        yield made


@pytest.fixture(scope="module")
def admin(plane: Bulk) -> Iterator[httpx.Client]:
    url = plane.gateway.url("hub/api/traffic/captures")
    with httpx.Client(base_url=url, headers=plane.bearer("admin"), trust_env=False, timeout=30) as client:
        yield client


def test_ring_captures_and_watchers_keep_their_limits(plane: Bulk, admin: httpx.Client) -> None:
    soak, before = Soak(plane), sizes(plane)
    with silent_watcher(plane) as slow:
        soak.start(bob_asks, alice_asks, alice_asks, alice_talks, leaving_watchers)
        watcher = Watcher(plane)
        soak.start(watcher.watch)
        captures = Captures(plane, admin)
        try:
            until = time.monotonic() + SECONDS
            while not soak.errors and (time.monotonic() < until or not enough(plane, soak, captures)):
                assert time.monotonic() < until + 60, report(plane, soak, watcher, captures, before)
                captures.look()
                within(plane, before)
                soak.over.wait(1)
        finally:
            soak.stop()
        assert soak.errors == [], soak.errors[0]
        if LONG:
            assert ended(slow), "a watcher that takes nothing is still there"
    assert statistics.median(watcher.late) < TIMELY / 2
    assert max(watcher.late) < TIMELY
    log.info(report(plane, soak, watcher, captures, before))


def test_each_record_is_kept_or_counted(plane: Bulk, admin: httpx.Client) -> None:
    """A burst of more than the darkroom can work off at once."""
    for old in admin.get("").json()["items"]:
        admin.delete(f"/{old['id']}")
    wish = {"reason": "a burst", "user": "alice", "size": 60 * MIB - 1, "body": 262144}
    made = admin.post("", json=wish).json()
    time.sleep(1)  # by then it is in force
    asked = 0

    def burst() -> None:
        nonlocal asked
        with Wire(plane.gateway) as wire:
            for _ in range(40):
                assert wire.ask(plane.path(f"bytes?{300_000}"), plane.bearer()).status == 200
                asked += 1

    threads = [threading.Thread(target=burst) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def found() -> dict[str, Any]:
        capture: dict[str, Any] = admin.get(f"/{made['id']}").json()
        return capture

    def accounted() -> bool:
        capture = found()
        return int(capture["flows"] + capture["dropped"]) == asked

    eventually(accounted, 60, lambda: f"{found()} of {asked}")
    assert found()["bytes"] <= SPACE
    assert asked == 160


# ── who makes the load ───────────────────────────────────────────────────────


def bob_asks(soak: Soak) -> None:
    """Many small requests at once, in the express lane, of which some have long lines in the log."""
    plane = soak.plane
    short, long = (
        head(plane.gateway, plane.path("x" + more, user="bob"), plane.bearer("bob")) * TOGETHER
        for more in ("", "?" + "y" * 2000)
    )
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(plane.gateway)) for _ in range(8)]
        while not soak.over.is_set():
            for number, wire in enumerate(wires):
                wire.send(short if number % 4 == 0 else long)
            for wire in wires:
                for _ in range(TOGETHER):
                    reply = wire.read()
                    assert reply is not None
                    assert reply.status == 200
            soak.done["bob"] += TOGETHER * len(wires)


def alice_asks(soak: Soak) -> None:
    """Requests that are recorded, with and without much of a body."""
    plane, some = soak.plane, b"x" * 100_000
    with Wire(plane.gateway) as wire:
        for _ in range(20):
            assert wire.ask(plane.path("x?token=a-secret"), plane.bearer()).status == 200
            assert len(wire.ask(plane.path("bytes?200000"), plane.bearer()).body) == 200_000
            assert wire.ask(plane.path("sink"), plane.bearer(), "PUT", some).body == b"100000"
            soak.done["alice"] += 3


def alice_talks(soak: Soak) -> None:
    """A WebSocket that is recorded."""
    plane, message = soak.plane, packed(1, b"hello " * 300, masked=True)
    back = len(packed(1, b"hello " * 300))
    with Wire(plane.gateway) as wire:
        assert wire.ask(plane.path("ws"), {**plane.bearer(), **upgrade(plane.gateway)}).status == 101
        for _ in range(50):
            wire.send(message)
            assert len(wire._exactly(back)) == back
            soak.over.wait(0.01)


# ── who watches ──────────────────────────────────────────────────────────────

STREAM = "/hub/api/traffic/requests/stream"


def leaving_watchers(soak: Soak) -> None:
    """They come, and are gone without a word."""
    plane = soak.plane
    with Wire(plane.gateway) as wire:
        wire.send(head(plane.gateway, STREAM, plane.bearer("admin")))
        assert (wire._until(b"\r\n\r\n") or b"").startswith(b"HTTP/1.1 200 ")
    soak.over.wait(0.2)


@contextlib.contextmanager
def silent_watcher(plane: Bulk) -> Iterator[socket.socket]:
    """One that never takes what it is sent."""
    with Wire(plane.gateway) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.send(head(plane.gateway, STREAM, plane.bearer("admin")))
        yield wire.socket


def ended(sock: socket.socket) -> bool:
    """What the kernel still has comes, and then the end."""
    sock.settimeout(5)
    with contextlib.suppress(ConnectionResetError):
        while sock.recv(MIB):
            pass
    return True


class Watcher:
    """Who takes all events, and how late they are."""

    def __init__(self, plane: Bulk) -> None:
        self._plane = plane
        self.late: list[float] = []
        self.skipped = 0

    def watch(self, soak: Soak) -> None:
        url = self._plane.gateway.url(STREAM[1:])
        headers = self._plane.bearer("admin")
        with httpx.Client(trust_env=False, timeout=20, headers=headers) as client, client.stream("GET", url) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    self._take(json.loads(line.removeprefix("data:")), time.time())
                if soak.over.is_set():
                    return
        raise AssertionError("the stream has ended")

    def _take(self, event: dict[str, Any], now: float) -> None:
        self.skipped += event["skipped"]
        newest = event["requests"][-1]
        self.late.append(now - datetime.fromisoformat(newest["time"]).timestamp() - newest["seconds"])


# ── what must hold ───────────────────────────────────────────────────────────


class Captures:
    """One after the other, as each becomes full; the oldest make room."""

    def __init__(self, plane: Bulk, admin: httpx.Client) -> None:
        self._folder = plane.gateway.data_dir / "captures"
        self._admin = admin
        self._now = ""
        self.full = self.records = self.dropped = self.most = 0

    def look(self) -> None:
        if self._now:
            found = self._admin.get(f"/{self._now}").json()
            assert found["bytes"] <= SIZE
            if found["running"]:
                assert self._on_disk() <= SPACE
                return
            assert found["why"] == "it is full", found
            assert disk(self._folder / self._now) <= SIZE + 4096
            self.full += 1
            self.records += found["records"]
            self.dropped += found["dropped"]
        wish = {"reason": "full load", "user": "alice", "seconds": 3600, "size": SIZE}
        while (made := self._admin.post("", json=wish)).status_code == 409:
            oldest = self._admin.get("").json()["items"][-1]["id"]
            assert self._admin.delete(f"/{oldest}").status_code == 204
        self._now = made.json()["id"]

    def _on_disk(self) -> int:
        size = sum(disk(each) for each in self._folder.iterdir())
        self.most = max(self.most, size)
        return size - 4096 * len(list(self._folder.iterdir()))


def disk(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.iterdir())


def metrics(plane: Bulk) -> dict[str, float]:
    families = text_string_to_metric_families(read(plane).text)
    return {each.name: each.value for family in families for each in family.samples if not each.labels}


def read(plane: Bulk) -> httpx.Response:
    """A worker that gets too little of the processor may take its hub for away; not for long."""

    def answer() -> httpx.Response | None:
        url = plane.gateway.url("hub/metrics")
        found = httpx.get(url, headers=plane.bearer("admin"), trust_env=False, timeout=30)
        return found if found.status_code == 200 else None

    found = eventually(answer, 20)
    assert found is not None
    return found


def enough(plane: Bulk, soak: Soak, captures: Captures) -> bool:
    """Old requests had to leave the ring, a capture was full, more watchers came than may be there at a time."""
    found = metrics(plane)
    wrapped = found["hubgate_request_log_seen_total"] > found["hubgate_request_log_requests"] + 1000
    return wrapped and captures.full > 0 and soak.done["leaving_watchers"] > WATCHERS + 8


def sizes(plane: Bulk) -> dict[str, int]:
    """Bytes of memory, by process; the darkroom, a process beside the worker, is there while a capture runs."""
    (worker,) = plane.workers()
    found = {"hub": plane.hub().memory_info().rss, "worker": worker.memory_info().rss, "darkroom": 0}
    for child in worker.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found["darkroom"] += child.memory_info().rss
    return found


def within(plane: Bulk, before: dict[str, int]) -> None:
    found = metrics(plane)
    assert found["hubgate_request_log_requests"] <= requestlog.LINES
    assert found["hubgate_request_log_bytes"] <= requestlog.SIZE
    grown = {name: size - before[name] for name, size in sizes(plane).items()}
    assert all(grown[name] < MEMORY[name] for name in grown), grown


def report(plane: Bulk, soak: Soak, watcher: Watcher, captures: Captures, before: dict[str, int]) -> str:
    found, late = metrics(plane), sorted(watcher.late)
    grown = {name: f"{(size - before[name]) / MIB:+.0f}" for name, size in sizes(plane).items()}
    return "; ".join((
        f"{SECONDS} s: {soak.done['bob']} requests in the express lane, {soak.done['alice']} recorded ones",
        f"ring {found['hubgate_request_log_requests']:.0f} requests, {found['hubgate_request_log_bytes']:.0f} bytes",
        f"{captures.full} captures became full, with {captures.records} records, {captures.dropped} dropped,"
        f" {captures.most / MIB:.1f} of {SPACE / MIB:.0f} MiB on disk at most",
        f"events late by {late[len(late) // 2]:.2f} s, at most {late[-1]:.2f} s, {watcher.skipped} requests skipped",
        f"{soak.done['leaving_watchers']} watchers left; MiB {grown}",
    ))  # fmt: skip
