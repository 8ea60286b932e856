"""The records of users' servers."""

from __future__ import annotations

import json

from gateway.clients import server_client
from gateway.model import Server
from gateway.store import changes, grants, oauth, users, values
from gateway.store.work import Row, Snapshot, Transaction, reads

COLUMNS = """
u.name, s.slot, s.state, s.generation, s.display_name, s.profile, s.options_json, s.start_id, s.secret, s.target_json,
s.created, s.started, s.last_activity, s.message, s.said_json
"""
SELECT = f"SELECT {COLUMNS} FROM servers s JOIN users u ON u.id = s.user_id"


@reads
def get(db: Snapshot, user: str, name: str = "") -> Server | None:
    row = db.row(f"{SELECT} WHERE u.name = ? AND s.slot = ?", user, f"/{name}")
    return from_row(row) if row else None


@reads
def of_user(db: Snapshot, user: str) -> list[Server]:
    """A user's records: the default server, if it has one, then the others by name."""
    return [from_row(row) for row in db.rows(f"{SELECT} WHERE u.name = ? ORDER BY s.slot", user)]


@reads
def active(db: Snapshot) -> list[Server]:
    """All that is not stopped. Two ranges instead of `<>`, so that the index is of use."""
    return [
        from_row(row)
        for row in db.rows(f"{SELECT} WHERE s.state < 'stopped' OR s.state > 'stopped' ORDER BY u.name, s.slot")
    ]


@reads
def last_used(db: Snapshot) -> dict[tuple[str, str], float]:
    """When each server that runs was last used, by user and name."""
    return {
        (user, slot[1:]): at
        for user, slot, at in db.rows(
            "SELECT u.name, s.slot, s.last_activity FROM servers s JOIN users u ON u.id = s.user_id "
            "WHERE s.state = 'ready' AND s.last_activity IS NOT NULL"
        )
    }


def put(db: Transaction, server: Server) -> None:
    """Keep the whole record, new or not; only `last_activity` never goes back. NotFound if the user is gone."""
    user = users.entity(db, server.user)
    slot = f"/{server.name}"
    record = {
        "state": server.state,
        "generation": server.generation,
        "display_name": values.text(server.display_name),
        "profile": server.profile,
        "options_json": values.to_json(dict(server.options)),
        "start_id": server.start_id,
        "secret": server.secret,
        "target_json": values.target_json(server.target),
        "created": server.created,
        "started": server.started,
        "last_activity": server.last_activity,
        "message": values.text(server.message),
        "said_json": values.said_json(server.said),
    }
    row = db.entities.Server.get(user=user, slot=slot)
    if row is None:
        db.entities.Server(user=user, slot=slot, **record)
        return
    times = [time for time in (row.last_activity, server.last_activity) if time is not None]
    row.set(**{**record, "last_activity": max(times, default=None)})


def rename(db: Transaction, user: str, name: str, new: str) -> None:
    """The same record by another name; what was shared of it stays so. Fine when there is none, or it is the same."""
    db.run(
        "UPDATE servers SET slot = ? WHERE slot = ? AND user_id = (SELECT id FROM users WHERE name = ?)",
        f"/{new}",
        f"/{name}",
        user,
    )
    changes.note(db, f"user:{user}")


def remove(db: Transaction, user: str, name: str = "") -> None:
    """Forget the record and what was shared of it. Fine when there is none."""
    oauth.remove(db, server_client(user, name))
    grants.note_guests(db, "o.name = ? AND s.slot = ?", user, f"/{name}")
    db.run("DELETE FROM servers WHERE slot = ? AND user_id = (SELECT id FROM users WHERE name = ?)", f"/{name}", user)


def from_row(row: Row) -> Server:
    """From `COLUMNS`."""
    user, slot, state, generation, display_name, profile, options, start_id, secret, target, *times, message, said = row
    created, started, last_activity = times
    return Server(
        user=user,
        name=slot[1:],
        state=state,
        generation=generation,
        display_name=display_name,
        profile=profile,
        options=json.loads(options),
        start_id=start_id,
        secret=secret,
        target=values.target(target),
        created=created,
        started=started,
        last_activity=last_activity,
        message=message,
        said=values.said(said),
    )
