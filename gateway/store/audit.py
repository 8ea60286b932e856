"""Who did what to whom, and when. Rows are only ever added."""

from __future__ import annotations

from gateway.model import AuditEntry
from gateway.store import values
from gateway.store.work import Snapshot, Transaction, reads


def add(db: Transaction, now: float, actor: str, action: str, subject: str = "", detail: str = "") -> None:  # noqa: PLR0917
    """`actor` is `user:alice`, `service:culler`, `command line`, or "" for the gateway itself."""
    db.entities.Audit(
        time=now,
        actor=values.text(actor),
        action=values.text(action),
        subject=values.text(subject),
        detail=values.text(detail),
    )


@reads
def listing(db: Snapshot, limit: int = 200) -> list[AuditEntry]:
    """The newest entries, the newest first."""
    rows = db.rows("SELECT time, actor, action, subject, detail FROM audit ORDER BY id DESC LIMIT ?", limit)
    return [AuditEntry(*row) for row in rows]
