"""PostgreSQL: writers are serializable and run again where they clash, readers see one moment.

Importing this needs psycopg2, which the extra `postgres` installs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg2
import psycopg2.errors
from pony.orm import Database
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, parse_dsn
from psycopg2.extras import execute_batch

from gateway.errors import BadInput, HubgateError, SettingsError, Unavailable
from gateway.store.work import Connection, Params

UPGRADE_LOCK = 4_851_550_726_101
HUB_LOCK = 4_851_550_726_102
"""Advisory locks belong to one database, so the numbers need only differ from each other."""

HUB_PATIENCE = 3.0
"""Seconds for the server to notice that a dead hub's connection is gone."""

CONNECTING: dict[str, Any] = {
    "connect_timeout": 10,
    "application_name": "hubgate",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "options": "-c lock_timeout=10s",
}
"""Used where the URL says nothing else."""

CLASHES = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    # Two inserted the same at the same time: the second run sees the first one's row.
    psycopg2.errors.UniqueViolation,
)


class Postgresql:
    dialect = "postgresql"
    placeholder = "%s"
    threads = 4

    def __init__(self, url: str) -> None:
        try:
            given = parse_dsn(url)
        except psycopg2.ProgrammingError as error:
            raise SettingsError([f"[store] url: {_words(error)}"]) from None
        self._arguments = {**CONNECTING, **given}
        where = given.get("host", "localhost") + (f":{given['port']}" if "port" in given else "")
        self.label = f"postgresql://{where}/{given.get('dbname', '')}"

    # ── units of work ────────────────────────────────────────────────────────

    def bind(self, db: Database) -> None:
        db.bind("postgres", **self._arguments)

    def reader(self) -> Connection:
        connection: Any = psycopg2.connect(**self._arguments)
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        return connection  # type: ignore[no-any-return]

    def begin_reading(self, connection: Connection) -> None:
        """psycopg2 begins by itself."""

    def run_many(self, cursor: Any, sql: str, params: list[Params]) -> None:
        execute_batch(cursor, sql, params, page_size=200)

    def lost(self, error: BaseException) -> bool:
        # Without an SQLSTATE it was not the server who spoke; class 57P: it is shutting down.
        if isinstance(error, psycopg2.InterfaceError):
            return True
        return isinstance(error, psycopg2.OperationalError) and (error.pgcode or "57P").startswith("57P")

    def clashed(self, error: BaseException) -> bool:
        return isinstance(error, CLASHES)

    def fault(self, error: BaseException) -> HubgateError | None:
        if isinstance(error, UnicodeEncodeError) or (isinstance(error, ValueError) and "NUL" in str(error)):
            return BadInput("text must not contain NUL or unpaired surrogates")
        if isinstance(error, psycopg2.errors.DiskFull):
            return Unavailable("the database cannot be written: the disk is full", retry_after=60)
        if isinstance(error, psycopg2.errors.InsufficientPrivilege | psycopg2.errors.ReadOnlySqlTransaction):
            return Unavailable(f"the database {self.label} does not let us: {_words(error)}", retry_after=60)
        if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
            return Unavailable(f"the database {self.label} is away: {_words(error)}", retry_after=5)
        return None

    # ── migrations ───────────────────────────────────────────────────────────

    def exists(self) -> bool:
        return True

    @contextmanager
    def upgrader(self) -> Iterator[Connection]:
        with closing(psycopg2.connect(**self._arguments)) as connection:
            yield connection

    def begin_upgrade(self, connection: Connection) -> None:
        cursor = connection.cursor()
        cursor.execute("SET LOCAL lock_timeout = 0")  # another upgrade may take its time
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (UPGRADE_LOCK,))

    def tables(self, connection: Connection) -> set[str]:
        cursor = connection.cursor()
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return {name for (name,) in cursor.fetchall()}

    def apply(self, connection: Connection, script: str) -> None:
        connection.cursor().execute(script)

    def keep_copy(self, version: int) -> str:
        """A server's databases are copied by those who run it; each step is a transaction anyway."""
        return ""

    # ── one hub ──────────────────────────────────────────────────────────────

    def claim_hub(self) -> Callable[[], Any]:
        """The lock is held by a connection of its own; the server releases it when this process ends."""
        connection = psycopg2.connect(**self._arguments)
        with ExitStack() as unless_held:
            unless_held.callback(connection.close)
            connection.autocommit = True
            until = time.monotonic() + HUB_PATIENCE
            while not _try_lock(connection, HUB_LOCK):
                if time.monotonic() > until:
                    raise HubgateError(f"another hub is at work with {self.label} already")
                time.sleep(0.1)
            unless_held.pop_all()
        return connection.close  # type: ignore[no-any-return]


def _try_lock(connection: Any, number: int) -> bool:
    cursor = connection.cursor()
    cursor.execute("SELECT pg_try_advisory_lock(%s)", (number,))
    return bool(cursor.fetchone()[0])


def _words(error: Exception) -> str:
    """The driver's message on one line. libpq never puts the password into it."""
    return " ".join(str(error).split())
