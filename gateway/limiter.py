"""How many unknown credentials one address may have the hub looked up for. Pure.

A bucket of tokens for each address: each question costs one, a known credential
gives it back. Thus a flood of guesses ends at the worker, while many people behind
one address are served as long as they are who they say.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from gateway.buckets import Buckets

BURST = 200
PER_SECOND = 20.0
"""A question costs the hub about a millisecond. Cookies that have ended come by the
hundred, too, when people behind one address open their machines in the morning."""
ADDRESSES = 20_000


class Limiter:
    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._buckets: Buckets[str] = Buckets(burst, per_second, ADDRESSES)

    def take(self, address: str, now: float) -> bool:
        """One question from `address`; False if there have been too many."""
        return not self.wait(address, now)

    def wait(self, address: str, now: float) -> float:
        """The same: 0.0, or the seconds until there may be one."""
        return self._buckets.take(_network(address), now)

    def give_back(self, address: str, now: float) -> None:
        """The credential is known."""
        self._buckets.give_back(_network(address), now)


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
