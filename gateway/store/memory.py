"""What units read, kept in memory until something is written.

A hub is asked the same things many times between two changes. Each reading costs a
trip through a thread of the store, which is several times as much as all the rest of a
small answer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

KEPT = 10_000
"""Results; of more, those are dropped that were not asked for the longest."""


class Memory:
    """A result counts as long as no change has ended since its reading began."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._state = self._kept_in = object()
        """Another one after each change; and the one in which all that is kept was read."""

    def __len__(self) -> int:
        return len(self._kept)

    def changed(self) -> None:
        """Nothing that was read before counts any more. May be called in any thread."""
        self._state = object()

    async def recall[R](self, key: Hashable, read: Callable[[], Awaitable[R]]) -> R:
        """What is remembered for `key`, or what `read` gives; that nothing is there is not remembered."""
        if self._kept_in is not self._state:
            self._kept.clear()
            self._kept_in = self._state
        if key in self._kept:
            self._kept.move_to_end(key)
            known: R = self._kept[key]
            return known
        state = self._state
        found = await read()
        if found is not None and state is self._state is self._kept_in:
            self._kept[key] = found
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return found
