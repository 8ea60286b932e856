"""Questions to the hub about credentials: one in flight each, however many requests wait for it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from gateway.channel.messages import Answer, Ask
from gateway.proxy.credentials import Credential
from gateway.proxy.exchange import Clock
from gateway.proxy.replica import Replica

PATIENCE = 5.0
"""Seconds for an answer; a hub that takes longer is away."""
IN_FLIGHT = 10_000
TRIES = 3
"""An answer may be overtaken by a change, and be asked for again so often."""


class Asks:
    def __init__(self, replica: Replica, send: Callable[[Ask], bool], clock: Clock) -> None:
        self._replica = replica
        self._send = send
        self._clock = clock
        self._ids = itertools.count(1)
        self._open: dict[int, tuple[Credential, asyncio.Future[bool]]] = {}
        self._asked: dict[Credential, asyncio.Task[bool]] = {}

    async def ask(self, credential: Credential) -> bool:
        """Have the replica learn who `credential` is; False when the hub cannot be asked."""
        task = self._asked.get(credential)
        if task is None:
            if len(self._asked) >= IN_FLIGHT:
                return False
            task = asyncio.create_task(self._ask(credential))
            self._asked[credential] = task
            task.add_done_callback(lambda _: self._asked.pop(credential, None))
        return await asyncio.shield(task)

    def answered(self, answer: Answer) -> None:
        """An answer that nobody waits for any more is dropped."""
        credential, future = self._open.pop(answer.id, (None, None))
        if credential is not None and future is not None and not future.done():
            future.set_result(self._replica.keep(credential, answer.identity, answer.revision, self._clock()))

    def lost(self) -> None:
        """The hub is gone, and no answer will come."""
        for _, future in self._open.values():
            if not future.done():
                future.cancel()
        self._open.clear()

    async def _ask(self, credential: Credential) -> bool:
        for _ in range(TRIES):
            number = next(self._ids)
            future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._open[number] = (credential, future)
            try:
                if not self._send(Ask(number, credential.kind, credential.digest)):
                    return False
                if await asyncio.wait_for(future, PATIENCE):
                    return True
            except TimeoutError:
                return False
            except asyncio.CancelledError:
                if future.cancelled():
                    return False
                raise
            finally:
                self._open.pop(number, None)
        return False
