"""What every spawner must do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from gateway.errors import StartFailed
from gateway.hookspecs import Spawner, Storage
from gateway.model import Launch, Option, Target
from gateway.testing.builders import launch, started
from gateway.testing.fakes import MemoryStorage

PATIENCE = 60.0
"""Seconds; a good test never comes near it."""
WEB = (sys.executable, "-m", "http.server", "--bind", "{ip}", "{port}")
"""A server that answers anybody."""
HOSTILE_VALUES = ("", "a b", "'; exit 1 #", "$(exit 1)", "`exit 1`", "{port}", "{{home}}", "../../etc", "%s%n", "ünï")


class SpawnerSuite:
    """Subclass it as `Test…` and say these. Each test gets launches of its own."""

    spawner: ClassVar[type[Spawner]]
    options: ClassVar[Mapping[str, Any]] = {}

    def make(self, storage: Storage) -> Spawner:
        """A new instance on this storage, as after a restart of the hub."""
        return self.spawner(self.spawner.Options.model_validate(self.options), storage)

    def good(self, folder: Path) -> Launch:
        """One that starts a server which answers HTTP and passes `check`."""
        return launch(folder, WEB)

    def impossible(self, folder: Path) -> Launch:
        """One that cannot be started."""
        return launch(folder, ["/no/such/program"])

    def _run(
        self, contract: Callable[[Callable[[], Spawner], Launch], Coroutine[Any, Any, object]], good: Launch
    ) -> None:
        storage = MemoryStorage()

        async def run() -> None:
            try:
                await contract(lambda: self.make(storage), good)
            finally:
                await self.make(storage).stop(good, now=True)

        asyncio.run(run())

    def test_it_is_configured(self, tmp_path: Path) -> None:
        is_configured(self.make(MemoryStorage()), self.good(tmp_path))

    def test_what_cannot_start_leaves_nothing(self, tmp_path: Path) -> None:
        self._run(what_cannot_start_leaves_nothing, self.impossible(tmp_path))

    def test_what_never_started_is_not_there(self, tmp_path: Path) -> None:
        self._run(what_never_started_is_not_there, self.good(tmp_path))

    def test_it_starts_is_adopted_and_stops(self, tmp_path: Path) -> None:
        self._run(it_starts_is_adopted_and_stops, self.good(tmp_path))

    def test_it_is_killed_and_started_again(self, tmp_path: Path) -> None:
        self._run(it_is_killed_and_started_again, self.good(tmp_path))

    def test_a_start_that_is_cancelled_leaves_nothing(self, tmp_path: Path) -> None:
        self._run(a_cancelled_start_leaves_nothing, self.good(tmp_path))

    def test_two_servers_are_two(self, tmp_path: Path) -> None:
        self._run(two_servers_are_two, self.good(tmp_path))

    def test_what_was_chosen_is_data(self, tmp_path: Path) -> None:
        self._run(what_was_chosen_is_data, self.good(tmp_path))

    def test_limits_hold_or_are_refused(self, tmp_path: Path) -> None:
        self._run(limits_hold_or_are_refused, self.good(tmp_path))


async def spawner_contract(make: Callable[[], Spawner], good: Launch, impossible: Launch) -> None:
    """All of it in one call: `make()` gives a new instance, as after a hub restart."""
    is_configured(make(), good)
    await what_cannot_start_leaves_nothing(make, impossible)
    for contract in (
        what_never_started_is_not_there,
        it_starts_is_adopted_and_stops,
        it_is_killed_and_started_again,
        a_cancelled_start_leaves_nothing,
        two_servers_are_two,
        what_was_chosen_is_data,
        limits_hold_or_are_refused,
    ):
        await contract(make, good)


def ignore(percent: int, message: str) -> None:
    """A report that nobody reads."""


async def listens(target: Target) -> None:
    """Return when the target takes connections."""
    parts = urlsplit(target.url)
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.close()
            await writer.wait_closed()
            return
        assert time.monotonic() < deadline, "nobody listens"
        await asyncio.sleep(0.02)


def is_configured(spawner: Spawner, good: Launch) -> None:
    assert isinstance(spawner.options, type(spawner).Options)
    with pytest.raises(ValidationError):
        type(spawner).Options.model_validate({"no_such_key": 1})
    assert all(isinstance(text, str) and text for text in spawner.warnings())
    assert list(spawner.mistakes(good.profile)) == []


async def what_cannot_start_leaves_nothing(make: Callable[[], Spawner], impossible: Launch) -> None:
    spawner = make()
    with pytest.raises(StartFailed) as failure:
        await spawner.start(impossible, ignore)
    assert failure.value.message
    assert await spawner.adopt(impossible) is None


async def what_never_started_is_not_there(make: Callable[[], Spawner], good: Launch) -> None:
    spawner = make()
    assert await spawner.adopt(good) is None
    assert await spawner.poll(good) is not None
    await spawner.stop(good, now=False)
    await spawner.stop(good, now=True)


async def it_starts(spawner: Spawner, good: Launch) -> Launch:
    """It says how far it is, and gives a target that JSON keeps."""
    steps: list[tuple[int, str]] = []
    target = await spawner.start(good, lambda percent, message: steps.append((percent, message)))
    assert all(0 <= percent < 100 and message for percent, message in steps)  # 100 is the hub's
    assert target.url.startswith("http://")
    assert json.loads(json.dumps(target.state)) == target.state
    running = started(good, target)
    assert await spawner.poll(running) is None
    await listens(target)
    await spawner.check(running)
    return running


async def it_starts_is_adopted_and_stops(make: Callable[[], Spawner], good: Launch) -> None:
    """Adopted with its target kept, and by its start id alone; stopped without noise, and once more."""
    running = await it_starts(make(), good)
    for known in (running, started(running, None)):
        adopter = make()
        adopted = await adopter.adopt(known)
        assert adopted == running.server.target
        assert await adopter.poll(started(running, adopted)) is None
    spawner = make()
    await spawner.adopt(running)
    watch = asyncio.create_task(spawner.died(running))
    await asyncio.sleep(0.05)
    assert not watch.done()
    await spawner.stop(running, now=False)
    assert isinstance(await asyncio.wait_for(watch, PATIENCE), int)
    assert await spawner.poll(running) is not None
    assert await spawner.adopt(running) is None
    await spawner.stop(running, now=False)


async def it_is_killed_and_started_again(make: Callable[[], Spawner], good: Launch) -> None:
    spawner = make()
    for _ in range(2):
        running = await it_starts(spawner, good)
        await spawner.stop(running, now=True)
        assert await spawner.poll(running) is not None
        assert isinstance(await asyncio.wait_for(spawner.died(running), PATIENCE), int)


async def a_cancelled_start_leaves_nothing(make: Callable[[], Spawner], good: Launch) -> None:
    """At whatever await: after so many turns of the loop."""
    for turns in (0, 1, 3, 10):
        spawner = make()
        start = asyncio.create_task(spawner.start(good, ignore))
        for _ in range(turns):
            await asyncio.sleep(0)
        start.cancel()
        try:
            target = await start
        except asyncio.CancelledError:
            assert await make().adopt(good) is None
        else:
            await spawner.stop(started(good, target), now=True)


async def two_servers_are_two(make: Callable[[], Spawner], good: Launch) -> None:
    """One instance serves all servers, and ending one leaves the others."""
    spawner = make()
    other = replace(good, server=replace(good.server, user="bob", start_id=uuid.uuid4().hex), base_url="/user/bob/")
    mine, theirs = await it_starts(spawner, good), await it_starts(spawner, other)
    try:
        assert mine.server.target is not None
        assert theirs.server.target is not None
        assert mine.server.target.url != theirs.server.target.url
        await spawner.stop(mine, now=True)
        assert await spawner.poll(mine) is not None
        assert await spawner.poll(theirs) is None
    finally:
        await spawner.stop(theirs, now=True)


async def what_was_chosen_is_data(make: Callable[[], Spawner], good: Launch) -> None:
    """Values of options are arguments and nothing else, wherever the profile puts them."""
    spawner = make()
    env = {**good.profile.env, "CHOSEN": "{opt_x}"}
    profile = replace(good.profile, options=(Option("x", "text", "X"),), env=env)
    assert list(spawner.mistakes(profile)) == []
    for value in HOSTILE_VALUES:
        server = replace(good.server, options={"x": value})
        running = await it_starts(spawner, replace(good, server=server, profile=profile))
        await spawner.stop(running, now=True)
        assert await spawner.poll(running) is not None
    # The settings may have got an option since the last start.
    running = await it_starts(spawner, replace(good, profile=profile))
    await spawner.stop(running, now=True)


async def limits_hold_or_are_refused(make: Callable[[], Spawner], good: Launch) -> None:
    """A limit that a spawner cannot enforce it says so of; it never ignores one."""
    spawner = make()
    limits: tuple[dict[str, Any], ...] = ({"memory": 2**30}, {"cpu_seconds": 60}, {"open_files": 256})
    for limit in limits:
        profile = replace(good.profile, **limit)
        try:
            running = await it_starts(spawner, replace(good, profile=profile))
        except StartFailed as failure:
            assert failure.message
        else:
            await spawner.stop(running, now=True)
