"""Services: what acts by itself with tokens of its own."""

from __future__ import annotations

from gateway.model import Service
from gateway.store import changes, values
from gateway.store.work import Snapshot, Transaction, reads


@reads
def listing(db: Snapshot) -> list[Service]:
    """All services, by name."""
    rows = db.rows("SELECT name, url, admin, created FROM services ORDER BY name")
    return [Service(name, url, bool(admin), created) for name, url, admin, created in rows]


@reads
def get(db: Snapshot, name: str) -> Service | None:
    row = db.row("SELECT name, url, admin, created FROM services WHERE name = ?", name)
    return Service(row[0], row[1], bool(row[2]), row[3]) if row else None


def put(db: Transaction, service: Service) -> None:
    """Make the service, or change it; when it was made stays."""
    record = {"url": values.text(service.url), "admin": service.admin}
    row = db.entities.Service.get(name=service.name)
    if row is None:
        db.entities.Service(name=service.name, created=service.created, **record)
    else:
        row.set(**record)
    changes.note(db, f"service:{service.name}")


def remove(db: Transaction, name: str) -> None:
    """Forget the service with its tokens. Fine when there is none."""
    if db.run("DELETE FROM services WHERE name = ?", name):
        changes.note(db, f"service:{name}")
