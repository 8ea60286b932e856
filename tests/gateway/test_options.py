"""What may be put into a form: by type, in each spelling, with one sentence for each mistake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import options
from gateway.errors import BadInput
from gateway.model import Choice, Option, Profile
from gateway.options import BadOptions, Unfit

TEXT = Option("folder", "text", "Folder", default="public", max=10, pattern="[a-z/]+", help="Small letters.")
NUMBER = Option("workers", "number", "Workers", default=2, min=1, max=8)
YESNO = Option("debug", "boolean", "Debug", default=False)
CHOICE = Option("size", "choice", "Size", default="s", choices=(Choice("s", "Small"), Choice("l", "Large")))
PROFILE = Profile("web", "Web", ("serve", "{opt_folder}"), options=(TEXT, NUMBER, YESNO, CHOICE))


def option(type: Any, **more: Any) -> Option:
    return Option("x", type, "X", **more)


def test_what_is_not_given_is_the_default() -> None:
    assert options.read(PROFILE, {}) == {"folder": "public", "workers": 2, "debug": False, "size": "s"}


def test_a_form_and_json_mean_the_same() -> None:
    json = {"folder": "a/b", "workers": 4, "debug": True, "size": "l"}
    form = {"folder": "a/b", "workers": "4", "debug": "on", "size": "l"}
    assert options.read(PROFILE, json) == options.read(PROFILE, form) == json


def test_all_that_is_wrong_is_told_at_once_a_sentence_each() -> None:
    with pytest.raises(BadOptions) as wrong:
        options.read(PROFILE, {"folder": "A", "workers": 9, "debug": "maybe", "size": "xl", "colour": "red"})
    assert {name: unfit.message for name, unfit in wrong.value.fields.items()} == {
        "folder": "does not have the right form: Small letters.",
        "workers": "must be at most 8",
        "debug": "must be true or false",
        "size": "must be one of: s, l",
        "colour": "is no option of web; there are: folder, workers, debug, size",
    }
    assert isinstance(wrong.value, BadInput)
    assert "workers must be at most 8; debug must be true or false" in wrong.value.message


def test_unknown_names_cannot_fill_the_answer() -> None:
    with pytest.raises(BadOptions) as wrong:
        options.read(PROFILE, {f"{n}" + "x" * 1000: 1 for n in range(1000)})
    assert len(wrong.value.message) < 2000


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), (" ON ", True), ("1", True), ("", False), ("no", False), (False, False)]
)
def test_booleans(value: Any, expected: bool) -> None:
    assert options.checked(option("boolean"), value) is expected


@pytest.mark.parametrize("value", [1, 0, None, "2", [], "truest"])
def test_no_booleans(value: Any) -> None:
    with pytest.raises(Unfit, match="true or false"):
        options.checked(option("boolean"), value)


@pytest.mark.parametrize(
    ("given_", "limits", "expected"),
    [
        ("4", {}, 4),
        (4.0, {}, 4),
        (" 4 ", {}, 4),
        ("0.5", {"step": 0}, 0.5),
        ("1.5", {"step": 0.5}, 1.5),
        (0.3, {"step": 0.1}, 0.3),
        ("-3", {}, -3),
        (7, {"min": 1, "step": 3}, 7),
    ],
)
def test_numbers(given_: Any, limits: dict[str, Any], expected: float) -> None:
    got = options.checked(option("number", **limits), given_)
    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("given_", "limits", "what"),
    [
        ("four", {}, "a number"),
        ("", {}, "a number"),
        ("nan", {}, "a number"),
        (float("inf"), {}, "a number"),
        (10**400, {}, "a number"),
        ("1" * 33, {}, "a number"),
        (True, {}, "a number"),
        (None, {}, "a number"),
        ([1], {}, "a number"),
        (0, {"min": 1}, "at least 1"),
        (2.5, {"max": 2}, "at most 2"),
        (1.5, {}, "a whole number"),
        (8, {"min": 1, "step": 3}, "1 or a multiple of 3 more"),
    ],
)
def test_no_numbers(given_: Any, limits: dict[str, Any], what: str) -> None:
    with pytest.raises(Unfit, match=f"must be {what}"):
        options.checked(option("number", **limits), given_)


@pytest.mark.parametrize(
    ("given_", "limits", "what"),
    [
        (3, {}, "a text"),
        (None, {}, "a text"),
        ("a\nb", {}, "control characters"),
        ("a\0b", {}, "control characters"),
        ("\ud800", {}, "control characters"),
        ("x" * 1001, {}, "at most 1000"),
        ("abc", {"max": 2}, "at most 2"),
        ("a", {"min": 2}, "at least 2"),
        ("", {"required": True}, "not be empty"),
        ("b", {"pattern": "a+"}, "the right form"),
        ("ab", {"pattern": "a"}, "the right form"),
    ],
)
def test_no_texts(given_: Any, limits: dict[str, Any], what: str) -> None:
    with pytest.raises(Unfit, match=what):
        options.checked(option("text", **limits), given_)


def test_an_empty_text_fits_where_nothing_is_required() -> None:
    assert options.checked(option("text", min=3, pattern="a+"), "") == ""


def test_choices_are_exact() -> None:
    for value in ("S", "", 1, None, ["s"]):
        with pytest.raises(Unfit, match="one of: s, l"):
            options.checked(CHOICE, value)


def test_a_text_at_the_beginning_of_an_argument_is_no_flag() -> None:
    free = option("text")
    naked = Profile("p", "P", ("serve", "{opt_x}"), options=(free,))
    behind = Profile("p", "P", ("serve", "--dir={opt_x}"), options=(free,))
    with pytest.raises(BadOptions, match="must not begin with '-'"):
        options.read(naked, {"x": "--token="})
    assert options.read(behind, {"x": "-a"}) == {"x": "-a"}
    assert options.remembered(naked, {"x": "--token="}) == {"x": ""}


def test_what_was_remembered_gives_way_where_it_does_not_fit_any_more() -> None:
    kept = {"folder": "UP", "workers": 3, "size": "xl", "gone": 1}
    assert options.remembered(PROFILE, kept) == {"folder": "public", "workers": 3, "debug": False, "size": "s"}


def test_written() -> None:
    assert [options.written(value) for value in (True, False, 2, 2.5, "x y")] == ["true", "false", "2", "2.5", "x y"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["folder", "workers", "debug", "size", "other"]), ANYTHING))
def test_whatever_comes_is_values_that_fit_or_sentences(given_: dict[str, Any]) -> None:
    try:
        values = options.read(PROFILE, given_)
    except BadOptions as error:
        assert error.fields
        return
    assert options.read(PROFILE, values) == values
    written = {name: options.written(value) for name, value in values.items()}
    assert options.read(PROFILE, written) == values
