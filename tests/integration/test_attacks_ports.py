"""Attacks 19, 20, 21: an address is not a server. Ports change hands; connections outlive what they led to."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Self

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import MARK, Hostile
from tests.integration.wire import Wire, ask, cookie, people, session, start, upgrade

pytestmark = pytest.mark.sockets


class Thief:
    """Another process's server on somebody's port: says 200 to everything and keeps what it hears."""

    def __init__(self, port: int) -> None:
        """Take the port as soon as it is free."""
        self.heard: list[bytes] = []
        found = eventually(lambda: listening(port), 5, f"port {port} does not become free")
        assert found
        self.socket = found
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(0.2)
                try:
                    self.heard.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nstolen")
                except OSError:
                    continue


def listening(port: int) -> socket.socket | None:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return None


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), hostile.settings("alice", "bob", "carol")) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="people")
def _people(gateway: Gateway) -> Iterator[dict[str, Client]]:
    with people(gateway, "alice", "bob", "carol") as clients:
        start(clients, "alice", "alice/gpu", "bob")
        yield clients


def status(gateway: Gateway, client: Client, path: str) -> int:
    return ask(gateway, path, {"Cookie": cookie(client)}).status


@pytest.mark.parametrize("server", ["", "gpu/"])
def test_the_port_of_a_dead_server_gets_nothing(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, server: str
) -> None:
    """19. Killed, and its port taken at once: nobody's request goes there, kept connections neither."""
    alice, path = people["alice"], f"/user/alice/{server}x"
    began = hostile.start(f"/user/alice/{server}")
    with Wire(gateway) as kept:
        assert kept.ask(path, {"Cookie": cookie(alice)}).status == 200
        os.kill(began["pid"], signal.SIGKILL)
        with Thief(began["port"]) as thief:
            eventually(lambda: status(gateway, alice, path) == 424, 2, "the death was not noticed")
            heard = len(thief.heard)
            for _ in range(5):
                assert kept.ask(path, {"Cookie": cookie(alice)}).status == 424
                assert status(gateway, alice, path) == 424
            with Wire(gateway) as wire:
                assert wire.ask(path, upgrade(gateway) | {"Cookie": cookie(alice)}).status == 424
            assert len(thief.heard) == heard
            assert not [each for each in thief.heard if session(alice).encode() in each]
    alice.start_server(server.removesuffix("/"), "secret" if server else "open")
    assert hostile.start(f"/user/alice/{server}")["pid"] != began["pid"]


def test_a_port_that_is_taken_before_the_first_start(gateway: Gateway, people: dict[str, Client]) -> None:
    """19. Who answers there is not of this start, so it never becomes ready, and no user's request goes there."""
    carol = people["carol"]
    carol.ask_start(profile="slow")
    number = eventually(lambda: next(iter(slow_ports(gateway)), 0), 10)
    with Thief(number) as thief:
        eventually(lambda: "Another process" in carol.page("hub/spawn-pending/carol").text, 15, gateway.log)
        assert status(gateway, carol, "/user/carol/x") == 424
    assert thief.heard, "the test is about a port that was asked"
    for each in thief.heard:
        assert each.startswith(b"GET /user/carol/api HTTP/1.1\r\n")
        assert b"hubgate" not in each.lower()
        assert b"authorization" not in each.lower()
    eventually(lambda: not list(slow_ports(gateway)), 5, "something of it is left")


def slow_ports(gateway: Gateway) -> Iterator[int]:
    """Of servers that were given a port and do not listen."""
    for process in gateway.servers():
        command = process.cmdline()
        if "-c" in command:
            yield int(process.environ()["SERVER_PORT"])


def test_a_kept_connection_follows_the_route(gateway: Gateway, people: dict[str, Client], hostile: Hostile) -> None:
    """20. The server is started anew between two requests of one connection; its old port is somebody else's."""
    bob = people["bob"]
    old = hostile.start("/user/bob/")
    with Wire(gateway) as wire:
        assert wire.ask("/user/bob/x", {"Cookie": cookie(bob)})["x-pid"] == str(old["pid"])
        bob.submit("hub/stop/bob", {}, form="hub/home")
        assert wire.ask("/user/bob/x", {"Cookie": cookie(bob)}).status == 424
        with Thief(old["port"]) as thief:
            bob.start_server(profile="open")
            new = hostile.start("/user/bob/")
            assert new["port"] != old["port"]
            assert wire.ask("/user/bob/x", {"Cookie": cookie(bob)})["x-pid"] == str(new["pid"])
            assert thief.heard == []


def test_a_connection_serves_one_route_at_a_time(gateway: Gateway, people: dict[str, Client], hostile: Hostile) -> None:
    """20. Two servers of hers over one connection, again and again: each answers for itself."""
    alice = people["alice"]
    pids = {path: str(hostile.start(f"/user/alice/{path}")["pid"]) for path in ("", "gpu/")}
    with Wire(gateway) as wire:
        for path in ["", "gpu/"] * 10:
            assert wire.ask(f"/user/alice/{path}x", {"Cookie": cookie(alice)})["x-pid"] == pids[path]
            assert wire.ask("/user/bob/x", {"Cookie": cookie(alice)}).status == 403


@pytest.mark.parametrize("when", ["at-once", "later"])
def test_what_nobody_asked_for_is_nobodys_answer(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, when: str
) -> None:
    """21. A server that answers twice poisons no later request on the connection."""
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
    evil = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: evil=1\r\n\r\nevil"
    hostile.raw("twice", good + evil)
    hostile.raw("more", b"HTTP/1.1 204 No Content\r\n\r\n" + evil if when == "at-once" else good[:-2] + b"od" + evil)
    with Wire(gateway) as wire:
        for name in ("twice", "more"):
            for _ in range(3):
                reply = wire.ask(f"/user/alice/{name}", {"Cookie": cookie(people["alice"])})
                assert reply.status in (200, 204)
                assert b"evil" not in reply.raw
                if when == "later":
                    time.sleep(0.05)
                after = wire.ask("/user/alice/x", {"Cookie": cookie(people["alice"])})
                assert after.body == MARK.encode()
                assert b"evil" not in after.raw
