"""Last use of credentials, users and servers, many at once. Time never goes back."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import BadInput, NotFound
from gateway.store.work import Transaction

LATER = "(last_activity IS NULL OR last_activity < ?)"


def seen(db: Transaction, user: str, at: float | None, servers: Mapping[str, float]) -> None:
    """What somebody reports of a user and of that user's servers, by name. NotFound, BadInput (no such server)."""
    number = db.value("SELECT id FROM users WHERE name = ?", user)
    if number is None:
        raise NotFound(f"No such user: {user[:100]!r}")
    for name, moment in servers.items():
        if not db.value("SELECT 1 FROM servers WHERE user_id = ? AND slot = ?", number, f"/{name}"):
            raise BadInput(f"No such server {name[:40]!r} for user {user}")
        db.run(
            f"UPDATE servers SET last_activity = ? WHERE user_id = ? AND slot = ? AND {LATER}",
            moment,
            number,
            f"/{name}",
            moment,
        )
    if at is not None:
        db.run(f"UPDATE users SET last_activity = ? WHERE id = ? AND {LATER}", at, number, at)


def touch(db: Transaction, credentials: Mapping[str, float], servers: Mapping[str, float]) -> None:
    """Note uses: `credentials` by digest, `servers` by `user/name`. What is gone meanwhile is left out.

    A credential's use is its owner's, too. A server's is not: it may be a guest's.
    """
    uses = [(at, digest, at) for digest, at in credentials.items()]
    if uses:
        db.run_many("UPDATE sessions SET last_seen = ? WHERE digest = ? AND last_seen < ?", uses)
        db.run_many("UPDATE tokens SET last_used = ? WHERE digest = ? AND (last_used IS NULL OR last_used < ?)", uses)
        for table in ("sessions", "tokens"):
            db.run_many(
                f"UPDATE users SET last_activity = ? WHERE id = (SELECT user_id FROM {table} WHERE digest = ?) "
                f"AND {LATER}",
                uses,
            )
    if servers:
        db.run_many(
            "UPDATE servers SET last_activity = ? "
            f"WHERE slot = ? AND user_id = (SELECT id FROM users WHERE name = ?) AND {LATER}",
            [(at, "/" + name.partition("/")[2], name.partition("/")[0], at) for name, at in servers.items()],
        )
