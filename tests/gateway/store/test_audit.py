"""The audit: the newest first, attackers' texts, and a chain that shows what was done to it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from gateway.model import AuditEntry
from gateway.store import audit, users
from gateway.store.store import Store
from gateway.store.work import Transaction
from tests.gateway.store.conftest import Place


async def test_the_newest_stand_first(store: Store) -> None:
    for number in range(5):
        await store(audit.add, float(number), "user:ünï", "login", f"s{number}", "detail")
    entries = await store(audit.listing, 2)
    assert entries[0] == AuditEntry(4.0, "user:ünï", "login", "s4", "detail", entries[0].number)
    assert [entry.subject for entry in entries] == ["s4", "s3"]
    assert len(await store(audit.listing)) == 5


async def test_an_attackers_text_is_kept_and_bounded(store: Store) -> None:
    await store(audit.add, 1.0, "", "login.refused", "\0\ud800'; DROP TABLE audit; --" + "x" * 10_000)
    (entry,) = await store(audit.listing)
    assert entry.subject.startswith("\ufffd?'; DROP TABLE audit; --x")
    assert len(entry.subject) == 4096


# ── the chain ────────────────────────────────────────────────────────────────


async def written(store: Store, count: int = 5) -> list[int]:
    """Add rows, and give their numbers."""
    for number in range(count):
        await store(audit.add, number / 3, "user:ünï", "login", f"s{number}", "10.0.0.7")
    return [entry.number for entry in await store(audit.after, 0)]


async def spoil(store: Store, sql: str, *params: object) -> None:
    def unit(db: Transaction) -> int:
        return db.run(sql, *params)

    assert await store(unit) == 1


async def test_a_chain_in_order(store: Store) -> None:
    empty = await store(audit.verify)
    assert (empty.rows, empty.head, empty.problem) == (0, "", "")
    numbers = await written(store)
    found = await store(audit.verify)
    assert (found.rows, found.problem) == (5, "")
    assert len(found.head) == 64
    assert [entry.number for entry in await store(audit.listing, 2, numbers[3])] == [numbers[2], numbers[1]]


@pytest.mark.parametrize("column", ["actor", "action", "subject", "detail", "chain"])
async def test_a_changed_row_is_found(store: Store, column: str) -> None:
    numbers = await written(store)
    await spoil(store, f"UPDATE audit SET {column} = ? WHERE id = ?", "x", numbers[2])
    found = await store(audit.verify)
    assert (found.rows, found.problem.startswith(f"row {numbers[2]} was changed")) == (2, True)


async def test_a_changed_time_is_found(store: Store) -> None:
    numbers = await written(store)
    await spoil(store, "UPDATE audit SET time = time + 1 WHERE id = ?", numbers[0])
    assert (await store(audit.verify)).rows == 0


async def test_a_removed_row_is_found(store: Store) -> None:
    numbers = await written(store)
    await spoil(store, "DELETE FROM audit WHERE id = ?", numbers[1])
    assert (await store(audit.verify)).problem.startswith(f"row {numbers[2]} was changed, or one before it")


async def test_a_cut_off_end_is_found(store: Store) -> None:
    numbers = await written(store)
    await spoil(store, "DELETE FROM audit WHERE id = ?", numbers[4])
    assert (await store(audit.verify)).problem == "1 rows are missing at the end"
    await spoil(store, "UPDATE audit_head SET length = 4 WHERE id = 1")
    assert (await store(audit.verify)).problem == "the head of the chain was changed"


async def test_rows_in_another_order_are_found(store: Store) -> None:
    numbers = await written(store)
    await spoil(store, "UPDATE audit SET id = ? WHERE id = ?", numbers[4] + 1, numbers[1])
    assert (await store(audit.verify)).rows == 1


@pytest.mark.parametrize(("one", "other", "whole"), [(0, 1, 0), (1, 2, 1), (2, 4, 2), (3, 4, 3)])
async def test_rows_that_have_changed_places_are_found(store: Store, one: int, other: int, whole: int) -> None:
    """Nothing is missing, nothing is new."""
    numbers = await written(store)
    for place, number in ((numbers[one], 10**6), (numbers[other], numbers[one]), (10**6, numbers[other])):
        await spoil(store, "UPDATE audit SET id = ? WHERE id = ?", number, place)
    found = await store(audit.verify)
    assert (found.rows, found.problem.startswith(f"row {numbers[one]} was changed")) == (whole, True)


async def test_a_row_slipped_in_is_found(store: Store) -> None:
    numbers = await written(store)
    await spoil(
        store,
        "INSERT INTO audit (id, time, actor, action, subject, detail, chain) "
        "SELECT ?, time, actor, action, subject, detail, chain FROM audit WHERE id = ?",
        numbers[4] + 1,
        numbers[4],
    )
    assert (await store(audit.verify)).problem.startswith(f"row {numbers[4] + 1} was changed")


async def test_what_was_not_committed_leaves_no_gap(store: Store) -> None:
    def fails(db: Transaction) -> None:
        audit.add(db, 1.0, "", "lost")
        raise RuntimeError

    await written(store, 2)
    with pytest.raises(RuntimeError):
        await store(fails)
    await written(store, 2)
    assert ((await store(audit.verify)).rows, (await store(audit.verify)).problem) == (4, "")


async def test_many_at_once_follow_one_another(store: Store) -> None:
    await asyncio.gather(*(store(audit.add, float(number), "", "many") for number in range(40)))
    found = await store(audit.verify)
    assert (found.rows, found.problem) == (40, "")


async def test_entries_of_one_kind(store: Store) -> None:
    await store(audit.add, 0.0, "user:bob", "server.enter", "alice/")
    await store(audit.add, 1.0, "user:bob", "login", "alice/")
    await store(audit.add, 2.0, "user:eve", "server.enter", "alice/x")
    assert [entry.time for entry in await store(audit.about, "alice/", "server.enter")] == [0.0]
    await store(users.add, "alice", False, 0.0)
    assert [entry.time for entry in await store(audit.on_servers, "alice", "server.enter")] == [2.0, 0.0]
    assert await store(audit.last, "user:eve", "server.enter", "alice/x") == 2.0
    assert await store(audit.last, "user:eve", "server.enter", "alice/") == 0.0


async def test_an_account_has_nothing_of_an_earlier_one_of_its_name(store: Store) -> None:
    for made in (1.0, 4.0):
        await store(users.add, "alice", False, made)
        await store(audit.add, made + 1, "user:bob", "server.enter", "alice/")
        await store(audit.add, made + 1, "user:bob", "capture.cover", "alice")
        assert [entry.time for entry in await store(audit.on_servers, "alice", "server.enter")] == [made + 1]
        assert [entry.time for entry in await store(audit.on_user, "alice", "capture.cover")] == [made + 1]
        await store(users.remove, "alice")
    assert await store(audit.on_servers, "alice", "server.enter") == []


WRITER = """
import asyncio, pathlib, sys
from gateway.store import audit, users
from gateway.store.store import Store

async def write():
    store = await Store.open(sys.argv[1], pathlib.Path(sys.argv[2]))
    for number in range(10**9):
        await store(audit.add, 1.0, "user:x", "login", f"s{number}")
        if number == 20:
            print("at it", flush=True)

asyncio.run(write())
"""


DYING = """
import asyncio, os, pathlib, signal, sys
from gateway.store import audit, work
from gateway.store.store import Store

left, ask = int(sys.argv[3]), work.Transaction._cursor

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def cursor(self, sql, params):
    found = ask(self, sql, params)
    step()
    return found

def write(db):
    audit.add(db, 2.0, "user:x", "login", "half")
    db.entities.flush()
    step()

async def main():
    store = await Store.open(sys.argv[1], pathlib.Path(sys.argv[2]))
    work.Transaction._cursor = cursor
    await store(write)
    print("written", flush=True)

asyncio.run(main())
"""


async def died(place: Place, step: int) -> tuple[int | None, bytes]:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, place.url, str(place.data_dir), str(step), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(writer.communicate(), 60)
    return writer.returncode, out


async def test_a_row_that_a_crash_cuts_off_is_not_there(place: Place) -> None:
    """SIGKILL between any two statements of one row, the last one when it has been sent but not committed."""
    store = await place.open()
    await written(store)
    await store.close()
    for step in (1, 2, 3, 4):
        assert await died(place, step) == (-signal.SIGKILL, b"")
    store = await place.open()
    whole = await store(audit.verify)
    assert (whole.rows, whole.problem) == (5, "")
    await store(audit.add, 3.0, "", "after")
    assert [entry.action for entry in await store(audit.listing, 2)] == ["after", "login"]
    assert (await store(audit.verify)).problem == ""
    await store.close()
    assert await died(place, 5) == (0, b"written\n")


async def test_a_torn_file_loses_its_end_and_nothing_else(sqlite: Place) -> None:
    """As after a power cut: of the log that is written ahead, the last bytes never reached the disk."""
    store = await sqlite.open()
    await written(store, 20)
    ahead = sqlite.data_dir / "hubgate.sqlite-wal"
    for kept in (ahead.stat().st_size - 1, ahead.stat().st_size - 4096 - 100, ahead.stat().st_size // 2 + 7):
        copy = Place("sqlite", sqlite.url, sqlite.data_dir / str(kept))
        copy.data_dir.mkdir()
        for name in ("hubgate.sqlite", "hubgate.sqlite-wal"):
            (copy.data_dir / name).write_bytes((sqlite.data_dir / name).read_bytes())
        os.truncate(copy.data_dir / "hubgate.sqlite-wal", kept)
        torn = await copy.open()
        found = await torn(audit.verify)
        assert (0 < found.rows < 20, found.problem) == (True, "")
        await torn(audit.add, 3.0, "", "after")
        assert (await torn(audit.verify)).rows == found.rows + 1
        await torn.close()
    await store.close()


async def test_the_chain_survives_a_writer_that_is_killed(place: Place) -> None:
    """In the middle of a row, as chance has it; whoever comes next goes on from its last whole one."""
    await (await place.open()).close()
    for delay in (0.0, 0.003, 0.01):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, place.url, str(place.data_dir), stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout is not None
        assert await asyncio.wait_for(writer.stdout.readline(), 30) == b"at it\n"
        await asyncio.sleep(delay)
        writer.kill()
        await writer.wait()
    store = await place.open()
    await store(audit.add, 2.0, "", "after")
    chain = await store(audit.verify)
    assert chain.problem == ""
    assert chain.rows >= 3 * 21 + 1
    await store.close()
