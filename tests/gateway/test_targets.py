"""Where services and custom routes may not lead (attacks 27 and 28)."""

from __future__ import annotations

import pytest

from gateway.targets import refusal
from tests.gateway.proxy.values import server

ROUTES = [
    server("alice", url="http://127.0.0.1:9001"),
    server("bob", url="http://10.0.0.5:8888"),
    server("carol", url=""),
]


@pytest.mark.parametrize(
    ("peer", "local", "port", "fine"),
    [
        ("127.0.0.1", "127.0.0.1", 5000, True),
        ("93.184.216.34", "10.0.0.2", 80, True),
        ("127.0.0.1", "127.0.0.1", 8000, False),
        ("127.0.0.2", "127.0.0.1", 8000, False),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", 8000, False),
        ("10.0.0.2", "10.0.0.2", 8000, False),
        ("10.0.0.3", "10.0.0.2", 8000, True),
        ("169.254.169.254", "10.0.0.2", 80, False),
        ("fe80::1%eth0", "fe80::2%eth0", 80, False),
        ("0.0.0.0", "127.0.0.1", 5000, False),
        ("127.0.0.1", "127.0.0.1", 9001, False),
        ("10.0.0.2", "10.0.0.2", 9001, False),
        ("10.0.0.3", "10.0.0.2", 9001, True),
        ("10.0.0.5", "10.0.0.2", 8888, False),
        ("nonsense", "10.0.0.2", 80, False),
    ],
)  # fmt: skip
def test_refusals(peer: str, local: str, port: int, fine: bool) -> None:
    assert (refusal(peer, local, port, {8000}, ROUTES) == "") is fine
