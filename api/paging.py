"""Pages of a list.

In JupyterHub's dialect a caller may ask for `items` and `_pagination`; in ours a `Link` header
leads to the next page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import parse_qs, urlencode

from falcon.asgi import Response

from api.dialect import Varies
from api.operation import Query
from api.request import Request
from gateway.errors import BadInput

OPT_IN = "application/jupyterhub-pagination+json"
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_OFFSET = 2**31


QUERY = (
    Query("offset", "How many to leave out.", {"type": "integer", "default": 0}),
    Query("limit", f"How many to give, at most {MAX_LIMIT}.", {"type": "integer"}),
)


class Next(TypedDict):
    offset: int
    limit: int
    url: str


class Pagination(TypedDict):
    offset: int
    limit: int
    total: int
    next: Next | None


class Wrapped[Items](TypedDict):
    items: Items
    _pagination: Pagination


def pages_of(items: Any) -> Varies:
    """What a listing answers, for its declaration."""
    return Varies(jupyterhub=items | Wrapped[items], ours=items)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the list is wanted, and in which form."""

    offset: int
    limit: int
    wrapped: bool
    """The caller asked for `items` and `_pagination`; else a bare list."""

    @classmethod
    def of(cls, req: Request) -> Page:
        accepted = req.lower.get("accept", "").lower().split(",")
        wrapped = OPT_IN in (part.strip() for part in accepted)
        limit = _number(req, "limit", DEFAULT_LIMIT if wrapped else MAX_LIMIT)
        return cls(
            offset=min(_number(req, "offset", 0), MAX_OFFSET),
            limit=max(1, min(limit, MAX_LIMIT)),
            wrapped=wrapped,
        )

    def answer(self, req: Request, resp: Response, items: Any, total: int) -> None:
        """The list (or object) `items` of `total`, with where it stands and where it goes on."""
        after = self.offset + self.limit
        url = self._url(req, after) if after < total else ""
        if req.dialect.linked:
            if url:
                resp.append_link(url, "next")
            resp.media = items
        elif not self.wrapped:
            resp.media = items
        else:
            follows = {"offset": after, "limit": self.limit, "url": url} if url else None
            pagination = {"offset": self.offset, "limit": self.limit, "total": total, "next": follows}
            resp.media = {"items": items, "_pagination": pagination}

    def _url(self, req: Request, offset: int) -> str:
        query: dict[str, list[Any]] = parse_qs(req.query_string, keep_blank_values=True)
        query |= {"offset": [offset], "limit": [self.limit]}
        path = req.target.partition("?")[0]
        return f"{req.public_scheme}://{req.public_host}{path}?{urlencode(query, doseq=True)}"


def _number(req: Request, name: str, default: int) -> int:
    if not req.has_param(name):
        return default
    try:
        return abs(int(req.query(name)))
    except ValueError:
        raise BadInput("Invalid argument type, offset and limit must be integers") from None
