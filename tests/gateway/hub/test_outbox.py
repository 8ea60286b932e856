"""What waits for one worker: in order, bounded, and only as long as it reads."""

from __future__ import annotations

import asyncio

import pytest

from gateway.channel.messages import Snapshot, decode_from_hub
from gateway.errors import ChannelError
from gateway.hub import outbox as module
from gateway.hub.outbox import Outbox, snapshot_frames
from gateway.routes import Route


async def drained(outbox: Outbox, seconds: float = 0.05) -> list[str]:
    sent: list[str] = []

    async def send(frame: str) -> None:
        await asyncio.sleep(0)
        sent.append(frame)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await outbox.drain(send)
    return sent


async def test_order() -> None:
    outbox = Outbox()
    for number in range(100):
        outbox.put(str(number))
    assert await drained(outbox) == [str(number) for number in range(100)]


async def test_a_worker_that_falls_behind_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 100)
    outbox = Outbox()
    outbox.put("s" * 1000, counts=False)
    outbox.put("x" * 99)
    assert len(await drained(outbox)) == 2
    outbox.put("x" * 60)
    outbox.put("x" * 60)
    with pytest.raises(ChannelError, match="behind"):
        await outbox.drain(lambda _: asyncio.sleep(0))


async def test_a_worker_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.02)
    outbox = Outbox()
    outbox.put("x")
    with pytest.raises(ChannelError, match="does not read"):
        await outbox.drain(lambda _: asyncio.sleep(3600))


def routes(count: int) -> tuple[Route, ...]:
    return tuple(Route(f"server:u{n}/", "server", ("user", f"u{n}"), message="m" * 500) for n in range(count))


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_a_snapshot_is_cut_into_frames_that_fit(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART", 5000)
    frames = snapshot_frames(routes(count))
    assert all(len(frame) <= 5000 for frame in frames)
    parts = [decode_from_hub(frame) for frame in frames]
    assert all(isinstance(part, Snapshot) for part in parts)
    assert [part.last for part in parts if isinstance(part, Snapshot)] == [False] * (len(parts) - 1) + [True]
    assert tuple(route for part in parts if isinstance(part, Snapshot) for route in part.routes) == routes(count)
