"""A hub for a command: opened beside one that may run, never started."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.hub.core import Hub
    from gateway.settings import Settings

ACTOR = "command line"
"""Who did it, in the audit log."""


def with_hub(resolved: Settings, act: Callable[[Hub], Coroutine[Any, Any, None]]) -> None:
    """Do it with a hub that is opened, but never started."""

    async def run() -> None:
        async with _opened(resolved) as hub:
            await act(hub)

    asyncio.run(run())


@contextlib.asynccontextmanager
async def _opened(resolved: Settings) -> AsyncIterator[Hub]:
    import logging

    from gateway import log
    from gateway.hub.core import Hub

    log.set_up("command", level=logging.ERROR)
    hub = await Hub.open(resolved)
    try:
        yield hub
    finally:
        await hub.close()
