"""Guesses have a limit, people behind one address have none."""

from __future__ import annotations

import pytest

from gateway import limiter as module
from gateway.limiter import Limiter


def test_guesses_run_out_and_come_back() -> None:
    limiter = Limiter(burst=3, per_second=2)
    assert [limiter.take("192.0.2.1", 0) for _ in range(4)] == [True, True, True, False]
    assert limiter.take("192.0.2.2", 0)
    assert [limiter.take("192.0.2.1", 1) for _ in range(3)] == [True, True, False]
    assert [limiter.take("192.0.2.1", 1000) for _ in range(4)] == [True, True, True, False]


def test_who_is_known_costs_nothing() -> None:
    limiter = Limiter(burst=1, per_second=0)
    for _ in range(100):
        assert limiter.take("192.0.2.1", 0)
        limiter.give_back("192.0.2.1", 0)


def test_an_ipv6_network_is_one_address() -> None:
    limiter = Limiter(burst=1, per_second=0)
    assert limiter.take("2001:db8::1", 0)
    assert not limiter.take("2001:db8::ffff", 0)
    assert limiter.take("2001:db8:0:1::1", 0)
    assert limiter.take("no address", 0)


def test_addresses_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ADDRESSES", 2)
    limiter = Limiter(burst=1, per_second=0)
    for number in range(3):
        limiter.take(f"192.0.2.{number}", 0)
    assert limiter.take("192.0.2.0", 0)
    assert not limiter.take("192.0.2.2", 0)
