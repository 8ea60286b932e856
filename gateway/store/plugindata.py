"""What plugins keep: JSON values by key, each plugin in a space of its own."""

from __future__ import annotations

import json

from gateway.errors import BadInput
from gateway.model import Json
from gateway.store import values
from gateway.store.work import Snapshot, Transaction, reads

LONGEST_KEY = 512


@reads
def get(db: Snapshot, plugin: str, key: str) -> Json:
    """None if there is nothing."""
    text = db.value("SELECT value_json FROM plugin_data WHERE plugin = ? AND key = ?", plugin, key)
    value: Json = None if text is None else json.loads(text)
    return value


def user_key(kind: str, name: str) -> str:
    """Under which a plugin keeps what it keeps about a user."""
    return f"{kind}:{name}"


def put(db: Transaction, plugin: str, key: str, value: Json) -> None:
    if not 0 < len(key) <= LONGEST_KEY:
        raise BadInput(f"a plugin's key must have 1 to {LONGEST_KEY} characters")
    text = values.to_json(value)
    row = db.entities.PluginData.get(plugin=plugin, key=key)
    if row is None:
        db.entities.PluginData(plugin=plugin, key=key, value_json=text)
    else:
        row.value_json = text


def delete(db: Transaction, plugin: str, key: str) -> None:
    """Fine when there is nothing."""
    db.run("DELETE FROM plugin_data WHERE plugin = ? AND key = ?", plugin, key)


def rename_user(db: Transaction, plugin: str, kind: str, old: str, new: str) -> None:
    """What is kept about the one is the other's; who had the new name before has left nothing that would count."""
    delete(db, plugin, user_key(kind, new))
    db.run(
        "UPDATE plugin_data SET key = ? WHERE plugin = ? AND key = ?", user_key(kind, new), plugin, user_key(kind, old)
    )


def forget_user(db: Transaction, plugin: str, kind: str, name: str) -> None:
    delete(db, plugin, user_key(kind, name))
