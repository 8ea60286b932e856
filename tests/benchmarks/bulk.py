"""Long bodies, down and up, over one connection or several at once."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks.measure import Invalid, Sample, window
from tests.benchmarks.peers import LOOPBACK, Peer, Target

READ = 1 << 20
BLOCK = memoryview(bytes(READ))
GIB = 1 << 30
TIMEOUT = 120.0


def down(peer: Peer, size: int, streams: int) -> Sample:
    """Fetch `size` bytes in all."""
    each = size // streams
    return _transfer(peer, size, streams, lambda: fetch(peer.target(f"down?{each}"), each))


def up(peer: Peer, size: int, streams: int) -> Sample:
    """Send `size` bytes in all."""
    each = size // streams
    return _transfer(peer, size, streams, lambda: send(peer.target("up"), each))


def _transfer(peer: Peer, size: int, streams: int, one: object) -> Sample:
    assert callable(one)
    with window(peer.processes()) as used, ThreadPoolExecutor(streams) as threads:
        for done in [threads.submit(one) for _ in range(streams)]:
            done.result()
    return {"mb": size / used.seconds / 1e6, "cpu_gib": used.cpu / size * GIB}


def fetch(target: Target, size: int) -> None:
    with socket.create_connection((LOOPBACK, target.port), timeout=TIMEOUT) as sock:
        sock.sendall(target.head())
        left = size - len(_answer(sock))
        buffer = bytearray(READ)
        while left > 0:
            count = sock.recv_into(buffer)
            if not count:
                raise Invalid(f"{left} bytes did not come")
            left -= count


def send(target: Target, size: int) -> None:
    with socket.create_connection((LOOPBACK, target.port), timeout=TIMEOUT) as sock:
        sock.sendall(target.head("POST", f"Content-Length: {size}\r\nContent-Type: application/octet-stream\r\n"))
        for start in range(0, size, READ):
            sock.sendall(BLOCK[: min(READ, size - start)])
        _answer(sock)


def _answer(sock: socket.socket) -> bytes:
    """Read a response's head, which must be a 200, and give what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise Invalid(f"the connection was closed before the answer: {data[:200]!r}")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
        raise Invalid(f"refused: {head[:300]!r}")
    return body
