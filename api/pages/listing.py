"""Parts of long lists: which part is shown, and the links to the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

ON_A_PAGE = 50
FARTHEST = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where a list stands."""

    first: Annotated[int, "Number of the first one that is shown, from 1; 0 when there is none"]
    last: Annotated[int, "Number of the last one that is shown"]
    total: Annotated[int, "How many there are"]
    before: Annotated[str, "The path of the part before this one, or empty"]
    after: Annotated[str, "The path of the part after this one, or empty"]


def offset(text: str) -> int:
    """Where a part begins, as the query says; nonsense is the beginning."""
    return min(int(text), FARTHEST) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def at(path: str, query: Mapping[str, str], place: int) -> str:
    """The path of the part that begins there; empty fields are left out."""
    fields = {**{name: value for name, value in query.items() if value}, **({"offset": place} if place else {})}
    return f"{path}?{urlencode(fields)}" if fields else path


def pager(path: str, query: Mapping[str, str], begin: int, shown: int, total: int) -> Pager:
    """`query` are the fields that stay the same from part to part; empty ones are left out."""

    return Pager(
        first=begin + 1 if shown else 0,
        last=begin + shown,
        total=total,
        before=at(path, query, max(0, begin - ON_A_PAGE)) if begin else "",
        after=at(path, query, begin + ON_A_PAGE) if begin + shown < total else "",
    )


def part[Item](items: Sequence[Item], begin: int) -> Sequence[Item]:
    return items[begin : begin + ON_A_PAGE]
