"""SQLite: one file, one writer at a time, readers that wait for nobody (WAL).

Never open and close the database's file by other means while the store has it
open: closing any descriptor of it drops SQLite's own locks in this process.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pony.orm import Database

from gateway import runfiles
from gateway.errors import BadInput, HubgateError, SettingsError, Unavailable
from gateway.store.work import Connection, Params

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
"""How long one process waits for another one's writing."""

HUB_PATIENCE = 2.0
"""Seconds for a dead hub's children, who have its lock until they run their own program."""

ROOM = 65536
"""Bytes of a disk below which a failed write means that it is full."""

NO_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Sqlite:
    dialect = "sqlite"
    placeholder = "?"
    threads = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = str(path)

    # ── units of work ────────────────────────────────────────────────────────

    def bind(self, db: Database) -> None:
        db.bind("sqlite", str(self.path), timeout=BUSY_SECONDS)

    def reader(self) -> Connection:
        connection = self._connect()
        connection.execute("PRAGMA query_only = on")
        return connection

    def begin_reading(self, connection: Connection) -> None:
        connection.cursor().execute("BEGIN")

    def run_many(self, cursor: Any, sql: str, params: list[Params]) -> None:
        cursor.executemany(sql, params)

    def lost(self, error: BaseException) -> bool:
        return False

    def clashed(self, error: BaseException) -> bool:
        return False  # a transaction takes the one writer's lock before it reads

    def fault(self, error: BaseException) -> HubgateError | None:
        if isinstance(error, UnicodeEncodeError):
            return BadInput("text must not contain unpaired surrogates")
        if not isinstance(error, sqlite3.Error) or isinstance(error, sqlite3.IntegrityError):
            return None
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(NO_DATABASE):
            return SettingsError([f"[store] url: {self.label} is damaged or is no SQLite database ({error})"])
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Unavailable("the database is busy: another process has been writing for too long", retry_after=5)
        if name.startswith("SQLITE_FULL") or (name.startswith("SQLITE_IOERR") and self._room() < ROOM):
            # Where its side files find no room, SQLite speaks of input and output only.
            return Unavailable("the database cannot be written: the disk is full", retry_after=60)
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_PERM", "SQLITE_AUTH")):
            return Unavailable(f"the database {self.label} cannot be read and written ({error})", retry_after=60)
        return None

    # ── migrations ───────────────────────────────────────────────────────────

    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def upgrader(self) -> Iterator[Connection]:
        self._create()
        with closing(self._connect()) as connection:
            self._use_wal(connection)
            yield connection

    def begin_upgrade(self, connection: Connection) -> None:
        # Immediate, not exclusive: `keep_copy` must be able to read meanwhile.
        connection.cursor().execute("BEGIN IMMEDIATE")

    def tables(self, connection: Connection) -> set[str]:
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in cursor.fetchall()}

    def apply(self, connection: Connection, script: str) -> None:
        cursor = connection.cursor()
        for statement in statements(script):  # `executescript` would commit first
            cursor.execute(statement)
        cursor.execute("PRAGMA foreign_key_check")
        if broken := cursor.fetchall():
            raise SettingsError([f"[store] url: {len(broken)} rows of {self.label} point nowhere after this step"])

    def keep_copy(self, version: int) -> str:
        copy = self.path.with_name(f"{self.path.name}.version{version}")
        draft = copy.with_name(f".{copy.name}.{os.getpid()}")
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            with closing(self._connect()) as source, closing(sqlite3.connect(draft)) as target:
                source.backup(target)
            draft.replace(copy)
        except OSError as error:
            raise Unavailable(f"the database cannot be copied to {copy} before its upgrade: {error.strerror}") from None
        finally:
            draft.unlink(missing_ok=True)
        return str(copy)

    # ── one hub ──────────────────────────────────────────────────────────────

    def claim_hub(self) -> Callable[[], Any]:
        """The lock stands beside the database, so that hubs of two data folders exclude each other too."""
        path = self.path.resolve()
        path = path.with_name(f"{path.name}.lock")
        try:
            fd = runfiles.lock(path, "hub", HUB_PATIENCE)
        except OSError as error:
            raise Unavailable(f"{path} cannot be locked: {error.strerror}") from None
        return lambda: os.close(fd)

    def _room(self) -> int:
        try:
            return shutil.disk_usage(self.path.parent).free
        except OSError:
            return ROOM

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)

    def _create(self) -> None:
        """SQLite gives its side files (-wal, -shm) the mode of this one."""
        folder = self.path.parent
        try:
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if not (folder.is_dir() and (self.path.is_file() or not self.path.exists())):
                raise SettingsError([f"[store] url: {self.label} cannot be a file"]) from None
        except OSError as error:
            raise Unavailable(f"the database {self.label} cannot be made: {error.strerror}") from None

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        """Readers and the writer go side by side. It stays with the file."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                mode = connection.execute("PRAGMA journal_mode = wal").fetchone()[0]
            except sqlite3.OperationalError as error:
                # For this change SQLite does not wait on its own.
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
                time.sleep(0.02)
                continue
            if mode != "wal":
                log.warning("%s stands where write-ahead logging does not work: requests wait for writers", self.path)
            return


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one at a time."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if sqlite3.complete_statement(text := "\n".join(lines)):
            yield text
            lines.clear()
