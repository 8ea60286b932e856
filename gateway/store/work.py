"""What a unit of work gets: `Snapshot` to read, `Transaction` to read and write.

A unit is a plain sync function whose first parameter is one of the two. Reads are
plain SQL, with `?` for each parameter, whatever the dialect. Writes go through the
entities. A unit that only reads is marked with `@reads`: it sees one consistent
moment, waits for no writer, and cannot write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Concatenate, Protocol

if TYPE_CHECKING:
    from gateway.store.backend import Backend

type Row = tuple[Any, ...]
type Params = Sequence[object]

MARK = "reads_only"
"""The attribute that `@reads` leaves on a unit, for `Store`."""


class Connection(Protocol):
    """What sqlite3 and psycopg2 have in common, as far as it is needed."""

    def cursor(self) -> Any: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class Snapshot:
    """One moment of the database, to read from."""

    def __init__(self, connection: Connection, backend: Backend) -> None:
        self._connection = connection
        self._backend = backend

    def rows(self, sql: str, *params: object) -> list[Row]:
        return self._cursor(sql, params).fetchall()  # type: ignore[no-any-return]  # drivers have no common types

    def row(self, sql: str, *params: object) -> Row | None:
        return self._cursor(sql, params).fetchone()  # type: ignore[no-any-return]

    def value(self, sql: str, *params: object) -> Any:
        """The first column of the first row, or None when there is none."""
        row = self.row(sql, *params)
        return row[0] if row else None

    def _cursor(self, sql: str, params: Params) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(placed(sql, self._backend.placeholder), params)
        return cursor


class Transaction(Snapshot):
    """All of a unit's writes, or none of them."""

    def __init__(self, connection: Connection, backend: Backend, entities: Any) -> None:
        super().__init__(connection, backend)
        self.entities = entities
        """The bound Pony database: `entities.User`, `entities.Session`, …"""

    def run(self, sql: str, *params: object) -> int:
        """One writing statement where an entity would only be in the way; how many rows it changed."""
        count: int = self._cursor(sql, params).rowcount
        return count

    def run_many(self, sql: str, params: Iterable[Params]) -> None:
        """The same statement with each of `params`."""
        self.entities.flush()
        self._backend.run_many(self._connection.cursor(), placed(sql, self._backend.placeholder), list(params))

    def _cursor(self, sql: str, params: Params) -> Any:
        self.entities.flush()  # what the entities hold back must be there to be read
        return super()._cursor(sql, params)


def reads[**P, R](unit: Callable[Concatenate[Snapshot, P], R]) -> Callable[Concatenate[Snapshot, P], R]:
    """Mark a unit that only reads."""
    setattr(unit, MARK, True)
    return unit


def marks(several: Sequence[object]) -> str:
    """As many `?` as there are, for `IN (…)`; of none, what no row equals."""
    return ", ".join("?" * len(several)) or "NULL"


@lru_cache(maxsize=512)
def placed(sql: str, placeholder: str) -> str:
    """`sql` with its `?` as the driver wants them, `instr` by PostgreSQL's name. No literal in our SQL holds either."""
    if placeholder == "?":
        return sql
    return sql.replace("%", "%%").replace("?", placeholder).replace("instr(", "strpos(")
