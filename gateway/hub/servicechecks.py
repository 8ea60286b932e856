"""Do services answer? Each is asked now and then; one that does not, soon at first and then ever more rarely."""

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
"""Seconds between two rounds; in each, those are asked whose turn it is."""
RARELY = 30.0
"""Longest time until one is asked again."""
PATIENCE = 5.0
AT_A_TIME = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service answers, and the path of ours that leads there."""

    name: str
    url: str
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    status: Status
    next: float
    """When it is to be asked again."""
    failures: int
    """Times in a row that it did not answer."""


class Checks:
    def __init__(self, places: Callable[[], Iterable[Place]], now: Callable[[], float]) -> None:
        """`places` gives those to ask, `now` a clock for the time between two askings."""
        self._places = places
        self._now = now
        self._found: dict[Place, Found] = {}

    def status(self, place: Place) -> Status:
        return self._found[place].status if place in self._found else "unknown"

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
        found = self._found.get(place)
        return found is None or now >= found.next

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
            failures = self._failures(place) + 1 if status == "down" else 0
            pause = min(RARELY, ROUND * 2 ** (failures - 1)) if failures else RARELY
            self._found[place] = Found(status, self._now() + pause, failures)

    def _failures(self, place: Place) -> int:
        return self._found[place].failures if place in self._found else 0
