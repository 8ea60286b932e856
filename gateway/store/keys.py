"""The gateway's own keys: whoever comes first makes one, all others get that."""

from __future__ import annotations

from gateway.store import changes
from gateway.store.work import Snapshot, Transaction, reads

OWNER = "gateway:keys"
"""Under this name a new signing key is noted in the change log."""

type SigningKey = tuple[float, str]
"""When it was made, and its private half in PEM."""


def get_or_add(db: Transaction, name: str, value: str) -> str:
    """The key that is kept under `name`; `value` if there was none."""
    key = db.entities.Key.get(name=name) or db.entities.Key(name=name, value=value)
    kept: str = key.value
    return kept


@reads
def signing(db: Snapshot) -> list[SigningKey]:
    """All keys that sign or have signed, the newest first."""
    return [
        (created, key) for created, key in db.rows("SELECT created, private_key FROM signing_keys ORDER BY id DESC")
    ]


def first_signing(db: Transaction, key: str, now: float) -> list[SigningKey]:
    """The keys that there are; this one if there was none."""
    return signing(db) or [add_signing(db, key, now)]


def add_signing(db: Transaction, key: str, now: float) -> SigningKey:
    """From now on this one signs."""
    db.entities.SigningKey(created=now, private_key=key)
    changes.note(db, OWNER)
    return now, key


def drop_signing(db: Transaction, before: float) -> int:
    """Drop the keys that another one had taken over from before that time; how many."""
    return db.run(
        "DELETE FROM signing_keys WHERE EXISTS "
        "(SELECT 1 FROM signing_keys n WHERE n.id > signing_keys.id AND n.created < ?)",
        before,
    )
