"""Guesses are few, for a person and for an address; who was invited is not held up."""

from __future__ import annotations

import pytest

from gateway.errors import TooMany
from gateway.hub.guesses import PER_ACCOUNT, PER_ADDRESS, REFILL, Guesses


def test_a_person_has_so_many_tries() -> None:
    guesses = Guesses()
    for _ in range(PER_ACCOUNT):
        guesses.take("user:mallory", "192.0.2.1", 0.0)
    with pytest.raises(TooMany) as refusal:
        guesses.take("user:mallory", "192.0.2.2", 0.0)
    assert refusal.value.retry_after == REFILL / PER_ACCOUNT
    guesses.take("user:bob", "192.0.2.1", 0.0)
    guesses.take("user:mallory", "192.0.2.1", REFILL / PER_ACCOUNT)


def test_many_accounts_do_not_help() -> None:
    guesses = Guesses()
    for number in range(PER_ADDRESS):
        guesses.take(f"user:m{number}", f"2001:db8::{number:x}", 0.0)
    with pytest.raises(TooMany):
        guesses.take("user:another", "2001:db8::ffff", 0.0)
    for _ in range(PER_ACCOUNT):
        guesses.take("user:another", "192.0.2.1", 0.0)  # the refused try was not counted for the person


def test_the_right_code_costs_nothing() -> None:
    guesses = Guesses()
    for _ in range(3 * PER_ADDRESS):
        guesses.take("user:bob", "192.0.2.1", 0.0)
        guesses.give_back("user:bob", "192.0.2.1", 0.0)
