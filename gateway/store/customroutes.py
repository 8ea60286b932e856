"""Routes that an administrator added: a path, and where it leads."""

from __future__ import annotations

from gateway.errors import Conflict
from gateway.model import CustomRoute
from gateway.store.work import Snapshot, Transaction, reads


@reads
def listing(db: Snapshot) -> list[CustomRoute]:
    """All custom routes, by path."""
    return [CustomRoute(*row) for row in db.rows("SELECT path, target, created FROM custom_routes ORDER BY path")]


def add(db: Transaction, path: str, target: str, now: float) -> CustomRoute:
    """Conflict if the path leads somewhere already."""
    if db.value("SELECT 1 FROM custom_routes WHERE path = ?", path):
        raise Conflict(f"there is a route for {path} already")
    db.entities.CustomRoute(path=path, target=target, created=now)
    return CustomRoute(path, target, now)


def remove(db: Transaction, path: str) -> None:
    """Fine when there is none."""
    db.run("DELETE FROM custom_routes WHERE path = ?", path)
