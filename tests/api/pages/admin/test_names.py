from __future__ import annotations

import pytest

from api.pages.admin.names import AT_ONCE, checked_names, names_in
from gateway.errors import BadInput


@pytest.mark.parametrize(
    ("text", "names"),
    [("", []), (" ,\n,", []), ("a", ["a"]), ("a, b\nc d\r\n,e", ["a", "b", "c d", "e"]), ("a,a", ["a", "a"])],
)
def test_lines_and_commas(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_names_as_they_are_kept() -> None:
    assert checked_names("Ada, bob\nCarol C") == ["ada", "bob", "carol c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Put in 1 to 1000 names"),
        ("a," * (AT_ONCE + 1), "Put in 1 to 1000 names"),
        ("good, a/b\n..., ok, b;c", "These cannot be names: a/b, ..., b;c"),
        ("x" * 300, f"These cannot be names: {'x' * 100}"),
        (
            ", ".join(f"{number}/" for number in range(12)),
            "These cannot be names: 0/, 1/, 2/, 3/, 4/, 5/, 6/, 7/, 8/, 9/ …",
        ),
    ],
)
def test_each_name_that_cannot_be_is_told(text: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        checked_names(text)
    assert error.value.message == message
