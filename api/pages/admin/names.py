"""Names as people put them into a form. Pure."""

from __future__ import annotations


def names_in(text: str) -> list[str]:
    """One name a line, or separated by commas; not checked yet."""
    return [name.strip() for line in text.splitlines() for name in line.split(",") if name.strip()]
