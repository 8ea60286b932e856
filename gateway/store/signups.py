"""Accounts that strangers have asked for, until somebody decides."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gateway.errors import NotFound
from gateway.model import Json, SignUp
from gateway.store import values
from gateway.store.work import Snapshot, Transaction, reads

KEEP_SECONDS = 30 * 86400.0
"""After that nobody is going to decide."""


@reads
def listing(db: Snapshot) -> list[SignUp]:
    """All of them, the oldest first; there are never many."""
    rows = db.rows("SELECT name, authenticator, address, created FROM sign_ups ORDER BY id")
    return [SignUp(*row) for row in rows]


@reads
def count(db: Snapshot) -> int:
    return int(db.value("SELECT count(*) FROM sign_ups"))


@reads
def get(db: Snapshot, name: str) -> SignUp | None:
    row = db.row("SELECT name, authenticator, address, created FROM sign_ups WHERE name = ?", name)
    return SignUp(*row) if row else None


def add(db: Transaction, sign_up: SignUp, kept: Mapping[str, Json]) -> None:
    """`kept` is what the authenticator keeps once there is such a user, by kind."""
    db.entities.SignUp(
        name=sign_up.name,
        authenticator=sign_up.authenticator,
        kept_json=values.to_json(dict(kept)),
        address=values.text(sign_up.address),
        created=sign_up.created,
    )


def take(db: Transaction, name: str) -> tuple[SignUp, Mapping[str, Json]]:
    """Remove it and give what it was. NotFound."""
    row = db.entities.SignUp.get(name=name)
    if row is None:
        raise NotFound("Nobody has asked for an account of that name", key="no-signup")
    found = SignUp(row.name, row.authenticator, row.address, row.created), json.loads(row.kept_json)
    row.delete()
    return found


def purge(db: Transaction, now: float) -> int:
    return db.run("DELETE FROM sign_ups WHERE created < ?", now - KEEP_SECONDS)
