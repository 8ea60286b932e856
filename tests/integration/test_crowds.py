"""Tabs left open by the hundred, and guesses by the thousand: the worker bears them alone, and others notice little.

Short forms by default; `HUBGATE_LONG=1` takes the full minute and all 50 000 guesses.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Iterator

import pytest

from tests.integration.bulk import LONG, MIB, Bulk, bulk
from tests.integration.crowd import Cost, Link, Tally, every, links, request
from tests.integration.wire import cookie

pytestmark = [pytest.mark.sockets, pytest.mark.long, pytest.mark.timeout(600)]

TABS = 500
SECONDS = 60 if LONG else 8
GUESSES = 50_000 if LONG else 6_000


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    with bulk(tmp_path_factory.mktemp("crowds")) as made:
        answer = made.people["alice"].http.delete("hub/api/users/alice/server", headers=made.bearer())
        assert answer.status_code in (202, 204), answer.text
        yield made


def stale(plane: Bulk, number: int) -> tuple[bytes, int]:
    """What a tab asks, and how many requests that is: of alice's stopped server, or with a cookie that has ended."""
    gateway, path = plane.gateway, "/user/alice/api/kernels?1"
    if number % 3 == 0:
        return request(gateway, path, f"Cookie: {cookie(plane.people['alice'])}"), 1
    old = f"Cookie: hubgate-session={secrets.token_urlsafe(32)}"
    if number % 3 == 1:
        return request(gateway, path, old), 1
    posts = request(gateway, path, old, f"Origin: {gateway.origin}", method="POST", body=b"abc")
    return posts * 3, 3


def elsewhere(plane: Bulk) -> int:
    """The worker's connections that are no client's."""
    (worker,) = plane.workers()
    return len([each for each in worker.net_connections("tcp") if each.laddr.port != plane.gateway.port])


async def test_tabs_that_are_left_open_cost_nothing_but_their_answer(plane: Bulk) -> None:
    """500 tabs, twice a second each; attack 37. No socket, no question to the hub, no memory."""
    (worker,), tally = plane.workers(), Tally()
    async with links(plane.gateway, TABS) as tabs:
        asked = [stale(plane, number) for number in range(TABS)]

        async def once(number: int) -> None:
            await tabs[number].ask(asked[number][0], tally, asked[number][1])

        for round_ in range(4):  # until each of them is known to be unknown: 20 questions a second, after the first 200
            await asyncio.gather(*map(once, range(TABS)))
            await asyncio.sleep(5 if round_ < 3 else 1)
        tally.statuses.clear()
        cost, hub, sockets = Cost(worker), Cost(plane.hub()), worker.num_fds()
        before = elsewhere(plane)
        until = time.monotonic() + SECONDS

        async def tab(number: int) -> None:
            await asyncio.sleep(number / TABS * 0.5)
            await every(0.5, until, lambda: once(number))

        await asyncio.gather(*map(tab, range(TABS)))
        assert elsewhere(plane) <= before
        assert abs(worker.num_fds() - sockets) <= 2
        assert hub.share() < 0.06, hub.share()
        assert cost.growth() < 8 * MIB, cost.growth() / MIB
    assert set(tally.statuses) == {403, 424, 429}, tally.statuses
    # Alice's many tabs have one cookie, and one credential has ten answers a second.
    assert tally.statuses[424] <= 100 + (SECONDS + 2) * 10
    assert tally.statuses[429] > tally.statuses[424]
    assert tally.p99() < 1


async def test_guesses_reach_neither_the_hub_nor_others(plane: Bulk) -> None:
    """Attack 35: random tokens at full speed."""
    (worker,), gateway = plane.workers(), plane.gateway
    mine = request(gateway, plane.path("x", user="bob"), f"Authorization: Bearer {plane.token('bob')}")
    guesses, quiet, loud = Tally(), Tally(), Tally()

    async def bob(link: Link, tally: Tally) -> None:
        await link.ask(mine, tally)

    async def guess(link: Link) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while guesses.statuses.total() < GUESSES:
                bad = f"Authorization: Bearer {secrets.token_urlsafe(32)}"
                await link.ask(request(gateway, "/user/bob/x", bad), guesses)

    async with links(gateway, 17) as (own, *flood):
        await every(0.01, time.monotonic() + 4, lambda: bob(own, quiet))
        cost, hub = Cost(worker), Cost(plane.hub())
        attack = asyncio.gather(*map(guess, flood))
        while not attack.done():
            await bob(own, loud)
            await asyncio.sleep(0.01)
        await attack
        assert hub.share() < 0.35, hub.share()
        assert cost.growth() < 20 * MIB
    assert set(guesses.statuses) == {403, 429}
    assert guesses.statuses[429] > guesses.statuses[403]
    assert set(quiet.statuses) == set(loud.statuses) == {200}
    # All of it is on one machine, the sixteen attackers too: they take their share of the processor.
    assert loud.p99() < max(2 * quiet.p99(), 0.06), (quiet.p99(), loud.p99())
