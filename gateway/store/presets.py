"""Options of a start that somebody keeps under a name."""

from __future__ import annotations

import json

from gateway.errors import TooMany
from gateway.model import Preset
from gateway.store import users, values
from gateway.store.work import Snapshot, Transaction, reads

MOST = 20
"""One user's."""


@reads
def of_user(db: Snapshot, user: str) -> list[Preset]:
    """A user's presets, by name."""
    rows = db.rows(
        "SELECT p.name, p.profile, p.options_json FROM presets p JOIN users u ON u.id = p.user_id"
        " WHERE u.name = ? ORDER BY p.name",
        user,
    )
    return [Preset(name, profile, json.loads(options)) for name, profile, options in rows]


def put(db: Transaction, user: str, preset: Preset) -> None:
    """Keep it, in place of one of the same name. NotFound (the user), TooMany."""
    owner = users.entity(db, user)
    remove(db, user, preset.name)
    if db.value("SELECT count(*) FROM presets WHERE user_id = ?", owner.id) >= MOST:
        raise TooMany(
            f"there are {MOST} presets already; delete one that you do not need",
            key="presets-full",
            about={"most": MOST},
        )
    db.entities.Preset(
        user=owner,
        name=preset.name,
        profile=preset.profile,
        options_json=values.to_json(dict(preset.options)),
    )


def remove(db: Transaction, user: str, name: str) -> bool:
    """Was there one?"""
    return bool(
        db.run("DELETE FROM presets WHERE name = ? AND user_id IN (SELECT id FROM users WHERE name = ?)", name, user)
    )
