"""`docs/conformance.md` shows exactly the differences that are meant."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conformance.differences import DIFFERENCES

PAGE = Path(__file__).parents[2] / "docs/conformance.md"


def table() -> str:
    rows = [f"| {cell(d.calls)} | {place(d.at)} | {cell(d.theirs)} | {cell(d.ours)} | {d.why} |" for d in DIFFERENCES]
    return "\n".join(["| calls | where | JupyterHub | Hubgate | why |", "|---|---|---|---|---|", *rows])


def place(at: str) -> str:
    return at.removeprefix("body.").replace("body", "whole body").replace("*", "…")


def cell(pattern: str) -> str:
    """A pattern for people: nothing where anything fits."""
    text = pattern.strip("*").replace("*", "…").replace("|", "\\|").replace("\n", " ")
    return f"`{text}`" if text else ""


def test_the_page_shows_all_of_them_and_no_other() -> None:
    shown = re.search(r"<!-- differences:[^>]*-->\n(.*?)\n<!-- /differences -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown
    assert shown[1] == table()


def test_each_has_a_reason_and_a_place() -> None:
    for each in DIFFERENCES:
        assert each.why.endswith(".")
        assert each.calls
        assert each.at
