"""When a user and the user's servers were last at work, as others report it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from falcon.asgi import Response
from pydantic import Field

from api.body import Body, read
from api.operation import Empty, Resource, operation
from api.request import Request
from gateway.errors import BadInput
from gateway.hub.words import plain

AHEAD = 59 * 60
"""Seconds that a reporter's clock may be ahead of ours."""


class ServerActivity(Body):
    last_activity: str


class Report(Body):
    """ISO 8601 times; one without a zone is UTC."""

    last_activity: str | None = None
    servers: dict[str, ServerActivity] = Field(default={}, max_length=1000)


class Activity(Resource):
    """`/users/{user}/activity`."""

    @operation("Report activity", scopes=("users:activity",), body=Report, answers={200: Empty})
    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """Time never goes back: what is older than what is known changes nothing."""
        report = await read(req, Report)
        if not report.last_activity and not report.servers:
            raise BadInput("body must contain at least one of `last_activity` or `servers`")
        latest = time.time() + AHEAD
        at = _moment(report.last_activity, latest) if report.last_activity else None
        servers = {name: _moment(each.last_activity, latest) for name, each in report.servers.items()}
        await self.hub.users.seen(user, at, servers)
        resp.text = ""


def _moment(text: str, latest: float) -> float:
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadInput(f"Not a valid timestamp: {plain(text, 40)!r}") from None
    if seconds > latest:
        raise BadInput(f"Rejecting activity from more than an hour in the future: {plain(text, 40)}")
    return seconds
