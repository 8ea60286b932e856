"""Which upstream connections are kept, and for whom."""

from __future__ import annotations

import pytest
from mitmproxy.connection import Server

from gateway.proxy.upstreams import IDLE, Upstreams, address_of
from tests.gateway.proxy.values import server


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8888", ("127.0.0.1", 8888)),
        ("http://[::1]:8888", ("::1", 8888)),
        ("http://example.org", ("example.org", 80)),
        ("unix:/run/hub.sock", ("unix:/run/hub.sock", 0)),
    ],
)
def test_addresses(url: str, address: tuple[str, int]) -> None:
    assert address_of(url) == address


def test_a_connection_belongs_to_a_generation() -> None:
    upstreams = Upstreams()
    first, second = server(generation=1), server(generation=2)
    connection = Server(address=("127.0.0.1", 9))
    upstreams.keep(first, connection)
    assert upstreams.take(second) is None
    assert upstreams.outdated(second) == [connection]
    assert upstreams.take(first) is None


def test_only_so_many_are_kept() -> None:
    upstreams = Upstreams()
    made = [Server(address=("127.0.0.1", number)) for number in range(IDLE + 1)]
    dropped = [upstreams.keep(server(f"user{number}"), each) for number, each in enumerate(made)]
    assert dropped == [None] * IDLE + [made[0]]
    assert len(upstreams) == IDLE
    assert list(upstreams) == made[1:]


def test_one_for_each_route() -> None:
    upstreams = Upstreams()
    one, two = Server(address=("127.0.0.1", 1)), Server(address=("127.0.0.1", 2))
    assert upstreams.keep(server(), one) is None
    assert upstreams.keep(server(), two) is one
    assert upstreams.remove(two)
    assert not upstreams.remove(two)
