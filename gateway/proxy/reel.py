"""What a worker has recorded and the hub has not got yet. Bounded: what does not fit is counted. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from gateway.channel.messages import Captured

SIZE = 8 * 1024 * 1024
"""Characters that wait, of all captures."""
FRAME = 128 * 1024
"""Characters told in one message at most, but for a single record."""
FRAMES = 4
"""Messages at a time: an answer for somebody who logs in must not wait behind more."""

type Tell = Callable[[Captured], bool]
"""Sends it to the hub; False when it cannot be sent now."""


class Reel:
    def __init__(self, tell: Tell, room: Callable[[], bool]) -> None:
        self._tell = tell
        self._room = room
        """Does the hub keep up, so that more may be sent?"""
        self._waiting: dict[str, deque[str]] = {}
        self._size = 0
        self._dropped: dict[str, int] = {}

    def add(self, capture: str, record: str) -> bool:
        """False = it did not fit."""
        if self._size + len(record) > SIZE:
            self.drop(capture)
            return False
        self._waiting.setdefault(capture, deque()).append(record)
        self._size += len(record)
        return True

    def drop(self, capture: str) -> None:
        """One record less."""
        self._dropped[capture] = self._dropped.get(capture, 0) + 1

    def flush(self) -> None:
        """Many times a second, while there is a capture."""
        for _ in range(FRAMES):
            capture = next(iter(self._waiting), None) or next(iter(self._dropped), None)
            if capture is None or not self._room():
                return
            waiting = self._waiting.pop(capture, deque())
            records = _taken(waiting)
            if not self._tell(Captured(capture, tuple(records), self._dropped.get(capture, 0))):
                waiting.extendleft(reversed(records))
                self._waiting[capture] = waiting
                return
            self._dropped.pop(capture, None)
            self._size -= sum(map(len, records))
            if waiting:
                self._waiting[capture] = waiting  # behind the others


def _taken(waiting: deque[str]) -> list[str]:
    """As many as go into a message."""
    records: list[str] = []
    size = 0
    while waiting and (not records or size + len(waiting[0]) <= FRAME):
        size += len(waiting[0])
        records.append(waiting.popleft())
    return records
