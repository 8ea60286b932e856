"""The change log: what an identity meant before this revision may be wrong now.

Every unit that changes what a credential stands for calls `note` in its own
transaction, whichever process it runs in. The hub follows the log with `since`.
Revisions have no gaps, so a reader sees when rows that it needs are pruned.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from gateway.store.work import Snapshot, Transaction, reads

KEEP_SECONDS = 86400.0
KEEP_ROWS = 100_000
FAR_BEHIND = 10_000
"""A reader with more to catch up on is told "everything" instead."""


@dataclass(frozen=True, slots=True)
class Changes:
    revision: int
    """The newest; the next call's argument."""
    owners: tuple[str, ...] = ()
    """`user:alice`, `service:culler`."""
    digests: tuple[str, ...] = ()
    everything: bool = False


def note(db: Transaction, owner: str = "", digest: str = "") -> int:
    """Take the next revision for a change of `owner`, of the credential `digest`, or (both empty) of anything."""
    # The row stays locked to the end of the transaction, so revisions become visible in order.
    db.run("UPDATE revision SET value = value + 1 WHERE id = 1")
    number: int = db.value("SELECT value FROM revision WHERE id = 1")
    db.entities.Change(revision=number, time=time.time(), owner=owner, digest=digest)
    return number


@reads
def revision(db: Snapshot) -> int:
    return int(db.value("SELECT value FROM revision WHERE id = 1"))


@reads
def since(db: Snapshot, seen: int) -> Changes:
    """What changed after revision `seen`."""
    newest = revision(db)
    if newest == seen:
        return Changes(newest)
    missed = newest - seen
    if not 0 < missed <= FAR_BEHIND:  # negative: the database was put back to an older copy
        return Changes(newest, everything=True)
    rows = db.rows("SELECT owner, digest FROM changes WHERE revision > ? ORDER BY revision", seen)
    if len(rows) != missed or ("", "") in rows:
        return Changes(newest, everything=True)
    return Changes(
        newest,
        tuple(dict.fromkeys(owner for owner, _ in rows if owner)),
        tuple(dict.fromkeys(digest for _, digest in rows if digest)),
    )


def prune(db: Transaction, now: float) -> int:
    """Drop what is older than a day or beyond the newest 100 000; how many rows."""
    return db.run("DELETE FROM changes WHERE time < ? OR revision <= ?", now - KEEP_SECONDS, revision(db) - KEEP_ROWS)
