"""Who did what to whom, and when. Rows are only ever added, each chained to the one before by its hash.

The chain shows a row that was changed, removed or put elsewhere; that its end was cut off,
the head's own count shows. It proves nothing against somebody who can write the whole
database: against that, keep `Chain.head` somewhere else now and then.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.model import AuditEntry
from gateway.store import values
from gateway.store.work import Row, Snapshot, Transaction, reads

BATCH = 5000


@dataclass(frozen=True, slots=True)
class Chain:
    """What a look at every row found."""

    rows: int
    """Chained ones that are in order."""
    head: str
    """The hash of the last of them; "" when there is none."""
    problem: str = ""
    """What is wrong with the next one, in words; "" when nothing is."""


def add(db: Transaction, now: float, actor: str, action: str, subject: str = "", detail: str = "") -> None:  # noqa: PLR0917  # a row, field by field
    """`actor` is `user:alice`, `service:culler`, `command line`, or "" for the gateway itself."""
    row = (float(now), *map(values.text, (actor, action, subject, detail)))
    # The head stays locked to the end of the transaction, so no two rows follow the same one.
    db.run("UPDATE audit_head SET length = length + 1 WHERE id = 1")
    head = db.row("SELECT chain, length FROM audit_head WHERE id = 1")
    assert head is not None  # noqa: S101  # a migration made it
    chain = _link(head[0], head[1], row)
    db.run("UPDATE audit_head SET chain = ? WHERE id = 1", chain)
    fields = dict(zip(("time", "actor", "action", "subject", "detail"), row, strict=True))
    db.entities.Audit(**fields, chain=chain)


@reads
def listing(
    db: Snapshot, limit: int = 200, before: int | None = None, *, actor: str = "", action: str = "", subject: str = ""
) -> list[AuditEntry]:
    """The newest entries, the newest first; `before` a number, those that are older.

    `actor` as it stands there; `action`, or the part of it before a dot; how `subject` begins. "" = any.
    """
    conditions: list[str] = ["id < ?"]
    given: list[object] = [2**31 - 1 if before is None else before]
    if actor:
        conditions.append("actor = ?")
        given.append(actor)
    if action:
        conditions.append("(action = ? OR substr(action, 1, ?) = ?)")
        given += [action, len(action) + 1, f"{action}."]
    if subject:
        conditions.append("substr(subject, 1, ?) = ?")
        given += [len(subject), subject]
    where = " AND ".join(conditions)
    rows = db.rows(
        f"SELECT time, actor, action, subject, detail, id FROM audit WHERE {where} ORDER BY id DESC LIMIT ?",
        *given,
        limit,
    )
    return [AuditEntry(*row) for row in rows]


@reads
def about(db: Snapshot, subject: str, action: str, limit: int = 100, since: float = 0.0) -> list[AuditEntry]:
    """The newest entries of one action on one subject, the newest first, none before `since` (POSIX seconds)."""
    rows = db.rows(
        "SELECT time, actor, action, subject, detail, id FROM audit WHERE subject = ? AND action = ?"
        " AND time >= ? ORDER BY id DESC LIMIT ?",
        subject,
        action,
        since,
        limit,
    )
    return [AuditEntry(*row) for row in rows]


@reads
def after(db: Snapshot, number: int, limit: int = BATCH) -> list[AuditEntry]:
    """The oldest entries after number `number`, in their order."""
    rows = db.rows(
        "SELECT time, actor, action, subject, detail, id FROM audit WHERE id > ? ORDER BY id LIMIT ?", number, limit
    )
    return [AuditEntry(*row) for row in rows]


@reads
def on_user(db: Snapshot, user: str, action: str, limit: int = 100) -> list[AuditEntry]:
    """As `about`; but none of an earlier account of that name."""
    return about(db, user, action, limit, _made(db, user))


@reads
def on_servers(db: Snapshot, owner: str, action: str, limit: int = 20) -> list[AuditEntry]:
    """The newest entries of one action on any server of `owner`, the newest first; of this account alone, too."""
    rows = db.rows(
        "SELECT time, actor, action, subject, detail, id FROM audit WHERE action = ? AND substr(subject, 1, ?) = ?"
        " AND time >= ? ORDER BY id DESC LIMIT ?",
        action,
        len(owner) + 1,
        f"{owner}/",
        _made(db, owner),
        limit,
    )
    return [AuditEntry(*row) for row in rows]


def _made(db: Snapshot, user: str) -> float:
    """When the account was made."""
    row = db.row("SELECT created FROM users WHERE name = ?", user)
    return float(row[0]) if row else math.inf


@reads
def last(db: Snapshot, actor: str, action: str, subject: str) -> float:
    """When somebody did that the last time; 0.0 = never."""
    found = db.value(
        "SELECT MAX(time) FROM audit WHERE action = ? AND subject = ? AND actor = ?", action, subject, actor
    )
    return float(found or 0.0)


@reads
def verify(db: Snapshot) -> Chain:
    """Follow the chain from its first row to its head."""
    head = db.row("SELECT length, chain, unchained FROM audit_head WHERE id = 1")
    if head is None:
        return Chain(0, "", "the head of the chain is missing")
    length, last, unchained = head
    count, chain = 0, ""
    for number, *row, said in _rows(db, unchained):
        link = _link(chain, count + 1, row)
        if link != said:
            return Chain(count, chain, f"row {number} was changed, or one before it was removed or put elsewhere")
        count, chain = count + 1, link
    if (count, chain) != (length, last):
        return Chain(count, chain, f"{length - count} rows are missing at the end" if count < length else _HEAD)
    return Chain(count, chain)


_HEAD = "the head of the chain was changed"


def _rows(db: Snapshot, number: int) -> Iterator[Row]:
    while rows := db.rows(
        "SELECT id, time, actor, action, subject, detail, chain FROM audit WHERE id > ? ORDER BY id LIMIT ?",
        number,
        BATCH,
    ):
        yield from rows
        number = rows[-1][0]


def _link(before: str, count: int, row: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps([before, count, *row]).encode()).hexdigest()
