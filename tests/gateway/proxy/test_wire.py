"""One socket; how several work together is in `test_handler.py`."""

from __future__ import annotations

import socket
from types import SimpleNamespace

from gateway.proxy.wire import Wire, keep_alive
from tests.gateway.proxy.playbook import Talk


class Transport:
    """Just what the clockwork of `stuck` asks for."""

    waiting = 0

    def get_write_buffer_size(self) -> int:
        return self.waiting


def test_stuck_is_who_has_something_to_take_and_takes_nothing() -> None:
    wire = Wire(None, Talk().client_connection)  # type: ignore[arg-type]
    transport = Transport()
    wire.transport = transport  # type: ignore[assignment]
    assert not wire.stuck(1000, 10)
    assert not wire.stuck(2000, 10)  # nothing to take is no sin
    transport.waiting = 500
    assert not wire.stuck(2001, 10)
    assert not wire.stuck(2011, 10)
    transport.waiting = 400
    assert not wire.stuck(2012, 10)
    assert not wire.stuck(2022, 10)
    assert wire.stuck(2023, 10)


def test_who_takes_slowly_is_not_stuck_though_the_buffer_looks_the_same_each_time() -> None:
    handler = SimpleNamespace(regulate=lambda: None)
    wire = Wire(handler, Talk().client_connection)  # type: ignore[arg-type]
    transport = Transport()
    wire.transport = transport  # type: ignore[assignment]
    transport.waiting = 500
    for now in range(1000, 1100):
        wire.pause_writing()
        assert not wire.stuck(now, 10)
        wire.resume_writing()
    assert not wire.stuck(1100, 10)
    assert wire.stuck(1111, 10)


def test_a_dead_peer_is_noticed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        keep_alive(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
    keep_alive(None)
    left, right = socket.socketpair()
    with left, right:
        keep_alive(left)
