from __future__ import annotations

import logging
import time

import pytest

from plugins.authenticators import passwords


def test_a_password_matches_its_own_hash_only() -> None:
    kept = passwords.hashed("correct horse", 4)
    assert passwords.matches("correct horse", kept)
    assert not passwords.matches("correct hors", kept)
    assert kept.startswith("$2b$04$")
    assert passwords.hashed("correct horse", 4) != kept


@pytest.mark.parametrize("tail", ["\0a", "\0b", "x", ""])
def test_bytes_after_72_and_after_nul_count(tail: str) -> None:
    long = "p" * 72
    assert not passwords.matches(long + tail, passwords.hashed(long + "other", 4))
    assert not passwords.matches("\0" + tail, passwords.hashed("\0other", 4))


def test_lone_surrogates_are_just_wrong() -> None:
    assert not passwords.matches("\udcff", passwords.hashed("x", 4))


@pytest.mark.parametrize("kept", ["", "plain", "$2b$04$short", "$9z$04$" + "a" * 53, "ü" * 60])
def test_a_broken_hash_matches_nothing_and_is_reported(kept: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert not passwords.matches("plain", kept)
    assert "not a bcrypt hash" in caplog.text


def test_a_decoy_matches_nothing_and_costs_what_a_real_hash_costs() -> None:
    decoy, real = passwords.decoy(9), passwords.hashed("x", 9)
    assert not passwords.matches("", decoy)
    runs = [(_seconds(decoy), _seconds(real)) for _ in range(8)]
    # The quickest of each: what else the machine does only adds.
    of_decoy, of_real = (min(column) for column in zip(*runs, strict=True))
    assert 0.5 < of_decoy / of_real < 2


def _seconds(kept: str) -> float:
    begun = time.perf_counter()
    passwords.matches("guess", kept)
    return time.perf_counter() - begun
