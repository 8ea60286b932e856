"""Names: which are taken, in which form, and which are refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadInput
from gateway.names import checked_name, checked_server_name, normalise


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("alice", "alice"),
        ("Alice ", "alice"),
        ("a@b.c", "a@b.c"),
        ("x y", "x y"),
        ("ünï", "ünï"),
        ("u\u0308ni\u0308", "ünï"),
        ("ÜNÏ", "ünï"),
        ("日本", "日本"),
        ("...a", "...a"),
        ("n" * 255, "n" * 255),
        ("a+b&c=d!~'(*)", "a+b&c=d!~'(*)"),
        ("\u212a", "k"),  # the Kelvin sign
    ],
)
def test_names_that_are_taken(name: str, kept: str) -> None:
    assert checked_name(name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "...", "../x", "a/b", "a%2Fb", "a\\b", "a;b", "a\0b", "a\nb", "a\x7fb", "a\u202eb",
        "a\u200bb", "a\u2028b", "\ud800", "n" * 300, "ü" * 128,
    ],
)  # fmt: skip
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="user name must not"):
        checked_name(name)


def test_a_refusal_says_what_it_is_about() -> None:
    with pytest.raises(BadInput, match="group name"):
        checked_name("", "group name")


@given(st.text(max_size=40))
def test_a_checked_name_is_its_own_form(name: str) -> None:
    """What is taken once is taken again unchanged, so a name has one form everywhere."""
    try:
        kept = checked_name(name)
    except BadInput:
        return
    assert checked_name(kept) == normalise(kept) == unicodedata.normalize("NFC", kept) == kept


@pytest.mark.parametrize("name", ["a", "gpu", "gpu-2", "a1", "n" * 30])
def test_server_names(name: str) -> None:
    assert checked_server_name(name) == name


@pytest.mark.parametrize("name", ["", "1a", "-a", "a-", "a--b", "A", "a b", "ü", "a.b", "a/b", "n" * 31])
def test_server_names_that_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="server name"):
        checked_server_name(name)
