"""How many share codes a person, and an address, may try in vain. In memory, bounded, pure.

A code that is right gives the try back, so nobody who was invited is held up. The
try is taken before anything is looked up: many at once get no more than one by one.
"""

from __future__ import annotations

import math

from gateway.buckets import Buckets
from gateway.errors import TooMany
from gateway.limiter import Limiter

PER_ACCOUNT = 10
PER_ADDRESS = 50
"""More than for an account: a class may sit behind one address."""
REFILL = 60.0
"""Seconds until an empty bucket is full again."""
ACCOUNTS = 50_000


class Guesses:
    def __init__(self) -> None:
        self._accounts: Buckets[str] = Buckets(PER_ACCOUNT, PER_ACCOUNT / REFILL, ACCOUNTS)
        self._addresses = Limiter(PER_ADDRESS, PER_ADDRESS / REFILL)

    def take(self, account: str, address: str, now: float) -> None:
        """One try, or TooMany."""
        seconds = self._accounts.take(account, now)
        if not seconds and (seconds := self._addresses.wait(address, now)):
            self._accounts.give_back(account, now)
        if seconds:
            raise TooMany(
                f"too many share codes were tried in vain (at most {PER_ACCOUNT} a minute)",
                retry_after=math.ceil(seconds),
                key="share-often",
            )

    def give_back(self, account: str, address: str, now: float) -> None:
        """It was right."""
        self._accounts.give_back(account, now)
        self._addresses.give_back(address, now)
