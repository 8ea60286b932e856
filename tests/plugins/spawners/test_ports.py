from __future__ import annotations

import socket

import pytest

from gateway.errors import StartFailed
from plugins.spawners import ports
from plugins.spawners.ports import Ports

pytestmark = pytest.mark.sockets


def test_a_port_is_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", Ports().take(now=0)))


def test_none_is_handed_out_twice_in_short_order(monkeypatch: pytest.MonkeyPatch) -> None:
    free = iter([4711, 4711, 4712, 4711, 4711])
    monkeypatch.setattr(ports, "_free", lambda: next(free))
    given = Ports()
    assert [given.take(now=0), given.take(now=59)] == [4711, 4712]
    assert given.take(now=61) == 4711


def test_when_there_is_none_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_free", lambda: 4711)
    given = Ports()
    given.take(now=0)
    with pytest.raises(StartFailed, match="no free port"):
        given.take(now=0)


def test_a_kernel_without_a_port_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "LOOPBACK", "192.0.2.1")
    with pytest.raises(StartFailed, match="no free port on this machine: "):
        Ports().take(now=0)
