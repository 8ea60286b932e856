"""The migrations make exactly what the entities map."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pony.orm import Database

from gateway.store import migrate
from gateway.store.backend import backend
from gateway.store.entities import define_entities
from tests.gateway.store.conftest import Place

OWN = "schema_version"
"""The one table that Pony does not know: the migrations' own."""

type Shape = dict[str, Any]


def _by_pony(*where: Any, **options: Any) -> None:
    """Let Pony make every table from its mapping."""
    db = Database()
    define_entities(db)
    db.bind(*where, **options)
    db.generate_mapping(create_tables=True)
    db.disconnect()


def _sqlite_shape(path: Path) -> Shape:
    """Every column, index and foreign key, without the names of constraints."""
    with closing(sqlite3.connect(path)) as con:

        def rows(sql: str) -> list[Any]:
            return con.execute(sql).fetchall()

        shape: Shape = {}
        for (table,) in rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            indexes = {
                (bool(unique), tuple(column for _, _, column in rows(f"PRAGMA index_info('{name}')")))
                for _, name, unique, *_ in rows(f"PRAGMA index_list('{table}')")
            }
            auto = "AUTOINCREMENT" in rows(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")[0][0]
            keys = {(row[2], row[3], row[4], row[6]) for row in rows(f"PRAGMA foreign_key_list('{table}')")}
            columns = {row[1:] for row in rows(f"PRAGMA table_info('{table}')")}
            shape[table] = (columns, indexes, keys, auto)
        return shape


PG_COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default IS NOT NULL, character_maximum_length
FROM information_schema.columns WHERE table_schema = 'public'
"""
PG_INDEXES = """
SELECT t.relname, i.indisunique, i.indisprimary,
  (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n)
   JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace
WHERE s.nspname = 'public'
"""
PG_KEYS = """
SELECT conrelid::regclass::text, regexp_replace(pg_get_constraintdef(oid), '\\s+', ' ')
FROM pg_constraint WHERE contype = 'f'
"""


def _postgresql_shape(url: str) -> Shape:
    import psycopg2

    with closing(psycopg2.connect(url)) as con, con.cursor() as cursor:

        def rows(sql: str) -> set[Any]:
            cursor.execute(sql)
            found = {tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in cursor}
            return {row for row in found if row[0] != OWN}

        return {"columns": rows(PG_COLUMNS), "indexes": rows(PG_INDEXES), "keys": rows(PG_KEYS)}


def test_on_sqlite(sqlite: Place) -> None:
    migrate.upgrade(sqlite.backend)
    _by_pony("sqlite", str(sqlite.data_dir / "pony.sqlite"), create_db=True)
    made = _sqlite_shape(sqlite.data_dir / "hubgate.sqlite")
    assert made.pop(OWN)
    assert len(made) > 15
    assert made == _sqlite_shape(sqlite.data_dir / "pony.sqlite")


@pytest.mark.sockets
def test_on_postgresql(new_postgresql: Callable[[], str], tmp_path: Path) -> None:
    made, pony = new_postgresql(), new_postgresql()
    migrate.upgrade(backend(made, tmp_path))
    _by_pony("postgres", pony)
    found = _postgresql_shape(made)
    assert len(found["columns"]) > 80
    assert found == _postgresql_shape(pony)


def test_both_dialects_have_the_same_steps() -> None:
    names = [[str(step) for step in migrate.steps(dialect)] for dialect in ("sqlite", "postgresql")]
    assert names[0] == names[1]
    assert [step.number for step in migrate.steps("sqlite")] == list(range(1, len(names[0]) + 1))
