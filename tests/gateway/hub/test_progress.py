"""The steps of a start: kept, bounded, followed from the beginning by whoever comes late."""

from __future__ import annotations

import asyncio

from gateway.hub.progress import KEPT, LONGEST, Steps
from gateway.model import Progress

READY = Progress(100, "ready", ready=True)


async def test_late_comers_get_everything_and_then_what_comes() -> None:
    steps = Steps()
    steps.report(1, "one")
    late = asyncio.create_task(anext(aiter(steps.follow())))
    assert (await late).message == "one"

    async def all_of_it() -> list[str]:
        return [step.message async for step in steps.follow()]

    followers = [asyncio.create_task(all_of_it()) for _ in range(3)]
    await asyncio.sleep(0)
    steps.report(2, "two")
    await asyncio.sleep(0)
    steps.add(READY)
    assert await asyncio.gather(*followers) == [["one", "two", "ready"]] * 3
    assert await all_of_it() == ["one", "two", "ready"]


async def test_nothing_comes_after_the_last() -> None:
    steps = Steps()
    assert not steps.ended
    steps.add(Progress(100, "failed", failed=True))
    steps.add(READY)
    assert steps.ended and steps.failed
    assert [step.message async for step in steps.follow()] == ["failed"]


async def test_a_talkative_spawner_costs_no_memory() -> None:
    steps = Steps()
    follower = aiter(steps.follow())
    steps.report(1, "first")
    assert (await anext(follower)).message == "first"
    for number in range(KEPT * 3):
        steps.report(50, str(number))
    steps.add(READY)
    rest = [step.message async for step in follower]
    assert len(rest) == KEPT
    assert rest[-2:] == [str(KEPT * 3 - 1), "ready"]


async def test_what_a_spawner_reports_is_cut_to_size() -> None:
    steps = Steps()
    steps.report(1000, "x" * 5000)
    steps.report(-5, "")
    steps.add(READY)
    found = [step async for step in steps.follow()]
    assert [step.progress for step in found] == [99, 0, 100]
    assert len(found[0].message) == LONGEST


async def test_each_step_has_its_time() -> None:
    times = iter([100.0, 100.5, 103.0])
    steps = Steps(lambda: next(times))
    steps.report(1, "one")
    steps.report(2, "two")
    steps.add(READY)
    assert [step.elapsed async for step in steps.follow()] == [0.0, 0.5, 3.0]
