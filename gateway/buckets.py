"""Token buckets by key: each holds so many, and fills again so fast. Bounded, and pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Buckets[K: Hashable]:
    def __init__(self, burst: float, per_second: float, size: int) -> None:
        """At most `size` are remembered; of more, those that were used longest ago count as full."""
        self._burst = burst
        self._per_second = per_second
        self._size = size
        self._kept: OrderedDict[K, tuple[float, float]] = OrderedDict()
        """Tokens left, and when that was so."""

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, key: K, now: float) -> float:
        """Take one: 0.0; or, if there is none, the seconds until there will be."""
        left = self._left(key, now)
        if left < 1:
            return (1 - left) / self._per_second if self._per_second else float("inf")
        self._put(key, left - 1, now)
        return 0.0

    def give_back(self, key: K, now: float) -> None:
        self._put(key, min(self._burst, self._left(key, now) + 1), now)

    def _left(self, key: K, now: float) -> float:
        left, at = self._kept.get(key, (self._burst, now))
        # A clock that is set back must not take anything away.
        return min(self._burst, left + max(0.0, now - at) * self._per_second)

    def _put(self, key: K, left: float, now: float) -> None:
        self._kept[key] = (left, now)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
