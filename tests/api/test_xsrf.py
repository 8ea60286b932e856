from __future__ import annotations

import pytest

from api import xsrf

KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_session_has_its_own_value() -> None:
    value = xsrf.for_session(KEY, "a" * 64)
    assert xsrf.fits_session(KEY, "a" * 64, value)
    assert not xsrf.fits_session(KEY, "b" * 64, value)
    assert not xsrf.fits_session(OTHER, "a" * 64, value)
    assert not xsrf.fits_session(KEY, "a" * 64, "")


def test_a_strangers_value_must_be_ours_and_in_the_cookie() -> None:
    value = xsrf.for_nonce(KEY, "nonce")
    assert xsrf.fits_cookies(KEY, [value], value)
    assert xsrf.fits_cookies(KEY, ["tossed by a neighbour", value], value)
    assert not xsrf.fits_cookies(KEY, [], value)
    assert not xsrf.fits_cookies(KEY, [xsrf.for_nonce(KEY, "another")], value)
    assert not xsrf.fits_cookies(KEY, ["mine", "mine"], "mine")
    assert not xsrf.fits_cookies(KEY, [""], "")


@pytest.mark.parametrize("value", ["", ".", "nonce", "nonce.", ".mac", "nonce.ffff", "é.ü", "\ud800.x"])
def test_what_is_not_ours(value: str) -> None:
    assert not xsrf.is_ours(KEY, value)


def test_a_value_for_strangers_is_none_for_a_session() -> None:
    """What was handed out before log-in is worth nothing after it, and the reverse."""
    stranger = xsrf.for_nonce(KEY, "a" * 64)
    assert not xsrf.fits_session(KEY, "a" * 64, stranger)
    assert not xsrf.fits_session(KEY, "a" * 64, stranger.partition(".")[2])
    session = xsrf.for_session(KEY, "a" * 64)
    assert not xsrf.fits_cookies(KEY, [session], session)
