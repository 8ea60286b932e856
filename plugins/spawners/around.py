"""Before a start and after an end: the administrator's commands, and the control group that is left."""

from __future__ import annotations

import asyncio
import logging
import os

from gateway.errors import StartFailed
from gateway.hookspecs import Report
from gateway.model import Launch
from plugins.spawners import account, commands, environment
from plugins.spawners.cgroups import Groups
from plugins.spawners.options import LocalOptions

logger = logging.getLogger(__name__)

POST_STOP_SECONDS = 8.0
"""For `post_stop`: less than the hub has for killing."""
KNOWN = 256
"""Ended starts of which is remembered that `post_stop` has run."""


class Around:
    def __init__(self, options: LocalOptions, groups: Groups) -> None:
        self._options = options
        self._groups = groups
        self._following: dict[str, asyncio.Task[None]] = {}

    async def prepared(self, launch: Launch, report: Report) -> None:
        """Run `pre_start`; `StartFailed` when it does not succeed. Its time is that of the start."""
        self._following.pop(launch.server.start_id, None)
        if not self._options.pre_start:
            return
        report(5, "Preparing the server")
        code = await commands.run("pre_start", self._options.pre_start, launch, _environment(), None)
        if code:
            raise StartFailed(
                f"The server could not be prepared: pre_start ended with exit code {code}",
                key="start-prepared",
                about={"code": code},
            )

    async def ended(self, launch: Launch) -> None:
        """Nothing of the start is left. What follows happens once, and goes on when nobody waits for it any more."""
        start_id = launch.server.start_id
        if (following := self._following.get(start_id)) is None:
            following = self._following[start_id] = asyncio.create_task(self._follow(launch))
            for old in list(self._following)[: max(0, len(self._following) - KNOWN)]:
                if self._following[old].done():
                    del self._following[old]
        await asyncio.shield(following)

    async def _follow(self, launch: Launch) -> None:
        await asyncio.to_thread(self._groups.remove, launch.server.start_id)
        if not self._options.post_stop:
            return
        name = launch.server.full_name
        try:
            code = await commands.run("post_stop", self._options.post_stop, launch, _environment(), POST_STOP_SECONDS)
        except TimeoutError:
            logger.error("server %s: post_stop was killed after %g seconds", name, POST_STOP_SECONDS)
        except StartFailed as error:
            logger.error("server %s: %s", name, error.message)
        else:
            if code:
                logger.error("server %s: post_stop ended with exit code %d; the server's log may tell more", name, code)


def _environment() -> dict[str, str]:
    """For the administrator's commands: the listed variables, and no secret."""
    return {"PATH": os.defpath} | account.own(os.environ).variables() | environment.passed(os.environ)
