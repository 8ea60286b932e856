"""The audit, page by page: who did what to whom."""

from __future__ import annotations

from typing import Any, TypedDict

from falcon.asgi import Response

from api.operation import Query, Resource, operation
from api.request import Request
from api.resources.models import stamp

MAX_LIMIT = 200
FILTERS = ("actor", "action", "subject")
LONGEST = 300


class AuditModel(TypedDict):
    number: int
    time: str
    actor: str
    action: str
    subject: str
    detail: str


class AuditList(TypedDict):
    items: list[AuditModel]


class Audit(Resource):
    """`/audit`."""

    @operation(
        "What was done, the newest first",
        scopes=("read:audit",),
        query=(
            Query("actor", "Only what this actor did, such as `user:alice`."),
            Query("action", "Only this action, or those below it: `server` means `server.start`, too."),
            Query("subject", "Only what was done to subjects that begin so."),
            Query("before", "Only what is older than the entry of this number.", {"type": "integer"}),
            Query("limit", f"How many, at most {MAX_LIMIT}.", {"type": "integer"}),
        ),
        answers={200: AuditList},
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        """The next page is the one `before` the last entry's number."""
        before, limit = req.number("before", None), req.number("limit", MAX_LIMIT)
        chosen = {name: text[:LONGEST] for name in FILTERS if (text := req.query(name))}
        entries = await self.hub.audit(max(1, min(limit, MAX_LIMIT)), before, **chosen)
        items: list[dict[str, Any]] = [
            {
                "number": entry.number,
                "time": stamp(entry.time),
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "detail": entry.detail,
            }
            for entry in entries
        ]
        resp.media = {"items": items}
