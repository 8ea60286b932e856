"""Answers that go on as server-sent events: how they begin, and how many there may be at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator

from falcon.asgi import Response, SSEvent

from gateway.errors import TooMany

type Stream = AsyncIterator[SSEvent | None]
"""Events; None is a comment, by which a client that is gone is noticed."""

AGAIN = 10
"""Seconds after which to ask anew for a place."""


def begin(resp: Response, stream: Stream) -> None:
    """Answer with `stream`, event by event."""
    resp.cache_control = ["no-cache"]
    # Tells proxies in front of ours not to hold events back.
    resp.set_header("X-Accel-Buffering", "no")
    resp.sse = stream


class Places:
    """For so many streams at a time."""

    def __init__(self, most: int, refusal: str) -> None:
        self._most = most
        self._refusal = refusal
        """What is said to one too many."""
        self._taken = 0

    @property
    def full(self) -> bool:
        return self._taken >= self._most

    def check(self) -> None:
        """`TooMany` when there is no place left."""
        if self.full:
            raise TooMany(self._refusal, retry_after=AGAIN)

    async def held(self, stream: Stream) -> Stream:
        """`stream`, which has a place for as long as it lasts."""
        self._taken += 1
        try:
            async for event in stream:
                yield event
        finally:
            self._taken -= 1
