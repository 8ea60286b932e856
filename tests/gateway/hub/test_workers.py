"""The workers: what each one is greeted with, and the stream that follows."""

from __future__ import annotations

import asyncio

import pytest

from gateway.channel.messages import (
    FromHub,
    Hello,
    Invalidate,
    RoutesChanged,
    Snapshot,
    Welcome,
    decode_from_hub,
)
from gateway.hub.workers import Connected, Link, Workers
from gateway.routes import Route, RouteTable

KEYS = ("PEM", "kid")
TABLE = RouteTable.of([Route("hub", "hub", ("hub",))])


def sent(link: Link) -> list[FromHub]:
    return [decode_from_hub(frame) for frame, _ in link.outbox._frames]


def test_a_new_worker_gets_everything() -> None:
    workers = Workers()
    workers.push(Invalidate(0, 1))
    link = workers.join(Hello("1", 100), TABLE, KEYS, 5.0)
    boot = workers.journal.boot
    assert sent(link) == [Welcome(boot, 1, False, "PEM", "kid"), Snapshot((Route("hub", "hub", ("hub",)),), last=True)]
    workers.push(RoutesChanged(0, drop=("hub",)))
    assert sent(link)[-1] == RoutesChanged(2, drop=("hub",))


def test_one_that_comes_back_gets_what_it_missed() -> None:
    workers = Workers()
    for revision in range(5):
        workers.push(Invalidate(0, revision))
    boot = workers.journal.boot
    link = workers.join(Hello("1", 100, boot, 3), TABLE, KEYS, 5.0)
    assert sent(link) == [Welcome(boot, 5, True, "PEM", "kid"), Invalidate(4, 3), Invalidate(5, 4)]
    stranger = workers.join(Hello("2", 101, "another boot", 3), TABLE, KEYS, 5.0)
    assert isinstance(sent(stranger)[1], Snapshot)


def test_everybody_gets_every_push_under_the_same_number() -> None:
    workers = Workers()
    links = [workers.join(Hello(name, 1), TABLE, KEYS, 5.0) for name in "123"]
    workers.push(Invalidate(0, 9))
    assert [sent(link)[-1] for link in links] == [Invalidate(1, 9)] * 3


def test_who_is_there() -> None:
    changes: list[int] = []
    workers = Workers()
    workers.on_change = lambda: changes.append(len(workers))
    two = workers.join(Hello("2", 22), TABLE, KEYS, 5.0)
    one = workers.join(Hello("1", 11), TABLE, KEYS, 6.0)
    assert workers.listing() == [Connected("1", 11, 6.0), Connected("2", 22, 5.0)]
    workers.leave(two)
    workers.leave(two)
    assert workers.listing() == [Connected("1", 11, 6.0)]
    workers.leave(one)
    assert changes == [1, 2, 1, 0]


def test_one_that_comes_again_takes_its_own_place() -> None:
    workers = Workers()
    old = workers.join(Hello("1", 11), TABLE, KEYS, 5.0)
    new = workers.join(Hello("1", 12), TABLE, KEYS, 6.0)
    assert old.replaced and not new.replaced
    workers.leave(old)
    assert workers.listing() == [Connected("1", 12, 6.0)]


async def test_the_first_one_is_awaited() -> None:
    workers = Workers()
    waiting = asyncio.create_task(workers.one_at_least())
    await asyncio.sleep(0)
    assert not waiting.done()
    link = workers.join(Hello("1", 1), TABLE, KEYS, 5.0)
    await waiting
    workers.leave(link)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(workers.one_at_least(), 0.01)
