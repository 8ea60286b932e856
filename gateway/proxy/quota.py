"""`[limits] requests_per_second`: how often one credential may come, whatever it asks for. Pure.

Each worker counts by itself, since a request must not wait for the others' numbers.
"""

from __future__ import annotations

import math

from gateway.buckets import Buckets
from gateway.model import Identity
from gateway.proxy.facts import Refuse
from gateway.settings import LimitSettings

BURST_SECONDS = 10
"""So many seconds' worth may come at once: a page brings dozens of requests with it."""
CREDENTIALS = 20_000


class Quota:
    def __init__(self, per_second: float, *, services: bool = False) -> None:
        self._per_second = per_second
        self._services = services
        self._buckets: Buckets[str] = Buckets(max(1.0, per_second * BURST_SECONDS), per_second, CREDENTIALS)

    @classmethod
    def of(cls, limits: LimitSettings) -> Quota | None:
        """None = there is no limit."""
        return cls(limits.requests_per_second, services=limits.services) if limits.requests_per_second else None

    def refusal(self, who: Identity, now: float) -> Refuse | None:
        """Count one request; the answer to one that is too much."""
        if who.kind == "service" and not self._services:
            return None
        wait = self._buckets.take(f"{who.credential} {who.digest}", now)
        if not wait:
            return None
        return Refuse(
            429,
            f"More than {self._per_second:g} requests a second came with one credential, "
            "which is the limit [limits] requests_per_second.",
            "quota",
            retry_after=math.ceil(wait),
        )
