"""What only SQLite does."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.errors import HubgateError, SettingsError, Unavailable
from gateway.store import sqlite as sqlite_module
from gateway.store import users
from gateway.store.sqlite import statements
from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, reads
from tests.gateway.store.conftest import Place

HOLD = """
import asyncio, sys, pathlib
from gateway.store.store import Store

async def main():
    store = await Store.open(sys.argv[1], pathlib.Path(sys.argv[2]))
    await store.claim_hub()
    print("held", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_file_is_for_this_user_only(sqlite: Place) -> None:
    before = os.umask(0)
    try:
        store = await sqlite.open()
    finally:
        os.umask(before)
    await store(users.add, "alice", False, 1.0)
    files = sorted(sqlite.data_dir.iterdir())
    assert [file.name for file in files] == ["hubgate.sqlite", "hubgate.sqlite-shm", "hubgate.sqlite-wal"]
    assert {_mode(file) for file in files} == {0o600}
    await store.close()
    assert [file.name for file in sqlite.data_dir.iterdir()] == ["hubgate.sqlite"]


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    store = await Store.open("sqlite:deep/er/x.sqlite", tmp_path / "data")
    await store.close()
    assert _mode(tmp_path / "data" / "deep" / "er" / "x.sqlite") == 0o600
    assert _mode(tmp_path / "data" / "deep" / "er") == 0o700


async def test_both_connections_work_as_they_should(sqlite: Place) -> None:
    @reads
    def reading(db: Snapshot) -> list[object]:
        return [db.value(f"PRAGMA {name}") for name in ("journal_mode", "busy_timeout", "query_only")]

    def writing(db: Transaction) -> list[object]:
        return [db.value(f"PRAGMA {name}") for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")]

    store = await sqlite.open()
    assert await store(reading) == ["wal", 10_000, 1]
    assert await store(writing) == ["wal", 10_000, 1, 2]
    await store.close()


async def test_foreign_keys_are_enforced(sqlite: Place) -> None:
    def orphan(db: Transaction) -> None:
        db.run("INSERT INTO group_users (group_id, user_id) VALUES (1, 1)")

    store = await sqlite.open()
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await store(orphan)
    await store.close()


async def test_a_full_disk_has_words_and_leaves_the_store_usable(sqlite: Place) -> None:
    def fill(db: Transaction) -> None:
        db.run("PRAGMA max_page_count = 70")
        db.run_many("INSERT INTO groups (name) VALUES (?)", ((f"{n}" + "x" * 4000,) for n in range(200)))

    store = await sqlite.open()
    with pytest.raises(Unavailable, match="disk is full") as caught:
        await store(fill)
    assert caught.value.retry_after == 60
    assert await store(users.count) == 0
    assert await store(users.add, "alice", False, 1.0)
    await store.close()


@pytest.mark.sockets
@pytest.mark.parametrize("what", ["write", "upgrade"])
async def test_a_disk_that_takes_nothing_has_words(sqlite: Place, what: str) -> None:
    """/dev/full cannot hold a database, but a limit on the size of files can."""
    if what == "write":
        await (await sqlite.open()).close()
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
{HOLD.replace("await store.claim_hub()", "from gateway.store import users; await store(users.add, 'a', False, 1.0)")}
"""
    call = [sys.executable, "-c", script, sqlite.url, str(sqlite.data_dir)]
    done = await asyncio.to_thread(subprocess.run, call, capture_output=True, text=True, timeout=30)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("gateway.errors.Unavailable: the database ")
    assert "cannot be" in last


def test_failed_input_and_output_on_a_full_disk_is_called_by_its_name(
    sqlite: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    for room, words in ((0, "disk is full"), (10**9, "disk I/O error")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, room=room: SimpleNamespace(free=room))
        assert words in str(sqlite.backend.fault(error))


async def test_a_writer_that_does_not_end_has_words(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.1)
    store = await sqlite.open()
    with closing(sqlite3.connect(sqlite.data_dir / "hubgate.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await store(users.count) == 0
        with pytest.raises(Unavailable, match="busy"):
            await store(users.add, "alice", False, 1.0)
        other.execute("ROLLBACK")
        assert await store(users.add, "alice", False, 1.0)
    await store.close()


async def test_what_is_no_database_has_words(sqlite: Place) -> None:
    (sqlite.data_dir / "hubgate.sqlite").write_text("[gateway]\n" * 200)
    with pytest.raises(SettingsError, match="is damaged or is no SQLite database"):
        await sqlite.open()
    assert (sqlite.data_dir / "hubgate.sqlite").read_text().startswith("[gateway]")


async def test_a_folder_is_no_database(sqlite: Place) -> None:
    (sqlite.data_dir / "hubgate.sqlite").mkdir()
    with pytest.raises(SettingsError, match="cannot be a file"):
        await sqlite.open()


async def test_a_file_where_a_folder_should_be_has_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("file", "file/deeper"):
        with pytest.raises(HubgateError, match="cannot be"):
            await Store.open("sqlite:x.sqlite", tmp_path / folder)


async def test_a_second_hub_is_refused_and_the_first_lets_go_at_close(
    sqlite: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "HUB_PATIENCE", 0.1)
    first = await sqlite.open()
    await first.claim_hub()
    # Another data folder and another spelling, the same database.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "link.sqlite").symlink_to(sqlite.data_dir / "hubgate.sqlite")
    for url in (sqlite.url, "sqlite:link.sqlite"):
        second = await Store.open(url, sqlite.data_dir if url == sqlite.url else tmp_path / "other")
        with pytest.raises(HubgateError, match="another hub is at work"):
            await second.claim_hub()
        assert await second(users.ensure, "alice", False, 1.0)
        await second.close()
    await first.close()
    third = await sqlite.open()
    await third.claim_hub()
    await third.close()


@pytest.mark.sockets
async def test_a_killed_hub_lets_go(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "HUB_PATIENCE", 0.5)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, sqlite.url, str(sqlite.data_dir)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert await asyncio.to_thread(holder.stdout.readline) == b"held\n"
        store = await sqlite.open()
        with pytest.raises(HubgateError, match="another hub"):
            await store.claim_hub()
        holder.send_signal(signal.SIGKILL)
    begin = time.monotonic()
    await store.claim_hub()
    assert time.monotonic() - begin < 1
    await store.close()


def test_a_script_is_cut_into_statements() -> None:
    script = "-- first; not the end\nCREATE TABLE a (x TEXT DEFAULT ';');\n\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
    script += "  DELETE FROM a;\n  SELECT 1;\nEND;\n\n-- the end\n"
    assert [text.strip().splitlines()[0] for text in statements(script)] == [
        "-- first; not the end",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN",
    ]
