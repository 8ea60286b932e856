"""How many users there are, and how many were active of late."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.store.work import Snapshot, reads

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Population:
    total: int
    day: int
    week: int
    month: int
    """Active within the last 24 hours, 7 days, 30 days."""


@reads
def count(db: Snapshot, now: float) -> Population:
    row = db.row(
        "SELECT COUNT(*), "
        "COALESCE(SUM(CASE WHEN last_activity >= ? THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(CASE WHEN last_activity >= ? THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(CASE WHEN last_activity >= ? THEN 1 ELSE 0 END), 0) FROM users",
        now - DAY,
        now - 7 * DAY,
        now - 30 * DAY,
    )
    return Population(*row) if row else Population(0, 0, 0, 0)
