"""Once an hour: what is over is dropped from the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from gateway.store import changes, grants, invitations, oauth, sessions, signups, tokens
from gateway.store.store import Store

log = logging.getLogger(__name__)

EVERY = 3600.0


async def tidied(store: Store, clock: Callable[[], float], *others: Callable[[], Awaitable[None]]) -> None:
    """For ever. What fails now is done an hour later."""
    while True:
        for work in others:
            try:
                await work()
            except Exception:
                log.exception("%s failed", work.__qualname__)
        for unit in (
            sessions.purge,
            tokens.purge,
            signups.purge,
            grants.purge,
            invitations.purge,
            oauth.purge,
            changes.prune,
        ):
            try:
                await store(unit, clock())
            except Exception:
                log.exception("%s.%s failed", unit.__module__, unit.__name__)
        await asyncio.sleep(EVERY)
