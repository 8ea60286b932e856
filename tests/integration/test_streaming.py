"""Bodies, streams and WebSockets by the gigabyte, through real processes: nothing is held, nobody waits for another.

The short forms move 256 MiB; `HUBGATE_LONG=1` moves 5 GiB, and 1 GiB over one WebSocket.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.bulk import LONG, MIB, Bulk, Growth, bulk
from tests.integration.bulkserver import PART, packed
from tests.integration.harness import eventually
from tests.integration.wire import Wire, head, upgrade

pytestmark = [pytest.mark.sockets, pytest.mark.long, pytest.mark.timeout(1800 if LONG else 300)]

BODY = (5 * 1024 if LONG else 256) * MIB
SOCKET = (1024 if LONG else 256) * MIB
SOME = b"x" * MIB


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    with bulk(tmp_path_factory.mktemp("streaming")) as made:
        yield made


@pytest.fixture(params=["express", "flow"])
def lane(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def growth(plane: Bulk, most: int) -> Iterator[None]:
    """The worker grows by less than `most` bytes meanwhile."""
    found, over = Growth(*plane.workers()), threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            found.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    assert found.most < most, f"grew by {found.most / MIB:.1f} MiB"


def received(wire: Wire) -> int:
    """All that still comes on this connection."""
    buffer, count = bytearray(MIB), 0
    while size := wire.socket.recv_into(buffer):
        count += size
    return count


def test_a_large_download(plane: Bulk, lane: str) -> None:
    with growth(plane, 50 * MIB), Wire(plane.gateway) as wire:
        wire.send(head(plane.gateway, plane.path(f"bytes?{BODY}", lane), {**plane.bearer(), "Connection": "close"}))
        assert received(wire) > BODY


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_large_upload(plane: Bulk, lane: str, framing: str) -> None:
    chunked = framing == "chunks"
    how = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(BODY)}
    part = b"%x\r\n%b\r\n" % (MIB, SOME) if chunked else SOME
    with growth(plane, 50 * MIB), Wire(plane.gateway) as wire:
        wire.socket.settimeout(60)
        wire.send(head(plane.gateway, plane.path("sink", lane), {**plane.bearer(), **how}, "PUT"))
        for _ in range(BODY // MIB):
            wire.send(part)
        if chunked:
            wire.send(b"0\r\n\r\n")
        reply = wire.read()
        assert reply is not None
        assert (reply.status, reply.body) == (200, b"%d" % BODY)


def opened(plane: Bulk, lane: str) -> Wire:
    wire = Wire(plane.gateway)
    assert wire.ask(plane.path("ws", lane), {**plane.bearer(), **upgrade(plane.gateway)}).status == 101
    wire.socket.settimeout(60)
    return wire


def test_much_down_one_websocket(plane: Bulk, lane: str) -> None:
    with growth(plane, 20 * MIB), opened(plane, lane) as wire:
        wire.send(packed(1, b"send %d" % SOCKET, masked=True))
        buffer, left = bytearray(MIB), len(packed(2, b"x" * PART)) * (SOCKET // PART)
        while left:
            left -= wire.socket.recv_into(buffer, min(left, MIB))
        wire.send(packed(1, b"still here", masked=True))
        assert wire.socket.recv(100).endswith(b"still here")


def test_much_up_one_websocket(plane: Bulk, lane: str) -> None:
    frames = packed(2, b"x" * PART, masked=True) * 16
    with growth(plane, 20 * MIB), opened(plane, lane) as wire:
        wire.send(packed(1, b"sink", masked=True))
        for _ in range(SOCKET // PART // 16):
            wire.send(frames)
        wire.send(packed(1, b"count", masked=True))
        assert wire.socket.recv(PART).endswith(b"%d" % SOCKET)


def test_events_arrive_at_once(plane: Bulk, lane: str) -> None:
    with Wire(plane.gateway) as wire:
        wire.send(head(plane.gateway, plane.path("events", lane), plane.bearer()))
        late = []
        for _ in range(10):
            while b"data: " not in (data := wire.socket.recv(PART)):
                assert data
            late.append(time.time() - float(data.partition(b"data: ")[2].split()[0]))
        assert sorted(late)[5] < 0.05, late
        assert max(late) < 1


def test_a_client_that_does_not_read_holds_up_nobody_else(plane: Bulk, lane: str) -> None:
    with growth(plane, 20 * MIB), Wire(plane.gateway) as lazy, Wire(plane.gateway) as other:
        lazy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.send(head(plane.gateway, plane.path(f"bytes?{BODY}", lane), plane.bearer()))
        for _ in range(20):
            began = time.monotonic()
            assert other.ask(plane.path("x", lane), plane.bearer()).status == 200
            assert time.monotonic() - began < 1
            time.sleep(0.05)


def test_a_server_that_does_not_read_holds_up_its_uploader(plane: Bulk, lane: str) -> None:
    """Attack 36: what it does not take is not taken from the client either."""
    with growth(plane, 20 * MIB), Wire(plane.gateway) as wire:
        wire.send(
            head(plane.gateway, plane.path("stall", lane), {**plane.bearer(), "Content-Length": "1000000000"}, "PUT")
        )
        sent = 0
        wire.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            while sent < 1_000_000_000:
                sent += wire.socket.send(SOME)
        assert sent < 200 * MIB  # what the kernel keeps by itself


def test_much_is_sent_while_the_hub_is_asked(plane: Bulk) -> None:
    """Attack 36: nobody knows yet whether it may come."""
    made = plane.gateway.run("token", "alice")
    fresh = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Length": "1000000000"}
    plane.hub().suspend()
    try:
        with growth(plane, 20 * MIB), Wire(plane.gateway) as wire:
            wire.send(head(plane.gateway, plane.path("sink"), fresh, "PUT"))
            wire.socket.settimeout(1)
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < 1_000_000_000:
                    sent += wire.socket.send(SOME)
            assert sent < 100 * MIB  # what the kernel keeps by itself
            wire.socket.settimeout(10)
            reply = wire.read()
            assert reply is not None
            assert reply.status == 503
    finally:
        plane.hub().resume()
    eventually(plane.gateway.healthy, 20)


def test_a_client_that_has_said_all_gets_its_answer(plane: Bulk, lane: str) -> None:
    """Half-close: `printf 'GET …' | nc`, and some old programs."""
    with Wire(plane.gateway) as wire:
        wire.send(head(plane.gateway, plane.path(f"bytes?{40 * MIB}", lane), plane.bearer()))
        wire.socket.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        assert received(wire) > 40 * MIB


def test_a_client_that_is_gone_lets_its_server_go(plane: Bulk, lane: str) -> None:
    """The server hears of it at its next word at the latest."""
    (worker,) = plane.workers()
    before = elsewhere(plane)
    with Wire(plane.gateway) as wire:
        wire.send(head(plane.gateway, plane.path("events", lane), plane.bearer()))
        assert wire.socket.recv(100)
        assert elsewhere(plane) == before + 1
    eventually(lambda: elsewhere(plane) <= before, 3, "the server still talks")
    assert worker.is_running()


def elsewhere(plane: Bulk) -> int:
    """The worker's connections that are no client's."""
    (worker,) = plane.workers()
    mine = [each for each in worker.net_connections("tcp") if each.laddr.port != plane.gateway.port]
    return len([each for each in mine if each.status == "ESTABLISHED"])


def test_kept_alive_by_the_kernel(plane: Bulk) -> None:
    """On both sides: a peer that is dead is noticed, however quiet the connection may be."""
    with opened(plane, "express"):
        (worker,) = plane.workers()
        mine = [each for each in worker.net_connections("tcp") if each.status == "ESTABLISHED"]
        ports = {each.laddr.port for each in mine}
        timers = timers_of(ports)
        assert timers.count("keepalive") >= 2
        assert "none" not in timers


def timers_of(ports: set[int]) -> list[str]:
    """The kernel's timer of each established connection with a local port among these, from `/proc/net/tcp`."""
    kinds = {"00": "none", "01": "retransmit", "02": "keepalive", "03": "time-wait", "04": "probe"}
    found = []
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) in ports and fields[3] == "01":
            found.append(kinds[fields[5].partition(":")[0]])
    return found
