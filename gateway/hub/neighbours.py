"""What else went on around a request: the same person's requests that overlap with it in time, or nearly so. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.hub.requestfilter import began
from gateway.hub.requestlog import Request, Seen

LEAST, MOST = 0.5, 5.0
"""Seconds before and after a request that are looked at; in between, as long as it took itself."""
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A stretch of time, POSIX seconds."""

    request: Request
    begin: float
    end: float
    all: tuple[Request, ...]
    """The request and its neighbours, by when they began."""


def around(kept: Sequence[Seen], request_id: str) -> Neighbourhood | None:
    """None if no request of the log has this id. Parses all of the same sender: for a thread."""
    found = _find(kept, request_id)
    if found is None:
        return None
    first, seconds = began(found), found["seconds"]
    margin = min(MOST, max(LEAST, seconds))
    begin, end = first - margin, first + seconds + margin
    mine = "user" if found["user"] else "client"
    written = json.dumps(found[mine])
    near = [
        request
        for seen in kept
        if written in seen.line
        and (request := seen.request())[mine] == found[mine]
        and began(request) <= end
        and began(request) + request["seconds"] >= begin
    ]
    near.sort(key=lambda request: abs(began(request) - first))
    return Neighbourhood(found, begin, end, tuple(sorted(near[:SHOWN], key=began)))


def _find(kept: Sequence[Seen], request_id: str) -> Request | None:
    for seen in reversed(kept):
        if request_id in seen.line and (request := seen.request())["id"] == request_id:
            return request
    return None
