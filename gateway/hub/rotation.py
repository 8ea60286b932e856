"""The key that signs identities is renewed: by housekeeping, or by `hubgate keys rotate` in another process.

The new key is published before anything is signed with it. The one before stays published
until what was signed with it is over everywhere, also by a worker that was cut off from the hub.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from gateway.channel.messages import Invalidate, Push, SigningKey
from gateway.hub.changes import ChangeLog
from gateway.hub.keys import Keys, new_signing_key
from gateway.store import audit, keys
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

EVERY = 30 * 86400.0
"""Seconds that a key signs."""
OVERLAP = 300.0
"""Seconds, beyond those that a worker serves without the hub, for which an old key is published: longer
than an identity token lives, with what clocks may differ."""
AGAIN = 5.0


class Rotation:
    def __init__(
        self,
        hub_grace: float,
        *,
        store: Store,
        changes: ChangeLog,
        keys: Keys,
        push: Callable[[Push], object],
        clock: Callable[[], float],
    ) -> None:
        self._kept = hub_grace + OVERLAP
        self._store = store
        self._changes = changes
        self._keys = keys
        self._push = push
        self._clock = clock
        self._changed = asyncio.Event()
        self._changed.set()  # nobody has listened yet since the keys were read

    async def rotate(self, by: str = "") -> str:
        """Make a new key, which every worker gets within a second; its id."""
        key = new_signing_key()
        await self._changes.write(_rotate, key, self._clock(), by)
        return Keys([key], b"").signing_key_id

    def heard(self, batch: Invalidate) -> None:
        """A listener of the change log."""
        if batch.everything or keys.OWNER in batch.owners:
            self._changed.set()

    async def run(self) -> None:
        """Take over what was changed, by whomever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._take_over()
            except Exception:
                log.exception("the signing keys cannot be read")
                self._changed.set()
                await asyncio.sleep(AGAIN)

    async def tidy(self) -> None:
        """Once an hour: a key that is old is replaced, and one that nobody needs any more is dropped."""
        now = self._clock()
        (created, _), *_ = await self._store(keys.signing)
        if now - created >= EVERY:
            log.info("the signing key is renewed")
            await self.rotate()
        if await self._store(keys.drop_signing, now - self._kept):
            await self._take_over()

    async def _take_over(self) -> None:
        before = self._keys.signing_key_id
        self._keys.sign_with([key for _, key in await self._store(keys.signing)])
        if self._keys.signing_key_id != before:
            log.info("identities are signed with the key %s", self._keys.signing_key_id)
            self._push(SigningKey(0, self._keys.signing_key, self._keys.signing_key_id))


def _rotate(db: Transaction, key: str, now: float, by: str) -> None:
    keys.add_signing(db, key, now)
    audit.add(db, now, by, "keys.rotate")
