"""The administrator's commands: real ones."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from plugins.spawners import commands
from tests.plugins.launches import Launches, shell, sleepers, unique_seconds, until

ENV = {"PATH": os.defpath}


def test_mistakes() -> None:
    assert commands.mistake(()) == ""
    assert commands.mistake(("make-home", "{username}", "{server_name}", "{profile}")) == ""
    assert "unknown placeholder {port}" in commands.mistake(("x", "{port}"))
    assert "a program first" in commands.mistake(("", "x"))


@pytest.mark.sockets
async def test_it_gets_what_it_was_told_and_its_output_is_kept(launches: Launches) -> None:
    launch = launches(("unused",))
    command = (*shell('echo "$1 $0 $MINE"; pwd; exit 3'), "a b", "{username}/{server_name}:{profile}")
    assert await commands.run("pre_start", command, launch, ENV | {"MINE": "m"}, 10) == 3
    first, *rest = Path(launch.log_file).read_text().splitlines()
    assert " alice/ pre_start: " in first
    assert rest == ["alice/:test a b m", "/"]


@pytest.mark.sockets
async def test_a_command_that_is_not_there(launches: Launches) -> None:
    with pytest.raises(StartFailed, match=r"pre_start \(no-such-program\) cannot be run: No such file"):
        await commands.run("pre_start", ("no-such-program",), launches(("unused",)), ENV, 10)


@pytest.mark.sockets
async def test_one_that_hangs_is_ended_with_its_children(launches: Launches) -> None:
    seconds = unique_seconds()
    with pytest.raises(TimeoutError):
        await commands.run("post_stop", shell(f"sleep {seconds} & wait"), launches(("unused",)), ENV, 0.3)
    await until(lambda: not sleepers(seconds))


@pytest.mark.sockets
async def test_one_that_is_cancelled_is_ended_too(launches: Launches) -> None:
    seconds = unique_seconds()
    running = asyncio.create_task(
        commands.run("pre_start", ("sleep", seconds), launches(("unused",)), ENV, None),
    )
    await until(lambda: bool(sleepers(seconds)))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sleepers(seconds) == set()
