"""From a profile's options to the fields of a form, and back from what was sent."""

from __future__ import annotations

from api.pages import fields
from gateway.model import Choice, Option, Profile

PROFILE = Profile(
    "p",
    "P",
    ("run",),
    options=(
        Option("n", "number", "N", help="How many", default=2, min=1, max=8, step=0.5),
        Option("any", "number", "Any", default=0.25, step=0),
        Option("b", "boolean", "B", default=True),
        Option("c", "choice", "C", default="x", choices=(Choice("x", "X\u202e"), Choice("y", "Y"))),
        Option("t", "text", "T", required=True),
    ),
)


def test_options_are_told_by_their_prefix() -> None:
    pairs = {"opt-a": "1", "opt-profile": "p", "profile": "p", "next": "/", "opt-": "2"}
    assert fields.given(pairs) == {"a": "1", "": "2"}


def test_every_type_has_its_bounds_and_its_default() -> None:
    n, any_, b, c, t = fields.of(PROFILE, {}, {})
    assert (n.name, n.id, n.help, n.value, n.min, n.max, n.step, n.required) == (
        "opt-n", "p-n", "How many", "2", "1", "8", "0.5", True,
    )  # fmt: skip
    assert (any_.value, any_.step, any_.min, any_.max) == ("0.25", "any", "", "")
    assert b.value == "true"
    assert [(item.value, item.label, item.chosen) for item in c.items] == [("x", "X\ufffd", True), ("y", "Y", False)]
    assert (t.value, t.required) == ("", True)


def test_what_was_put_in_stands_there_again_with_what_is_wrong() -> None:
    n, _, b, c, t = fields.of(
        PROFILE, {"n": "many", "b": " ON ", "c": "z", "t": "a\x1b[31m"}, {"n": "must be a number"}
    )
    assert (n.value, n.error) == ("many", "must be a number")
    assert (b.value, b.error) == ("true", "")
    assert not any(item.chosen for item in c.items)
    assert t.value == "a"
