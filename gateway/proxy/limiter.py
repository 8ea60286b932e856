"""How many unknown credentials one address may have the hub looked up for. Pure.

A bucket of tokens for each address: each question costs one, a known credential
gives it back. Thus a flood of guesses ends at the worker, while many people behind
one address are served as long as they are who they say.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from functools import lru_cache

BURST = 100
PER_SECOND = 5.0
ADDRESSES = 20_000


class Limiter:
    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens left, and when that was so; full ones need not be remembered."""

    def take(self, address: str, now: float) -> bool:
        """One question from `address`; False if there have been too many."""
        key = _network(address)
        left = self._left(key, now)
        if left < 1:
            return False
        self._put(key, left - 1, now)
        return True

    def give_back(self, address: str, now: float) -> None:
        """The credential is known."""
        key = _network(address)
        self._put(key, min(self._burst, self._left(key, now) + 1), now)

    def _left(self, key: str, now: float) -> float:
        left, at = self._buckets.get(key, (self._burst, now))
        return min(self._burst, left + (now - at) * self._per_second)

    def _put(self, key: str, left: float, now: float) -> None:
        self._buckets[key] = (left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """One IPv6 customer has a whole /64."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address
