"""The request log: bounds, numbers, watchers who keep up and watchers who do not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from gateway.hub.requestlog import BEHIND, Behind, RequestLog, Seen, newest


def line(user: str = "alice", path: str = "/") -> str:
    return json.dumps({"user": user, "path": path})


async def some(watching: AsyncIterator[Seen], count: int) -> list[int]:
    async with asyncio.timeout(2):
        return [(await anext(watching)).number for _ in range(count)]


def test_the_newest_come_first() -> None:
    log = RequestLog()
    log.add("1", [line(), line("bob")])
    log.add("2", [line()])
    found = newest(log.kept(), lambda request: request["user"] == "alice", 10)
    assert [(each["number"], each["worker"], each["path"]) for each in found] == [(3, "2", "/"), (1, "1", "/")]
    assert [each["number"] for each in newest(log.kept(), lambda _: True, 2)] == [3, 2]


def test_the_bounds_hold() -> None:
    log = RequestLog(lines=3, size=100)
    log.add("1", [line() for _ in range(10)])
    assert [seen.number for seen in log.kept()] == [8, 9, 10]
    log.add("1", [line(path="x" * 60)])
    assert [seen.number for seen in log.kept()] == [11]
    log.add("1", [line(path="x" * 200)])
    assert (len(log), log.number) == (0, 12)


def test_what_workers_lost_is_counted() -> None:
    log = RequestLog()
    log.add("1", [], lost=5)
    log.add("1", [], lost=-7)
    assert log.lost == 5


async def test_watching() -> None:
    log = RequestLog()
    log.add("1", [line(), line()])
    watching, late = log.watch(), log.watch(after=1)
    tasks = [asyncio.create_task(some(watching, 2)), asyncio.create_task(some(late, 3))]
    await asyncio.sleep(0)
    assert log.watched == 2
    log.add("2", [line(), line()])
    assert await asyncio.gather(*tasks) == [[3, 4], [2, 3, 4]]
    await watching.aclose()
    await late.aclose()
    assert log.watched == 0


async def test_a_slow_watcher_is_let_go_and_holds_nobody_up() -> None:
    log = RequestLog()
    watching = log.watch(after=0)
    log.add("1", [line()])
    assert await some(watching, 1) == [1]
    log.add("1", [line()] * (BEHIND + 50))
    assert log.watched == 0
    with pytest.raises(Behind):
        await some(watching, BEHIND + 1)
