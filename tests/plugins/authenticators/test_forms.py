from __future__ import annotations

import pytest

from plugins.authenticators import forms


def test_names_are_normalised_and_passwords_are_not_stripped() -> None:
    form = {"username": "  ALICE ", "password": " se cret "}
    assert forms.credentials(form) == ("alice", " se cret ")


def test_a_composed_and_a_decomposed_password_are_the_same() -> None:
    one = forms.credentials({"username": "a", "password": "caf\u00e9"})
    other = forms.credentials({"username": "a", "password": "cafe\u0301"})
    assert one == other != None  # noqa: E711


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"password": "x"},
        {"username": "", "password": "x"},
        {"username": "a/b", "password": "x"},
        {"username": "a\0b", "password": "x"},
        {"username": "\ud800", "password": "x"},
        {"username": "a" * 1_000_000, "password": "x"},
        {"username": "ü" * 200, "password": "x"},
        {"username": "alice", "password": "x" * 1025},
    ],
)
def test_what_can_be_nobodys_is_refused_by_its_form(form: dict[str, str]) -> None:
    assert forms.credentials(form) is None


def test_lone_surrogates_in_a_password_are_bytes_like_others() -> None:
    assert forms.in_bytes("\ud800") == b"\xed\xa0\x80"
