"""Brings a database to the schema of this version, step by step, or says why it cannot.

Steps are files, `migrations/<dialect>/<number>_<name>.sql`, numbered from 1. What was
applied stands in `schema_version` with a checksum. Each step is one transaction which
excludes every other upgrade; two processes that start at once do the work once.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from gateway.errors import SettingsError
from gateway.store import faults
from gateway.store.backend import Backend, backend
from gateway.store.work import Connection, placed

log = logging.getLogger(__name__)

OURS = {"users", "groups", "roles", "services", "servers", "sessions", "tokens"}
"""Tables that nobody else may have made in a database that we take."""

MAKE_TABLE = """
CREATE TABLE schema_version (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied DOUBLE PRECISION NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    name: str
    script: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.script.encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.number:04} {self.name}"


def steps(dialect: str) -> list[Step]:
    """All steps that this version knows, in order."""
    found = []
    for file in (files("gateway.store") / "migrations" / dialect).iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append(Step(int(number), name, file.read_text("utf-8")))
    return sorted(found, key=lambda step: step.number)


def pending(url: str, data_dir: Path) -> list[str]:
    """The steps that `upgrade` would apply. Changes and creates nothing."""
    base = backend(url, data_dir)
    known = steps(base.dialect)
    if not base.exists():
        return [str(step) for step in known]
    with faults.translated(base):
        connection = base.reader()
        try:
            return [str(step) for step in _missing(base, known, _applied(base, connection))]
        finally:
            connection.close()


def upgrade(base: Backend, known: Sequence[Step] | None = None) -> list[str]:
    """Apply what is missing and return the names of those steps."""
    known = known or steps(base.dialect)
    done: list[str] = []
    with faults.translated(base), base.upgrader() as connection:
        if not _missing(base, known, _applied(base, connection)):
            return done
        connection.rollback()
        while step := _next(base, connection, known, copy=not done):
            done.append(str(step))
    return done


def _next(base: Backend, connection: Connection, known: Sequence[Step], copy: bool) -> Step | None:
    """Apply the first missing step in a transaction of its own; None when there is none."""
    base.begin_upgrade(connection)
    try:
        applied = _applied(base, connection)
        missing = _missing(base, known, applied)
        if not missing:
            return None
        step = missing[0]
        if applied and copy and (where := base.keep_copy(max(applied))):
            log.info("the database is copied to %s before its upgrade", where)
        if not applied:
            base.apply(connection, MAKE_TABLE)
        base.apply(connection, step.script)
        connection.cursor().execute(
            placed(
                "INSERT INTO schema_version (version, name, checksum, applied) VALUES (?, ?, ?, ?)", base.placeholder
            ),
            (step.number, step.name, step.checksum, time.time()),
        )
        connection.commit()
    finally:
        connection.rollback()
    log.info("database step %s applied", step)
    return step


def _applied(base: Backend, connection: Connection) -> dict[int, str]:
    """Number and checksum of each step that the database has seen."""
    tables = base.tables(connection)
    if "schema_version" not in tables:
        if strange := sorted(tables & OURS):
            raise SettingsError([f"[store] url: {base.label} belongs to something else: it has a table {strange[0]!r}"])
        return {}
    cursor = connection.cursor()
    cursor.execute("SELECT version, checksum FROM schema_version")
    return dict(cursor.fetchall())


def _missing(base: Backend, known: Sequence[Step], applied: Mapping[int, str]) -> list[Step]:
    newest = known[-1].number
    if applied and max(applied) > newest:
        raise SettingsError(
            [
                f"[store] url: {base.label} is of a newer Hubgate (schema {max(applied)}; this one knows {newest}): "
                "install that version, or go back to the copy that was made before the upgrade"
            ]
        )
    for step in known:
        if applied.get(step.number, step.checksum) != step.checksum:
            raise SettingsError([f"[store] url: {base.label} was made with another form of the step {step}"])
    return [step for step in known if step.number not in applied]
