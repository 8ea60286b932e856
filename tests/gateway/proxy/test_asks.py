"""One question in flight for each credential, and no end of waiting without a limit."""

from __future__ import annotations

import asyncio

import pytest

from gateway.channel.messages import Answer, Ask, Invalidate, Snapshot, Welcome
from gateway.proxy import asks as module
from gateway.proxy.asks import Asks
from gateway.proxy.credentials import Credential
from gateway.proxy.gate import UNKNOWN
from gateway.proxy.replica import Replica
from tests.gateway.proxy.values import HUB, ME, NOW

MINE = Credential("session", ME.digest)


class Hub:
    def __init__(self) -> None:
        self.replica = Replica(100)
        self.replica.welcome(Welcome("boot", 0, False, "", ""))
        self.replica.snapshot(Snapshot(HUB, last=True))
        self.sent: list[Ask] = []
        self.there = True
        self.asks = Asks(self.replica, self.take, lambda: NOW)

    def take(self, ask: Ask) -> bool:
        if self.there:
            self.sent.append(ask)
        return self.there


async def asked(hub: Hub, times: int = 1) -> list[asyncio.Task[bool]]:
    tasks = [asyncio.create_task(hub.asks.ask(MINE)) for _ in range(times)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_many_wait_for_one_answer() -> None:
    hub = Hub()
    tasks = await asked(hub, 5)
    assert [(ask.credential, ask.digest) for ask in hub.sent] == [("session", ME.digest)]
    hub.asks.answered(Answer(hub.sent[0].id, ME, 1))
    assert await asyncio.gather(*tasks) == [True] * 5
    assert hub.replica.find(MINE, NOW) == ME
    await asked(hub)
    assert len(hub.sent) == 2
    hub.asks.lost()


async def test_nobody_is_an_answer_too() -> None:
    hub = Hub()
    (task,) = await asked(hub)
    hub.asks.answered(Answer(hub.sent[0].id, None, 1))
    assert await task
    assert hub.replica.find(MINE, NOW) is UNKNOWN


async def test_an_answer_that_was_overtaken_is_asked_for_again() -> None:
    hub = Hub()
    (task,) = await asked(hub)
    hub.replica.invalidate(Invalidate(1, 9, owners=("user:alice",)))
    hub.asks.answered(Answer(hub.sent[0].id, ME, 8))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(hub.sent) == 2
    hub.asks.answered(Answer(hub.sent[1].id, ME, 9))
    assert await task


async def test_it_is_given_up_after_a_few_times() -> None:
    hub = Hub()
    (task,) = await asked(hub)
    hub.replica.invalidate(Invalidate(1, 9, owners=("user:alice",)))
    for number in range(module.TRIES):
        hub.asks.answered(Answer(hub.sent[number].id, ME, 8))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert await task is False


async def test_a_hub_that_goes_away() -> None:
    hub = Hub()
    (task,) = await asked(hub)
    hub.asks.lost()
    assert await task is False
    hub.there = False
    assert await hub.asks.ask(MINE) is False


async def test_a_hub_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    hub = Hub()
    assert await hub.asks.ask(MINE) is False
    hub.asks.answered(Answer(hub.sent[0].id, ME, 1))  # too late, and nobody's any more
    assert hub.replica.find(MINE, NOW) is None


async def test_who_leaves_does_not_take_the_answer_along() -> None:
    hub = Hub()
    first, second = await asked(hub, 2)
    first.cancel()
    await asyncio.sleep(0)
    hub.asks.answered(Answer(hub.sent[0].id, ME, 1))
    assert await second


async def test_only_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IN_FLIGHT", 1)
    hub = Hub()
    await asked(hub)
    assert await hub.asks.ask(Credential("token", "x")) is False
    hub.asks.lost()
