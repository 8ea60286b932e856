"""Names as people put them into a form. Pure."""

from __future__ import annotations

from gateway.errors import BadInput
from gateway.names import NAME_BYTES, checked_name, listed

AT_ONCE = 1000
"""Names in one form."""


def names_in(text: str) -> list[str]:
    """One name a line, or separated by commas; not checked yet."""
    return [name.strip() for line in text.splitlines() for name in line.split(",") if name.strip()]


def checked_names(text: str) -> list[str]:
    """The users' names in a form, as they are kept; `BadInput` says which of them nobody can have."""
    names = names_in(text)
    if not 0 < len(names) <= AT_ONCE:
        raise BadInput(f"Put in 1 to {AT_ONCE} names", key="names-count", about={"most": AT_ONCE})
    kept, wrong = [], []
    for name in names:
        try:
            kept.append(checked_name(name))
        except BadInput:
            wrong.append(name)
    if wrong:
        shown = listed(wrong)
        raise BadInput(f"These cannot be names: {shown}", key="names-wrong", about={"names": shown, "most": NAME_BYTES})
    return kept
