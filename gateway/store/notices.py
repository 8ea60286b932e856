"""What administrators tell everybody, and what they have switched off: a JSON value by name."""

from __future__ import annotations

import json

from gateway.model import Json
from gateway.store import values
from gateway.store.work import Snapshot, Transaction, reads


@reads
def everything(db: Snapshot) -> dict[str, Json]:
    return {name: json.loads(text) for name, text in db.rows("SELECT name, value_json FROM notices")}


def put(db: Transaction, name: str, value: Json) -> None:
    text = values.to_json(value)
    row = db.entities.Notice.get(name=name)
    if row is None:
        db.entities.Notice(name=name, value_json=text)
    else:
        row.value_json = text
