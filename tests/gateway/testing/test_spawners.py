"""The suite lets good spawners through (tests/contracts), and finds what is wrong with these."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.hookspecs import Report, Spawner
from gateway.model import Launch, Target
from gateway.testing.spawners import SpawnerSuite

RUNNING: set[str] = set()


class Pretends(Spawner):
    """Starts nothing; what it says of that is right at least."""

    name = "pretends"

    async def start(self, launch: Launch, report: Report) -> Target:
        RUNNING.add(launch.server.start_id)
        return Target("http://127.0.0.1:9")

    async def poll(self, launch: Launch) -> int | None:
        return None if launch.server.start_id in RUNNING else 0

    async def stop(self, launch: Launch, now: bool) -> None:
        RUNNING.discard(launch.server.start_id)

    async def adopt(self, launch: Launch) -> Target | None:
        return Target("http://127.0.0.1:9") if launch.server.start_id in RUNNING else None


class Leaves(Pretends):
    """Does not stop anything."""

    async def stop(self, launch: Launch, now: bool) -> None:
        return None


class Adopts(Pretends):
    """Adopts what never was."""

    async def adopt(self, launch: Launch) -> Target | None:
        return Target("http://127.0.0.1:9")


class Complains(Pretends):
    def mistakes(self, profile: Any) -> list[str]:
        return ["command: I do not like it"]


def suite(cls: type[Spawner]) -> Any:
    class Suite(SpawnerSuite):
        spawner = cls

    return Suite()


def test_it_must_refuse_what_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        suite(Pretends).test_what_cannot_start_leaves_nothing(tmp_path)


def test_it_must_not_adopt_what_never_was(tmp_path: Path) -> None:
    suite(Pretends).test_what_never_started_is_not_there(tmp_path)
    with pytest.raises(AssertionError):
        suite(Adopts).test_what_never_started_is_not_there(tmp_path)


def test_a_cancelled_start_must_leave_nothing(tmp_path: Path) -> None:
    suite(Pretends).test_a_start_that_is_cancelled_leaves_nothing(tmp_path)


def test_a_good_launch_is_not_a_mistake(tmp_path: Path) -> None:
    suite(Pretends).test_it_is_configured(tmp_path)
    with pytest.raises(AssertionError):
        suite(Complains).test_it_is_configured(tmp_path)


def test_launches_are_of_their_own(tmp_path: Path) -> None:
    one, two = suite(Leaves).good(tmp_path), suite(Leaves).good(tmp_path)
    assert one.server.start_id != two.server.start_id
    assert replace(one, server=two.server) == two
