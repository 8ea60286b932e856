"""What only PostgreSQL does."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway.errors import HubgateError, Unavailable
from gateway.store import changes, users
from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, reads
from tests.gateway.store.cluster import Cluster
from tests.gateway.store.conftest import Place
from tests.gateway.store.test_sqlite import HOLD

pytestmark = pytest.mark.sockets


def _database(place: Place) -> str:
    return place.url.partition("?")[0].rpartition("/")[2]


def _cut(cluster: Cluster, place: Place) -> None:
    """End every connection to the database, as a restart of the server does."""
    cluster.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_database(place)}'")


@pytest.mark.parametrize("where", ["127.0.0.1:1", "/nowhere"])
async def test_a_server_that_is_away_has_words_without_the_password(tmp_path: Path, where: str) -> None:
    url = f"postgresql://alice:secret@{where}/db" if ":" in where else f"postgresql://alice:secret@/db?host={where}"
    with pytest.raises(Unavailable, match="is away") as caught:
        await Store.open(url, tmp_path)
    assert "secret" not in caught.value.message
    assert "\n" not in caught.value.message
    assert list(tmp_path.iterdir()) == []


async def test_a_missing_database_has_words(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match='database "missing" does not exist'):
        await Store.open(cluster.url("missing"), tmp_path)


async def test_a_user_without_rights_has_words(cluster: Cluster, postgresql: Place) -> None:
    cluster.sql("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN")
    cluster.sql("REVOKE CREATE ON SCHEMA public FROM public", _database(postgresql))
    with pytest.raises(Unavailable, match="permission denied"):
        await Store.open(postgresql.url.replace("hubgate@", "guest@"), postgresql.data_dir)


async def test_it_connects_again_by_itself(cluster: Cluster, postgresql: Place) -> None:
    store = await postgresql.open()
    await store(users.add, "alice", False, 1.0)
    await asyncio.gather(*(store(users.count) for _ in range(16)))
    for number in range(3):
        _cut(cluster, postgresql)
        assert await store(users.count) == number + 1
        _cut(cluster, postgresql)
        await store(users.add, f"u{number}", False, 1.0)
    await store.close()


async def test_a_connection_that_breaks_in_the_middle_leaves_no_half(cluster: Cluster, postgresql: Place) -> None:
    runs: list[str] = []

    def unit(db: Transaction) -> None:
        users.add(db, "alice", False, 1.0)
        db.entities.flush()
        if not runs:
            _cut(cluster, postgresql)
        runs.append("run")
        # Without plain SQL before it: Pony would connect again here, and lose alice.
        db.entities.Group(name="staff")
        db.entities.flush()

    store = await postgresql.open()
    await store(unit)
    assert runs == ["run", "run"]
    assert [user.name for user in await store(users.listing)] == ["alice"]
    assert await store(changes.revision) == 1
    await store.close()


async def test_reading_goes_on_after_a_break_in_the_middle(cluster: Cluster, postgresql: Place) -> None:
    runs: list[str] = []

    @reads
    def unit(db: Snapshot) -> int:
        if not runs:
            _cut(cluster, postgresql)
        runs.append("run")
        return users.count(db)

    store = await postgresql.open()
    assert await store(unit) == 0
    assert runs == ["run", "run"]
    await store.close()


async def test_a_server_that_stays_away_has_words(cluster: Cluster, postgresql: Place) -> None:
    name = _database(postgresql)
    store = await postgresql.open()
    await store(users.count)
    cluster.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    _cut(cluster, postgresql)
    with pytest.raises(Unavailable, match="not currently accepting connections"):
        await store(users.count)
    with pytest.raises(Unavailable, match="not currently accepting connections"):
        await store(users.add, "alice", False, 1.0)
    cluster.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await store(users.add, "alice", False, 1.0)
    await store.close()


async def test_a_unit_that_clashes_runs_again(postgresql: Place) -> None:
    """Both read before either writes: one of them must see what the other did."""
    both_read = threading.Barrier(2, timeout=10)
    runs: list[int] = []

    def unit(db: Transaction) -> None:
        seen = users.count(db)
        first_time = len(runs) < 2
        runs.append(seen)
        if first_time:
            both_read.wait()
        users.add(db, f"u{seen}", False, 1.0)

    store = await postgresql.open()
    await asyncio.gather(store(unit), store(unit))
    assert runs == [0, 0, 1]
    assert [user.name for user in await store(users.listing)] == ["u0", "u1"]
    await store.close()


async def test_units_run_at_the_same_time(postgresql: Place) -> None:
    all_here = threading.Barrier(4, timeout=10)

    @reads
    def meet(db: Snapshot) -> int:
        all_here.wait()
        return users.count(db)

    store = await postgresql.open()
    assert await asyncio.gather(*(store(meet) for _ in range(4))) == [0] * 4
    await store.close()


async def test_nothing_is_left_connected(cluster: Cluster, postgresql: Place) -> None:
    store = await postgresql.open()
    await store.claim_hub()
    await asyncio.gather(*(store(users.ensure, f"u{n}", False, 1.0) for n in range(12)))
    count = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{_database(postgresql)}'"
    assert 2 < int(cluster.sql(count)) <= 9
    await store.close()
    async with asyncio.timeout(5):
        while cluster.sql(count) != "0":
            await asyncio.sleep(0.02)


async def test_a_second_hub_is_refused_until_the_first_is_closed(
    postgresql: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.postgresql.HUB_PATIENCE", 0.3)
    first = await postgresql.open()
    await first.claim_hub()
    second = await Store.open(postgresql.url, tmp_path / "other")
    with pytest.raises(HubgateError, match="another hub is at work"):
        await second.claim_hub()
    assert await second(users.ensure, "alice", False, 1.0)
    await first.close()
    await second.claim_hub()
    await second.close()


async def test_a_killed_hub_lets_go(postgresql: Place) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, postgresql.url, str(postgresql.data_dir)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert await asyncio.to_thread(holder.stdout.readline) == b"held\n"
        holder.send_signal(signal.SIGKILL)
    store = await postgresql.open()
    await store.claim_hub()
    await store.close()
