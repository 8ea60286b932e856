"""Which passwords guessers try first, and which people may have."""

from __future__ import annotations

import secrets

import pytest

from plugins.authenticators import rules

COMMON = [
    "password1234", "passwordpassword", "Password123!", "P@ssw0rd2024", "123456789012", "qwertyuiop12", "iloveyou1234",
    "letmein12345", "admin1234567", "welcome12345", "asdfghjkl123", "abcdefghijkl", "zyxwvutsrqpo", "jupyterhub123",
    "changeme1234", "1q2w3e4r5t6y" * 2, "Sommer2024!!", "qwertz123456", "098765432109", "passwort1234",
]  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_what_many_people_use(password: str) -> None:
    assert rules.refusal("somebody", password).startswith("password must not")


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "ababababababab", "abcabcabcabcabc", "111122221111", " " * 12])
def test_the_same_few_characters(password: str) -> None:
    assert rules.refusal("somebody", password) == "password must not repeat the same few characters"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice.cooper", "alice.cooper"),
        ("alice.cooper", "AliceCooper12"),
        ("alice.cooper", "repooc.ecila"),
        ("cooper@example.org", "cooper-example-1"),
        ("montgomery", "montgomery1999"),
    ],
)
def test_the_name(name: str, password: str) -> None:
    assert rules.refusal(name, password).startswith("password must not")


GOOD = [
    "correct horse battery", "a long password of her own", "another long password", "a long enough one",
    "Zebra-Lampe-Kaktus", "mein hund heißt otto", "パスワードはながいです!", "tr0ub4dor&3x-z", "the word of the day",
]  # fmt: skip


@pytest.mark.parametrize("password", GOOD)
def test_what_people_may_have(password: str) -> None:
    assert rules.refusal("alice", password) == ""


def test_what_is_generated_is_never_refused() -> None:
    for _ in range(300):
        assert rules.refusal("admin", secrets.token_urlsafe(15)) == ""
