"""`Store`: opens the database, runs units of work in its own threads, closes it.

    store = await Store.open(settings.store.url, settings.gateway.data_dir)
    user = await store(users.get, "alice")
    user = await store.remembered(users.get, "alice")  # read again only if something was written since

A unit runs once, in one transaction: all of it happens or nothing. Where another
writer came first it is run again, so a unit must do nothing but use the database.
A cancelled caller does not know whether its unit ran.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate

from pony.orm import Database, db_session

from gateway.errors import Unavailable
from gateway.store import faults, migrate
from gateway.store.backend import Backend, backend
from gateway.store.entities import define_entities
from gateway.store.memory import Memory
from gateway.store.work import MARK, Connection, Snapshot, Transaction

log = logging.getLogger(__name__)

ATTEMPTS = 10
"""How often a unit is tried that clashes with other writers."""


class Lost(Unavailable):
    """The connection broke before the commit: nothing has happened, the unit may run again."""


class Store:
    """Made by `Store.open`; `close` it in the end."""

    def __init__(self, base: Backend) -> None:
        self._base = base
        self._pony = Database()
        self._local = threading.local()
        self._memory = Memory()
        self._threads = ThreadPoolExecutor(base.threads, thread_name_prefix="store")
        self._closing = threading.Lock()
        self._release_hub: Callable[[], Any] | None = None
        define_entities(self._pony)

    @classmethod
    async def open(cls, url: str, data_dir: Path) -> Store:
        """Upgrade the database if need be, and connect.

        SettingsError (not ours, newer, no driver), Unavailable (cannot connect, disk full, …).
        """
        store = cls(backend(url, data_dir))
        try:
            await store._in_thread(store._connect)
        except BaseException:
            await store.close()
            raise
        return store

    async def __call__[**P, R](
        self, unit: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run one unit of work and return what it returns."""

        def work(db: Any) -> R:
            return unit(db, *args, **kwargs)

        run = self._read if getattr(unit, MARK, False) else self._write
        return await self._in_thread(partial(run, work))

    async def remembered[*A, R](self, unit: Callable[[Snapshot, *A], R], *args: *A) -> R:
        """The same for a unit that reads, from memory if nothing was written since it ran last.

        The result is shared: it must not be changed. What other processes write is seen once
        somebody says so with `forget`.
        """
        return await self._memory.recall((unit, args), lambda: self(unit, *args))

    def forget(self) -> None:
        """Somebody else wrote: nothing that is remembered counts any more."""
        self._memory.changed()

    async def claim_hub(self) -> None:
        """Be the one hub of this database until `close`, or raise."""
        self._release_hub = await self._in_thread(self._base.claim_hub)

    async def close(self) -> None:
        """Let the running units end, close every connection, release the hub's lock."""
        await asyncio.to_thread(self._close)

    async def _in_thread[R](self, work: Callable[[], R]) -> R:
        try:
            future = asyncio.get_running_loop().run_in_executor(self._threads, self._translated, work)
        except RuntimeError:
            raise Unavailable("the database is closed already") from None
        return await future

    # ── in the store's threads ───────────────────────────────────────────────

    def _translated[R](self, work: Callable[[], R]) -> R:
        with faults.translated(self._base):
            return work()

    def _connect(self) -> None:
        migrate.upgrade(self._base)
        self._base.bind(self._pony)
        self._pony.generate_mapping(check_tables=True)

    def _read[R](self, unit: Callable[[Any], R]) -> R:
        try:
            return self._read_once(unit)
        except Exception as error:
            if not self._base.lost(error):
                raise
            log.warning("the connection to the database was lost, connecting again")
            return self._read_once(unit)

    def _read_once[R](self, unit: Callable[[Any], R]) -> R:
        connection = self._reader()
        try:
            self._base.begin_reading(connection)
            result = unit(Snapshot(connection, self._base))
            connection.rollback()
        except Exception as error:
            if self._base.lost(error):
                self._drop_reader()
            else:
                connection.rollback()
            raise
        return result

    def _reader(self) -> Connection:
        reader: Connection | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = self._base.reader()
        return reader

    def _drop_reader(self) -> None:
        reader: Connection | None = getattr(self._local, "reader", None)
        self._local.reader = None
        if reader is not None:
            reader.close()

    def _write[R](self, unit: Callable[[Any], R]) -> R:
        connected_again = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._write_once(unit)
            except Lost as lost:
                if connected_again:
                    raise lost.__cause__ or lost from None
                connected_again = True
                log.warning("the connection to the database was lost, connecting again")
            except Exception as error:
                if not self._base.clashed(faults.original(error)):
                    raise
                time.sleep(random.uniform(0, 0.005) * 2 ** min(attempt, 6))  # noqa: S311  # spreads, hides nothing
        raise Unavailable("the database is too busy: other writers always came first", retry_after=1)

    def _write_once[R](self, unit: Callable[[Any], R]) -> R:
        committing = False
        try:
            with db_session(serializable=True):
                connection = self._pony.get_connection()
                result = unit(Transaction(connection, self._base, self._pony))
                self._pony.flush()
                if self._pony.get_connection() is not connection:
                    raise Lost("the connection to the database broke", retry_after=5)  # Pony went on with another
                committing = True
            return result
        except Exception as error:
            if committing or not self._base.lost(faults.original(error)):
                raise
            raise Lost("the connection to the database broke", retry_after=5) from error
        finally:
            self._memory.changed()  # a commit that seemed to fail may have happened

    # ── closing ──────────────────────────────────────────────────────────────

    def _close(self) -> None:
        """Connections belong to their threads: each thread closes its own."""
        count = self._base.threads
        all_here = threading.Barrier(count)
        with self._closing:
            with contextlib.suppress(RuntimeError):  # closed before
                for _ in range(count):
                    self._threads.submit(self._disconnect, all_here)
            self._threads.shutdown(wait=True)
        if self._release_hub is not None:
            self._release_hub()
            self._release_hub = None

    def _disconnect(self, all_here: threading.Barrier) -> None:
        all_here.wait()  # so that no thread takes two of these
        self._drop_reader()
        self._pony.disconnect()
