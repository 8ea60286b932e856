"""From a profile's options to the fields of a form, and back from what was sent."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages import fields
from api.pages.language import Languages
from gateway import options
from gateway.model import Choice, Option, Profile

ENGLISH, GERMAN = (Languages.shipped().chosen(name) for name in ("en", "de"))
PROFILE = Profile(
    "p",
    "P",
    ("run", "{opt_t}"),
    options=(
        Option("n", "number", "N", help="How many", default=2, min=1, max=8, step=0.5),
        Option("any", "number", "Any", default=0.25, step=0),
        Option("b", "boolean", "B", default=True),
        Option("c", "choice", "C", default="x", choices=(Choice("x", "X\u202e"), Choice("y", "Y"))),
        Option("t", "text", "T", required=True),
        Option("whole", "number", "Whole", default=1, step=1),
        Option("form", "text", "Form", min=2, max=3, pattern="[a-z]x+"),
    ),
)


def wrong(values: dict[str, Any]) -> dict[str, options.Unfit]:
    with pytest.raises(options.BadOptions) as caught:
        options.read(PROFILE, {"t": "x", **values})
    return caught.value.fields


@pytest.mark.parametrize(
    ("name", "value", "english", "german"),
    [
        ("n", "x", "N must be a number", "„N“ muss eine Zahl sein"),
        ("n", 0.5, "N must be at least 1", "„N“ muss mindestens 1 sein"),
        ("n", 9, "N must be at most 8", "„N“ darf höchstens 8 sein"),
        (
            "n",
            1.2,
            "N must be 1 or a multiple of 0.5 more",
            "„N“ muss 1 sein oder um ein Vielfaches von 0,5 größer",
        ),
        ("whole", 1.5, "Whole must be a whole number", "„Whole“ muss eine ganze Zahl sein"),
        ("b", "perhaps", "B must be true or false", "„B“ muss true (ja) oder false (nein) sein"),
        ("c", "z", "C must be one of: x, y", "„C“ muss eines hiervon sein: x, y"),
        ("t", 1, "T must be a text", "„T“ muss ein Text sein"),
        ("t", "a\n", "T must not contain control characters", "„T“ darf keine Steuerzeichen enthalten"),
        ("t", "", "T must not be empty", "„T“ darf nicht leer sein"),
        ("t", "-a", "T must not begin with “-”", "„T“ darf nicht mit „-“ beginnen"),
        ("form", "x", "Form must have at least 2 characters", "„Form“ muss mindestens 2 Zeichen haben"),
        ("form", "xxxx", "Form must have at most 3 characters", "„Form“ darf höchstens 3 Zeichen haben"),
        ("form", "xy", "Form does not have the right form", "„Form“ hat nicht die richtige Form"),
    ],
)
def test_what_is_wrong_is_said_in_the_readers_language(name: str, value: Any, english: str, german: str) -> None:
    for language, said in ((ENGLISH, english), (GERMAN, german)):
        shown = fields.of(PROFILE, {}, wrong({name: value}), language)
        assert [field.error for field in shown if field.error] == [said]


def test_options_are_told_by_their_prefix() -> None:
    pairs = {"opt-a": "1", "opt-profile": "p", "profile": "p", "next": "/", "opt-": "2"}
    assert fields.given(pairs) == {"a": "1", "": "2"}


def test_every_type_has_its_bounds_and_its_default() -> None:
    n, any_, b, c, t, *_ = fields.of(PROFILE, {}, {}, ENGLISH)
    assert (n.name, n.id, n.help, n.value, n.min, n.max, n.step, n.required) == (
        "opt-n", "p-n", "How many", "2", "1", "8", "0.5", True,
    )  # fmt: skip
    assert (any_.value, any_.step, any_.min, any_.max) == ("0.25", "any", "", "")
    assert b.value == "true"
    assert [(item.value, item.label, item.chosen) for item in c.items] == [("x", "X\ufffd", True), ("y", "Y", False)]
    assert (t.value, t.required) == ("", True)


def test_what_was_put_in_stands_there_again_with_what_is_wrong() -> None:
    n, _, b, c, t, *_ = fields.of(
        PROFILE, {"n": "many", "b": " ON ", "c": "z", "t": "a\x1b[31m"}, wrong({"n": "many"}), ENGLISH
    )
    assert (n.value, n.error) == ("many", "N must be a number")
    assert (b.value, b.error) == ("true", "")
    assert not any(item.chosen for item in c.items)
    assert t.value == "a"
