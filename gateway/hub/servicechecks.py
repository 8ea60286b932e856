"""Do services answer? Each is asked now and then: soon while it does not, rarely while it does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from gateway.hub import probe

log = logging.getLogger(__name__)

type Status = Literal["up", "down", "unknown"]

ROUND = 2.0
"""Seconds between two rounds, in which those are asked that did not answer."""
RARELY = 30.0
"""Seconds until one that answers is asked again."""
PATIENCE = 5.0
AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service answers, and the path of ours that leads there."""

    name: str
    url: str
    path: str


class Checks:
    def __init__(self, places: Callable[[], Iterable[Place]], now: Callable[[], float]) -> None:
        """`places` gives those to ask, `now` a clock for the time between two askings."""
        self._places = places
        self._now = now
        self._found: dict[Place, tuple[Status, float]] = {}
        """What was found, and when."""

    def status(self, place: Place) -> Status:
        return self._found.get(place, ("unknown", 0.0))[0]

    async def run(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(ROUND)

    async def round(self) -> None:
        """Ask all whose turn it is; what is no place any more is forgotten."""
        places, now = set(self._places()), self._now()
        self._found = {place: found for place, found in self._found.items() if place in places}
        due = [place for place in places if self._is_due(place, now)]
        room = asyncio.Semaphore(AT_A_TIME)
        await asyncio.gather(*(self._ask(place, room) for place in due))

    def _is_due(self, place: Place, now: float) -> bool:
        status, when = self._found.get(place, ("unknown", 0.0))
        return status != "up" or now - when >= RARELY

    async def _ask(self, place: Place, room: asyncio.Semaphore) -> None:
        """Any answer counts: what it says is the service's business."""
        async with room:
            status: Status = "up"
            try:
                async with asyncio.timeout(PATIENCE):
                    await probe.get(place.url, place.path)
            except (OSError, TimeoutError, ValueError, EOFError) as error:
                status = "down"
                if self.status(place) != "down":
                    log.warning("service %s does not answer at %s: %s", place.name, place.url, error or type(error))
            else:
                if self.status(place) == "down":
                    log.info("service %s answers again", place.name)
            self._found[place] = (status, self._now())
