"""What the store needs of a database, and which database a URL names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from pony.orm import Database

from gateway.errors import HubgateError, SettingsError
from gateway.store.sqlite import Sqlite
from gateway.store.work import Connection, Params

POSTGRESQL = "postgresql://"
SQLITE = "sqlite:"


class Backend(Protocol):
    """One database, not yet opened. `Sqlite` and `Postgresql` are the two there are."""

    @property
    def dialect(self) -> str:
        """The name of its folder of migrations."""

    @property
    def label(self) -> str:
        """How messages name it: never with a password."""

    @property
    def placeholder(self) -> str: ...

    @property
    def threads(self) -> int:
        """How many units run at the same time."""

    def bind(self, db: Database) -> None:
        """Make Pony connect to it, in the thread that calls."""

    def reader(self) -> Connection:
        """A new connection that cannot write."""

    def begin_reading(self, connection: Connection) -> None:
        """Begin the transaction in which a `Snapshot` reads."""

    def run_many(self, cursor: Any, sql: str, params: list[Params]) -> None:
        """One statement many times, with as few round trips as the driver can do."""

    def lost(self, error: BaseException) -> bool:
        """Is the connection gone, so that a new one may do better?"""

    def clashed(self, error: BaseException) -> bool:
        """Did another writer come first, so that the unit must run again?"""

    def fault(self, error: BaseException) -> HubgateError | None:
        """The driver's error in words, or None for what can only be a bug."""

    def exists(self) -> bool:
        """Is there anything yet? False must not create it."""

    def upgrader(self) -> AbstractContextManager[Connection]:
        """A connection for migrations; creates the database's file if there is none."""

    def begin_upgrade(self, connection: Connection) -> None:
        """Begin a transaction that no other upgrade can be in."""

    def tables(self, connection: Connection) -> set[str]: ...

    def apply(self, connection: Connection, script: str) -> None:
        """Run a migration's statements in the transaction that is open."""

    def keep_copy(self, version: int) -> str:
        """Copy the database before it is upgraded from `version`; where to, "" if nowhere."""

    def claim_hub(self) -> Callable[[], Any]:
        """Take the hub's lock, or raise because another hub has it. Returns what releases it."""


def backend(url: str, data_dir: Path) -> Backend:
    """The database that `url` (`[store] url`) names. Connects to nothing yet."""
    if url.startswith(POSTGRESQL):
        return _postgresql(url)
    if url.startswith(SQLITE):
        return Sqlite(data_dir.absolute() / url.removeprefix(SQLITE))
    raise SettingsError([f"[store] url: expected {SQLITE}FILE or {POSTGRESQL}USER:PASSWORD@HOST/DATABASE"])


def _postgresql(url: str) -> Backend:
    try:
        from gateway.store.postgresql import Postgresql  # noqa: PLC0415  # its driver is an extra
    except ImportError as error:
        raise SettingsError(
            [f"[store] url: PostgreSQL needs its driver: install hubgate with the extra 'postgres' ({error})"]
        ) from None
    return Postgresql(url)
