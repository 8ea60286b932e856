"""Listening sockets: bound once, shared by inheritance only."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from gateway import listen
from gateway.errors import HubgateError

pytestmark = pytest.mark.sockets


def test_port_0_becomes_a_free_port() -> None:
    (listener,) = listen.open_all(["127.0.0.1:0"])
    with listener:
        port = listener.getsockname()[1]
        assert listen.bound(listener) == f"127.0.0.1:{port}"
        assert listen.actual(["localhost:0"], [listener]) == (f"localhost:{port}",)
        assert not listener.get_inheritable()
        socket.create_connection(("127.0.0.1", port)).close()


def test_a_name_is_looked_up() -> None:
    (listener,) = listen.open_all(["localhost:0"])
    with listener:
        socket.create_connection(("localhost", listener.getsockname()[1])).close()


def test_a_port_in_use_is_named_and_nothing_stays_open() -> None:
    (first,) = listen.open_all(["127.0.0.1:0"])
    with first:
        bind = listen.bound(first)
        free = listen.open_all(["127.0.0.1:0"])
        other = listen.bound(free[0])
        listen.close_all(free)
        with pytest.raises(HubgateError, match=f"^cannot listen on {bind}: address already in use"):
            listen.open_all([other, bind])
        listen.close_all(listen.open_all([other]))


def test_nobody_of_the_same_user_can_join_the_port() -> None:
    (listener,) = listen.open_all(["127.0.0.1:0"])
    with listener, socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            stranger.bind(listener.getsockname())


def test_patience_waits_for_a_port_to_be_free() -> None:
    (first,) = listen.open_all(["127.0.0.1:0"])
    bind = listen.bound(first)
    timer = threading.Timer(0.2, first.close)
    timer.start()
    began = time.monotonic()
    (second,) = listen.open_all([bind], patience=10)
    timer.join()
    second.close()
    assert 0.1 < time.monotonic() - began < 5


def test_a_port_is_free_again_while_old_connections_time_out() -> None:
    (first,) = listen.open_all(["127.0.0.1:0"])
    bind = listen.bound(first)
    client = socket.create_connection(first.getsockname())
    first.setblocking(True)
    accepted, _ = first.accept()
    accepted.close()  # we close first, so TIME_WAIT is ours
    client.close()
    first.close()
    listen.close_all(listen.open_all([bind]))


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(HubgateError, match=r"^cannot listen on .*: this machine has no such address"):
        listen.open_all(["192.0.2.1:0"])


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(HubgateError, match="'hub' is no address of this machine"):
        listen.open_all(["hub:0"])


def test_inherited_sockets_are_the_same_sockets() -> None:
    (listener,) = listen.open_all(["127.0.0.1:0"])
    with listener:
        (again,) = listen.inherited([listener.detach()])
        with again:
            socket.create_connection(again.getsockname()).close()
