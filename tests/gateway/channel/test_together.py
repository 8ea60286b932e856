from __future__ import annotations

import asyncio

import pytest

from gateway.channel.together import until_one_ends


class Endless:
    """Work that ends only by being cancelled, and takes its time then."""

    ended = False

    async def work(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.ended = True


async def test_the_first_end_ends_the_others_and_waits_for_them() -> None:
    others = [Endless(), Endless()]
    await until_one_ends(others[0].work(), asyncio.sleep(0), others[1].work())
    assert [other.ended for other in others] == [True, True]


async def test_what_is_raised_reaches_the_caller_after_the_others_have_ended() -> None:
    other = Endless()

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await until_one_ends(other.work(), fails())
    assert other.ended


async def test_whoever_is_cancelled_ends_all() -> None:
    other = Endless()
    task = asyncio.create_task(until_one_ends(other.work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert other.ended
