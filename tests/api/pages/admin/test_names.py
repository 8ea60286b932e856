from __future__ import annotations

import pytest

from api.pages.admin.names import names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [("", []), (" ,\n,", []), ("a", ["a"]), ("a, b\nc d\r\n,e", ["a", "b", "c d", "e"]), ("a,a", ["a", "a"])],
)
def test_lines_and_commas(text: str, names: list[str]) -> None:
    assert names_in(text) == names
