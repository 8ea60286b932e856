"""Who starts next: a few places, and a fair queue in front of them. Pure.

Users take turns, whatever the number of servers that each asks for; a user's own
starts keep their order.
"""

from __future__ import annotations

from collections import OrderedDict, deque

from gateway.errors import TooMany

RETRY_AFTER = 30

type Key = tuple[str, str]
"""(user, server name)."""


class StartQueue:
    def __init__(self, places: int, limit: int) -> None:
        self._places = places
        self._limit = limit
        self._starting: set[Key] = set()
        self._waiting: OrderedDict[str, deque[Key]] = OrderedDict()

    def __len__(self) -> int:
        """How many wait."""
        return sum(len(line) for line in self._waiting.values())

    def add(self, key: Key, *, beyond_limit: bool = False) -> None:
        """Line up, or `TooMany`. A start that gets a place at once needs no room in the queue."""
        waits = len(self)
        free = max(0, self._places - len(self._starting))
        if waits >= self._limit + free and not beyond_limit:
            raise TooMany(
                f"{waits} servers wait to be started already; try again later",
                retry_after=RETRY_AFTER,
                key="queue-full",
                about={"count": waits},
            )
        self._waiting.setdefault(key[0], deque()).append(key)

    def turns(self) -> list[Key]:
        """Give the free places away and return who got one."""
        lucky = []
        while self._waiting and len(self._starting) < self._places:
            user, line = self._waiting.popitem(last=False)
            lucky.append(line.popleft())
            self._starting.add(lucky[-1])
            if line:
                self._waiting[user] = line
        return lucky

    def take(self, key: Key) -> None:
        """A start that is under way already (adopted) takes a place, even one too many."""
        self._starting.add(key)

    def leave(self, key: Key) -> None:
        """Done or given up, wherever it is. Fine when it is nowhere."""
        self._starting.discard(key)
        line = self._waiting.get(key[0])
        if line and key in line:
            line.remove(key)
            if not line:
                del self._waiting[key[0]]

    def position(self, key: Key) -> int | None:
        """From 1: how many turns until this one, if nobody else comes; None if it does not wait."""
        line = self._waiting.get(key[0])
        if not line or key not in line:
            return None
        rank = line.index(key)
        users = list(self._waiting)
        mine = users.index(key[0])
        ahead = sum(
            min(len(self._waiting[user]), rank + (index < mine)) for index, user in enumerate(users) if index != mine
        )
        return ahead + rank + 1
