"""Routes that an administrator added: a path, and where it leads."""

from __future__ import annotations

from gateway.errors import Conflict, TooMany
from gateway.model import CustomRoute
from gateway.store.work import Snapshot, Transaction, reads

MOST = 1000
"""Each worker holds all of them."""


@reads
def listing(db: Snapshot) -> list[CustomRoute]:
    """All custom routes, by path."""
    return [
        CustomRoute(path, target, created, access or "authenticated")
        for path, target, created, access in db.rows(
            "SELECT path, target, created, access FROM custom_routes ORDER BY path"
        )
    ]


def add(db: Transaction, route: CustomRoute) -> None:
    """Conflict if the path leads somewhere already; TooMany when there are `MOST`."""
    if db.value("SELECT 1 FROM custom_routes WHERE path = ?", route.path):
        raise Conflict(f"there is a route for {route.path} already", key="route-exists", about={"path": route.path})
    if db.value("SELECT count(*) FROM custom_routes") >= MOST:
        raise TooMany(
            f"there are {MOST} custom routes already, and no more are allowed", key="routes-full", about={"most": MOST}
        )
    db.entities.CustomRoute(path=route.path, target=route.target, created=route.created, access=route.access)


def remove(db: Transaction, path: str) -> bool:
    """Was there one?"""
    return bool(db.run("DELETE FROM custom_routes WHERE path = ?", path))
