"""Services: what acts by itself with tokens of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gateway.errors import Conflict, NotFound
from gateway.model import Service, ServiceProcess, Token
from gateway.store import changes, tokens, values
from gateway.store.work import Row, Snapshot, Transaction, reads

SELECT = "SELECT name, url, admin, created, from_settings, details_json FROM services"


@reads
def listing(db: Snapshot) -> list[Service]:
    """All services, by name."""
    return [_service(row) for row in db.rows(f"{SELECT} ORDER BY name")]


@reads
def get(db: Snapshot, name: str) -> Service | None:
    row = db.row(f"{SELECT} WHERE name = ?", name)
    return _service(row) if row else None


@reads
def roles(db: Snapshot) -> dict[str, tuple[str, ...]]:
    """The names of the roles that each service was given."""
    found: dict[str, tuple[str, ...]] = {}
    for name, role in db.rows(
        "SELECT v.name, r.name FROM services v JOIN role_services a ON a.service_id = v.id "
        "JOIN roles r ON r.id = a.role_id ORDER BY r.name"
    ):
        found[name] = (*found.get(name, ()), role)
    return found


def put(db: Transaction, service: Service) -> None:
    """Make the service, or change it; when it was made stays."""
    kept = get(db, service.name)
    if kept and replace(kept, created=service.created) == service:
        return
    details = {"command": list(service.command), "display": service.display, "info": dict(service.info)}
    record = {
        "url": values.text(service.url),
        "admin": service.admin,
        "from_settings": service.from_settings,
        "details_json": values.to_json(details),
    }
    row = db.entities.Service.get(name=service.name)
    if row is None:
        db.entities.Service(name=service.name, created=service.created, **record)
    else:
        row.set(**record)
    changes.note(db, f"service:{service.name}")


def add(db: Transaction, service: Service) -> None:
    """Make the service; Conflict if there is one of that name."""
    if get(db, service.name):
        raise Conflict(f"Service {service.name} already exists")
    put(db, service)


def remove(db: Transaction, name: str) -> None:
    """Forget the service with its tokens, and those that users let it have. Fine when there is none."""
    made = db.rows(
        "SELECT t.digest FROM tokens t JOIN oauth_clients c ON c.id = t.client_id "
        "JOIN services v ON v.id = c.service_id WHERE v.name = ?",
        name,
    )
    if db.run("DELETE FROM services WHERE name = ?", name):
        changes.note(db, f"service:{name}")
        for (digest,) in made:
            changes.note(db, digest=digest)


# ── its own token ────────────────────────────────────────────────────────────


@reads
def own_digest(db: Snapshot, name: str) -> str:
    """The digest of the service's own token; "" = it has none."""
    return db.value("SELECT token_digest FROM services WHERE name = ?", name) or ""


def own_token(db: Transaction, name: str, digest: str, token: Token | None) -> None:
    """The service's own token is this one (None = it has none); the one before is good for nothing any more.

    NotFound (service), Conflict when the token is somebody else's already.
    """
    row = _entity(db, name)
    found = db.row("SELECT service_id FROM tokens WHERE digest = ?", digest) if digest else None
    if found and found[0] != row.id:
        raise Conflict(f"the api_token of service {name} is a token of somebody else already")
    if row.token_digest and row.token_digest != digest:
        db.run("DELETE FROM tokens WHERE digest = ?", row.token_digest)
        changes.note(db, digest=row.token_digest)
    if token is not None and not found:
        tokens.add(db, token, digest)
    row.token_digest = digest or None


# ── its process ──────────────────────────────────────────────────────────────


@reads
def processes(db: Snapshot) -> dict[str, ServiceProcess]:
    """What is kept of processes, by the service's name."""
    rows = db.rows("SELECT name, process_json FROM services WHERE process_json IS NOT NULL")
    return {name: _process(json.loads(text)) for name, text in rows}


def set_process(db: Transaction, name: str, process: ServiceProcess | None) -> None:
    """None = there is no process any more. NotFound."""
    _entity(db, name).process_json = None if process is None else values.to_json(_process_json(process))


def _process(kept: dict[str, Any]) -> ServiceProcess:
    return ServiceProcess(kept["start_id"], kept["order"], kept["generation"], values.target(kept["target"]))


def _process_json(process: ServiceProcess) -> dict[str, Any]:
    return {
        "start_id": process.start_id,
        "order": process.order,
        "generation": process.generation,
        "target": values.target_json(process.target),
    }


def _service(row: Row) -> Service:
    name, url, admin, created, from_settings, details = row
    more = json.loads(details) if details else {}
    return Service(
        name,
        url,
        bool(admin),
        created,
        command=tuple(more.get("command", ())),
        display=more.get("display", True),
        info=more.get("info", {}),
        from_settings=bool(from_settings),
    )


def _entity(db: Transaction, name: str) -> Any:
    row = db.entities.Service.get(name=name)
    if row is None:
        raise NotFound(f"there is no service {name}")
    return row
