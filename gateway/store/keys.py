"""The gateway's own keys: whoever comes first makes one, all others get that."""

from __future__ import annotations

from gateway.store.work import Transaction


def get_or_add(db: Transaction, name: str, value: str) -> str:
    """The key that is kept under `name`; `value` if there was none."""
    key = db.entities.Key.get(name=name) or db.entities.Key(name=name, value=value)
    kept: str = key.value
    return kept
