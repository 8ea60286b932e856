"""The audit as a page: who did what to whom, the newest first; and all of it as a file."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.page import Page, shortened
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.hub.core import Hub
from gateway.model import AuditEntry

ROWS = 100
FIELDS = ("actor", "action", "subject")
DETAIL = 400
FILTER = 200
"""Characters of a filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    number: Annotated[int, "Its place in the audit"]
    time: Annotated[str, "When, UTC: date and time of day"]
    actor: Annotated[str, "Who did it; the gateway itself in words"]
    action: Annotated[str, "What was done"]
    subject: Annotated[str, "To whom or what, or empty"]
    detail: Annotated[str, "More about it, or empty"]
    first: Annotated[str, "The beginning of a detail that takes many lines, else empty"]
    links: Annotated[Mapping[str, str], "Path of what has the same `actor`, `action` or `subject`, or empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAuditContext(Context):
    template: ClassVar[str] = "admin_audit.html"
    rows: Annotated[tuple[AuditRow, ...], "A part of the audit, the newest first"]
    chosen: Annotated[Mapping[str, str], "The filter, field by field"]
    older: Annotated[str, "The path of the part after this one, or empty"]
    newer: Annotated[str, "The path of the newest part, or empty if this is it"]
    action: Annotated[str, "The page itself"]
    export: Annotated[str, "The path of all of it as JSON lines"]


class AdminAudit(Page):
    """`/hub/admin/audit`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self.access.require(req, "read:audit")
        chosen = {name: text[:FILTER] for name in FIELDS if (text := req.query(name).strip())}
        before = req.query("before")
        number = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
        entries = await self.hub.audit(ROWS, number, **chosen)
        frame, path = self.frame(req), self.urls.admin("audit")
        older = f"{path}?{urlencode({**chosen, 'before': entries[-1].number})}" if len(entries) == ROWS else ""
        context = AdminAuditContext(
            frame=frame,
            rows=tuple(_row(entry, path, frame.language.say("audit-gateway")) for entry in entries),
            chosen={name: plain(chosen.get(name, "")) for name in FIELDS},
            older=older,
            newer=(f"{path}?{urlencode(chosen)}" if chosen else path) if number is not None else "",
            action=path,
            export=self.urls.admin("audit", "export"),
        )
        self.show(req, resp, context)


def _row(entry: AuditEntry, path: str, gateway: str) -> AuditRow:
    """`gateway` is what the gateway itself is called."""
    detail = shortened(entry.detail, DETAIL)
    same = {name: getattr(entry, name)[:FILTER] for name in FIELDS}
    return AuditRow(
        number=entry.number,
        time=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(entry.time)),
        actor=plain(entry.actor) or gateway,
        action=plain(entry.action),
        subject=shortened(entry.subject),
        detail=detail,
        first=f"{detail.partition(chr(10))[0]} …" if "\n" in detail else "",
        links={name: f"{path}?{urlencode({name: text})}" if text else "" for name, text in same.items()},
    )


class AuditExport(Page):
    """`/hub/admin/audit/export`: every row as a line of JSON, the oldest first."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self.access.require(req, "read:audit")
        resp.content_type = "application/jsonl"
        resp.set_header("Content-Disposition", 'attachment; filename="hubgate-audit.jsonl"')
        resp.stream = _lines(self.hub)


async def _lines(hub: Hub) -> AsyncIterator[bytes]:
    number = 0
    while entries := await hub.audit_after(number):
        yield "".join(f"{json.dumps(asdict(entry))}\n" for entry in entries).encode()
        number = entries[-1].number
