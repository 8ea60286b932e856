"""When a server is to be stopped by itself, and in which words. Pure.

Two clocks: `timeout` since its last use, `max_age` since its start. What was overdue before
anybody could be warned, because no hub was there to do it, is warned of first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gateway.model import Idle, Said

BY = "hub:idle"
"""Who did it, in the audit."""
LAG = 5.0
"""Seconds that the news of a use may be on its way from a worker."""

DRAIN = 300.0
"""Seconds without use after which a server ends while the gateway is drained."""

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Ending:
    """A stop to come."""

    at: float
    """POSIX seconds."""
    warned: float
    """From when on its owner is told."""
    why: Literal["idle", "age"]
    limit: float
    """The rule's seconds."""

    def warns(self, now: float) -> bool:
        return now >= self.warned

    def due(self, now: float) -> bool:
        return now >= self.at + LAG

    @property
    def reason(self) -> str:
        """What its owner is told once it is stopped."""
        if self.why == "idle":
            return f"It was stopped because nobody had used it for {span(self.limit)}."
        return f"It was stopped because it had run for {span(self.limit)}, which is as long as it may."

    @property
    def said(self) -> Said:
        """The same for other languages."""
        count, unit = _exactly(self.limit)
        if self.why == "idle":
            return Said(key="stopped-idle", about={"count": count, "unit": unit})
        return Said(key="stopped-age", about={"count": count, "unit": unit})


def ending(rules: Idle, *, started: float, used: float, watched: float) -> Ending | None:
    """The stop that comes first; None when there will be none.

    `rules` are complete (`Idle.over`). `watched` is the moment from which on warnings could be seen.
    """
    found = []
    warning = rules.warn_before or 0
    if timeout := rules.timeout:
        ahead = min(warning, timeout / 2)
        at = max(used + timeout, watched + ahead)
        found.append(Ending(at, at - ahead, "idle", timeout))
    if max_age := rules.max_age:
        ahead = min(warning, max_age / 2)
        at = max(started + max_age, watched + ahead)
        found.append(Ending(at, at - ahead, "age", max_age))
    return min(found, key=lambda each: each.at, default=None)


def drained(rules: Idle) -> Idle:
    """The same while the gateway is drained: what nobody uses ends soon."""
    return replace(rules, timeout=min(rules.timeout or DRAIN, DRAIN))


def span(seconds: float) -> str:
    """`1 hour`, `90 minutes`: the largest unit that says it exactly."""
    count, unit = _exactly(seconds)
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _exactly(seconds: float) -> tuple[int, str]:
    whole = max(1, round(seconds))
    size, unit = next((size, unit) for size, unit in _UNITS if whole % size == 0)
    return whole // size, unit
