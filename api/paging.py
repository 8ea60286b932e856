"""Pages of a list, in JupyterHub's two forms (its section 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from api.request import Request
from gateway.errors import BadInput

OPT_IN = "application/jupyterhub-pagination+json"
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_OFFSET = 2**31


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
        limit = _number(req.query("limit"), DEFAULT_LIMIT if wrapped else MAX_LIMIT)
        return cls(
            offset=min(_number(req.query("offset"), 0), MAX_OFFSET),
            limit=max(1, min(limit, MAX_LIMIT)),
            wrapped=wrapped,
        )

    def answer(self, req: Request, items: list[dict[str, Any]], total: int) -> Any:
        """The body: a list, or the list with where it stands and where it goes on."""
        if not self.wrapped:
            return items
        after = self.offset + self.limit
        follows = None
        if after < total:
            follows = {"offset": after, "limit": self.limit, "url": self._url(req, after)}
        pagination = {"offset": self.offset, "limit": self.limit, "total": total, "next": follows}
        return {"items": items, "_pagination": pagination}

    def _url(self, req: Request, offset: int) -> str:
        kept = [
            pair for pair in parse_qsl(req.query_string, keep_blank_values=True) if pair[0] not in ("offset", "limit")
        ]
        path = req.target.partition("?")[0]
        query = urlencode([*kept, ("offset", offset), ("limit", self.limit)])
        return f"{req.public_scheme}://{req.public_host}{path}?{query}"


def _number(text: str, default: int) -> int:
    if not text:
        return default
    try:
        return abs(int(text))
    except ValueError:
        raise BadInput("Invalid argument type, offset and limit must be integers") from None
