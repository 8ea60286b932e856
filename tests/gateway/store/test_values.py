from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.model import Target
from gateway.store import values


def test_free_text_is_bounded_and_fit_for_every_database() -> None:
    assert values.text("a\0b\ud800ü") == "a\ufffdb?ü"
    assert values.text("😀" * 5000) == "😀" * values.LONGEST_TEXT


@given(some.text(some.characters(codec=None)))
def test_any_text_becomes_text_without_nul_that_can_be_encoded(text: str) -> None:
    kept = values.text(text)
    assert "\0" not in kept
    kept.encode()


@pytest.mark.parametrize(
    "text", [None, "", "nul", "[]", "{}", "7", '{"key": 7, "about": {}}', '{"key": "x", "about": []}']
)
def test_words_that_are_none_are_left_out(text: str | None) -> None:
    assert values.said(text) is None


@pytest.mark.parametrize("target", [None, Target(""), Target("http://x", "s", {"a": ["ü", None]})])
def test_a_target_comes_back(target: Target | None) -> None:
    assert values.target(values.target_json(target)) == target


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("", 0), ("-7", 0), ("7 ", 0), ("٧", 0), ("1_0", 0), ("9" * 19, 0), ("9" * 18, 10**18 - 1)],
)
def test_ids_are_plain_decimal_numbers(text: str, number: int) -> None:
    assert values.row_id(text) == number
