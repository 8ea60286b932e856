"""One suite, two databases: each test that takes `place` or `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.store.backend import Backend, backend
from gateway.store.store import Store
from tests.gateway.store.cluster import Cluster, NotHere

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.sockets)]


@dataclass(frozen=True)
class Place:
    """Where a test's database is."""

    dialect: str
    url: str
    data_dir: Path

    async def open(self) -> Store:
        return await Store.open(self.url, self.data_dir)

    @property
    def backend(self) -> Backend:
        return backend(self.url, self.data_dir)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    try:
        cluster = Cluster()
    except NotHere as reason:
        pytest.skip(str(reason))
    yield cluster
    cluster.stop()


@pytest.fixture
def new_postgresql(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes empty databases; they are gone after the test."""
    cluster: Cluster = request.getfixturevalue("cluster")
    urls: list[str] = []

    def make() -> str:
        urls.append(cluster.new_database())
        return urls[-1]

    yield make
    for url in urls:
        cluster.drop(url)


@pytest.fixture
def sqlite(tmp_path: Path) -> Place:
    return Place("sqlite", "sqlite:hubgate.sqlite", tmp_path)


@pytest.fixture
def postgresql(new_postgresql: Callable[[], str], tmp_path: Path) -> Place:
    return Place("postgresql", new_postgresql(), tmp_path)


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest) -> Place:
    """An empty database of each kind."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    store = await place.open()
    yield store
    await store.close()
