"""Text from outside in logs: one line, bounded, every character visible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.hub.words import LONGEST, called, plain


def test_plain() -> None:
    assert plain("alice") == "alice"
    assert plain("ünï") == "ünï"
    assert plain("a\nb\x1b[31m\x00") == r"a\nb\x1b[31m\x00"
    assert plain("a\u202eb") == r"a\u202eb"
    assert plain("x" * 1_000_000) == "x" * 100 + "… (1000000 characters)"
    assert plain("x" * 10, 5) == "xxxxx… (10 characters)"


@given(st.text(max_size=500))
def test_nothing_that_acts_is_left(text: str) -> None:
    """Whatever comes in, what goes out is one short line."""
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown and "\0" not in shown
    assert len(shown) <= LONGEST * 10 + 30


def test_a_default_server_is_called_by_its_user() -> None:
    assert (called("alice", ""), called("alice", "lab")) == ("alice", "alice:lab")
