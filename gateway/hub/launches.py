"""What is asked of a spawner for one server, with the distrust that a plugin needs.

Each function is one act of `gateway.hub.life`; all may be cancelled at any await.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import StartFailed
from gateway.hookspecs import Spawner
from gateway.hub.probe import until_ready
from gateway.model import Launch, Target

log = logging.getLogger(__name__)

AGAIN = 2.0
"""Pause before something that failed for no good reason is tried again."""
LET_GO = 5.0
"""What a cancelled act has to end."""
ADOPT_SECONDS, ADOPT_TRIES = 10.0, 3


async def spawned(spawner: Spawner, launch: Launch, report: Callable[[int, str], None]) -> Target:
    """Start it; where it will answer."""
    return _checked(await spawner.start(launch, report))


async def booted(spawner: Spawner, launch: Launch) -> int | None:
    """Wait until it answers and is really ours: None. Or its exit code, if it ends before."""
    answering = asyncio.create_task(_answered(spawner, launch))
    dying = asyncio.create_task(died(spawner, launch))
    try:
        await asyncio.wait({answering, dying}, return_when=asyncio.FIRST_COMPLETED)
        if dying.done():
            return dying.result()
        return answering.result()
    finally:
        await let_go(answering, dying)


async def died(spawner: Spawner, launch: Launch) -> int:
    """Its exit code, once it ends. A spawner that cannot tell is asked again."""
    while True:
        try:
            return int(await spawner.died(launch))
        except Exception:
            log.exception("%s: the spawner lost sight of it", launch.server.full_name)
            await asyncio.sleep(AGAIN)


async def ended(spawner: Spawner, launch: Launch) -> None:
    """Ask it to end, and wait until nothing is left of it."""
    if found := await _at_hand(spawner, launch):
        await spawner.stop(found, False)


async def killed(spawner: Spawner, launch: Launch) -> None:
    """End it without asking. There is nothing behind this, so errors are tried again."""
    while True:
        try:
            if found := await _at_hand(spawner, launch):
                await spawner.stop(found, True)
        except Exception:
            log.exception("%s: cannot be killed", launch.server.full_name)
            await asyncio.sleep(AGAIN)
        else:
            return


async def adopted(spawner: Spawner, launch: Launch) -> Target | None:
    """The running server of this start; None: there is none. `StartFailed`: who knows."""
    for attempt in range(1, ADOPT_TRIES + 1):
        try:
            async with asyncio.timeout(ADOPT_SECONDS):
                found = await spawner.adopt(launch)
            return None if found is None else _checked(found)
        except Exception:
            log.exception("%s: cannot be looked for (%d of %d)", launch.server.full_name, attempt, ADOPT_TRIES)
            await asyncio.sleep(AGAIN if attempt < ADOPT_TRIES else 0)
    raise StartFailed("The server could not be found again after a restart of the gateway.", key="start-unfound")


async def let_go(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what still runs and see it end; one that does not is left to itself, and said."""
    for task in tasks:
        task.cancel()
    _, pending = await asyncio.wait(tasks, timeout=LET_GO)
    for task in tasks:
        if task in pending:
            log.error("%r does not obey", task)
        elif not task.cancelled():
            task.exception()


async def _answered(spawner: Spawner, launch: Launch) -> None:
    await until_ready(launch)
    await spawner.check(launch)


async def _at_hand(spawner: Spawner, launch: Launch) -> Launch | None:
    """Without a target, nobody knows how far the start came: look for it by its start id."""
    if launch.server.target is not None:
        return launch
    found = await spawner.adopt(launch)
    return None if found is None else replace(launch, server=replace(launch.server, target=found))


def _checked(target: object) -> Target:
    if not isinstance(target, Target) or not _is_address(target.url):
        raise StartFailed("The spawner did not say where the server answers.", key="start-nowhere")
    return target


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and bool(parts.hostname) and bool(parts.port) and not parts.path.strip("/")
    except ValueError:
        return False
