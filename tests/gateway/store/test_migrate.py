from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import HubgateError, SettingsError
from gateway.store import migrate, users
from gateway.store.migrate import Step
from tests.gateway.store.conftest import Place

SLOW = {"sqlite": "SELECT 1;", "postgresql": "SELECT pg_sleep(0.2);"}

UPGRADE = """
import json, pathlib, sys
from gateway.store import migrate
from gateway.store.backend import backend
print(json.dumps(migrate.upgrade(backend(sys.argv[1], pathlib.Path(sys.argv[2])))))
"""


def _later(place: Place) -> list[Step]:
    """The steps of a version to come."""
    known = migrate.steps(place.dialect)
    number = known[-1].number
    second = Step(number + 1, "second", f"{SLOW[place.dialect]}\nCREATE TABLE second (x INTEGER);\n")
    third = Step(number + 2, "third", "ALTER TABLE second ADD COLUMN y INTEGER;\nINSERT INTO second VALUES (1, 2);\n")
    return [*known, second, third]


def _rows(place: Place, sql: str) -> list[Any]:
    reader = place.backend.reader()
    try:
        cursor = reader.cursor()
        cursor.execute(sql)
        found: list[Any] = cursor.fetchall()
        return found
    finally:
        reader.close()


def test_an_empty_database_takes_every_step_once(place: Place) -> None:
    names = [str(step) for step in migrate.steps(place.dialect)]
    assert names[0] == "0001 first"
    assert migrate.pending(place.url, place.data_dir) == names
    assert migrate.upgrade(place.backend) == names
    assert migrate.pending(place.url, place.data_dir) == []
    assert migrate.upgrade(place.backend) == []


def test_pending_creates_nothing(sqlite: Place) -> None:
    migrate.pending(sqlite.url, sqlite.data_dir / "missing")
    assert list(sqlite.data_dir.iterdir()) == []


async def test_an_upgrade_keeps_what_is_there(place: Place) -> None:
    store = await place.open()
    await store(users.add, "alice", False, 1.0)
    await store.close()
    steps = _later(place)
    assert migrate.upgrade(place.backend, steps) == [str(step) for step in steps[-2:]]
    assert _rows(place, "SELECT * FROM second") == [(1, 2)]
    assert _rows(place, "SELECT name FROM users") == [("alice",)]
    assert [row[0] for row in _rows(place, "SELECT version FROM schema_version ORDER BY 1")] == [
        step.number for step in steps
    ]


async def test_sqlite_is_copied_before_an_upgrade_and_only_then(sqlite: Place) -> None:
    store = await sqlite.open()
    await store(users.add, "alice", False, 1.0)
    assert [path.name for path in sqlite.data_dir.glob("*version*")] == []
    # The store is still open: what stands in its -wal file must be in the copy.
    steps = _later(sqlite)
    migrate.upgrade(sqlite.backend, steps)
    await store.close()
    version = steps[-3].number
    (copy,) = sqlite.data_dir.glob("*version*")
    assert copy.name == f"hubgate.sqlite.version{version}"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as con:
        assert con.execute("SELECT name FROM users").fetchall() == [("alice",)]
        assert con.execute("SELECT max(version) FROM schema_version").fetchall() == [(version,)]
        assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_step_that_fails_leaves_the_database_at_the_step_before(place: Place) -> None:
    *steps, _ = _later(place)
    broken = replace(
        steps[-1], script=steps[-1].script + "INSERT INTO second VALUES (1);\nCREATE TABLE users (x INT);\n"
    )
    migrate.upgrade(place.backend, steps[:-1])
    with pytest.raises(Exception, match="users"):
        migrate.upgrade(place.backend, [*steps[:-1], broken])
    assert migrate.pending(place.url, place.data_dir) == []
    migrate.upgrade(place.backend, steps)
    assert _rows(place, "SELECT * FROM second") == []


def test_a_newer_database_is_refused_and_not_touched(place: Place) -> None:
    migrate.upgrade(place.backend, _later(place))
    for attempt in (
        lambda: migrate.upgrade(place.backend),
        lambda: migrate.pending(place.url, place.data_dir),
        lambda: asyncio.run(place.open()),
    ):
        newest = migrate.steps(place.dialect)[-1].number
        with pytest.raises(SettingsError, match=rf"newer Hubgate \(schema {newest + 2}; this one knows {newest}\)"):
            attempt()


def test_a_step_that_was_changed_afterwards_is_refused(place: Place) -> None:
    steps = _later(place)
    migrate.upgrade(place.backend, steps)
    steps[-1] = replace(steps[-1], script="SELECT 2;")
    with pytest.raises(SettingsError, match=f"another form of the step {steps[-1].number:04} third"):
        migrate.upgrade(place.backend, steps)


def test_somebody_elses_database_is_refused_and_not_touched(place: Place) -> None:
    stranger = Step(1, "stranger", "CREATE TABLE users (id INTEGER);\n")
    with place.backend.upgrader() as connection:
        place.backend.apply(connection, stranger.script)
        connection.commit()
    with pytest.raises(SettingsError, match="belongs to something else: it has a table 'users'"):
        migrate.upgrade(place.backend)
    with place.backend.upgrader() as connection:
        assert place.backend.tables(connection) == {"users"}


def test_broken_references_are_found(sqlite: Place) -> None:
    migrate.upgrade(sqlite.backend)
    known = migrate.steps("sqlite")
    bad = Step(known[-1].number + 1, "bad", "INSERT INTO group_users VALUES (1, 1);\n")
    with pytest.raises(SettingsError, match="point nowhere"):
        migrate.upgrade(sqlite.backend, [*known, bad])
    assert _rows(sqlite, "SELECT * FROM group_users") == []


@pytest.mark.sockets
def test_two_processes_that_start_at_once_do_the_work_once(place: Place) -> None:
    call = [sys.executable, "-W", "error", "-c", UPGRADE, place.url, str(place.data_dir)]
    running = [subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 4, ended
    # Each step is taken under a lock of its own, so that the steps may be shared among them.
    done = [step for out, _ in ended for step in json.loads(out)]
    assert sorted(done) == [str(step) for step in migrate.steps(place.dialect)]


async def test_upgrades_at_once_do_each_step_once(place: Place) -> None:
    migrate.upgrade(place.backend)
    steps = _later(place)
    done = await asyncio.gather(*(asyncio.to_thread(migrate.upgrade, place.backend, steps) for _ in range(4)))
    assert sorted(name for names in done for name in names) == [str(step) for step in steps[-2:]]
    # Whoever does the next step first copies what it finds.
    assert (place.dialect == "sqlite") <= len(list(place.data_dir.glob("*version*"))) <= 2 * (place.dialect == "sqlite")


def test_a_copy_that_cannot_be_made_stops_the_upgrade(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate.upgrade(sqlite.backend)
    version = migrate.steps("sqlite")[-1].number
    (sqlite.data_dir / f"hubgate.sqlite.version{version}" / "in the way").mkdir(parents=True)
    with pytest.raises(HubgateError, match="cannot be copied"):
        migrate.upgrade(sqlite.backend, _later(sqlite))
    assert migrate.pending(sqlite.url, sqlite.data_dir) == []
