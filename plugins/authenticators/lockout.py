"""When repeated failures lock a name, and for how long. Pure.

Failures are the times of the last ones, oldest first. A name is locked for
`seconds` after the last of `limit` failures that fell within `seconds`. Attempts
while it is locked are not counted: they prove nothing and would prolong it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gateway.errors import TooMany
from gateway.model import Json

type Failures = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    limit: int
    seconds: float

    def remaining(self, failures: Failures, now: float) -> float:
        """Seconds for which the name is still locked; 0 = it is not."""
        if len(failures) < self.limit:
            return 0
        left = failures[-1] + self.seconds - now
        # More than `seconds` left means that the clock was set back.
        return left if 0 < left <= self.seconds else 0

    def add(self, failures: Failures, now: float) -> Failures:
        """The failures with one more; those that no longer count are dropped."""
        recent = [time for time in failures if 0 <= now - time < self.seconds]
        return (*recent, now)[-self.limit :]


def refusal(remaining: float) -> TooMany:
    """The same words for every name, whether there is such a person or not."""
    minutes = math.ceil(remaining / 60)
    unit = "minute" if minutes == 1 else "minutes"
    return TooMany(
        f"Too many failed log-ins; try again in {minutes} {unit}",
        retry_after=math.ceil(remaining),
        key="login-locked",
        about={"minutes": minutes},
    )


def from_json(value: Json) -> Failures:
    """Failures as they were kept; anything that does not look like them is none."""
    if not isinstance(value, list):
        return ()
    return tuple(float(time) for time in value if isinstance(time, int | float))
