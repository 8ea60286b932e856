"""`pre_start` and `post_stop` around real servers: when they run, how often, and what their failure means."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import StartFailed
from plugins.spawners import around
from plugins.spawners.local import LocalSpawner
from plugins.spawners.options import LocalOptions
from tests.plugins.contracts import spawner_contract
from tests.plugins.launches import IDLE, WEB, Launches, ignore, pids, shell, started, until
from tests.plugins.storage import MemoryStorage

pytestmark = pytest.mark.sockets


def local(**options: Any) -> LocalSpawner:
    return LocalSpawner(LocalOptions(**options), MemoryStorage())


def noting(file: Path, word: str) -> tuple[str, ...]:
    return (*shell(f'echo "{word} $1" >> "$0"'), str(file), "{username}")


async def test_it_keeps_the_contract_with_commands(launches: Launches, tmp_path: Path) -> None:
    options = {"pre_start": noting(tmp_path / "told", "pre"), "post_stop": noting(tmp_path / "told", "post")}
    await spawner_contract(lambda: local(**options), launches(WEB), launches(("no-such-program",)))


async def test_one_before_and_one_after(launches: Launches, tmp_path: Path) -> None:
    told = tmp_path / "told"
    spawner = local(pre_start=noting(told, "pre"), post_stop=noting(told, "post"))
    steps: list[str] = []
    launch = launches(IDLE)
    launch = started(launch, await spawner.start(launch, lambda _, message: steps.append(message)))
    assert told.read_text() == "pre alice\n"
    assert steps[0] == "Preparing the server"
    for now in (False, True):
        await spawner.stop(launch, now=now)
    assert told.read_text() == "pre alice\npost alice\n"


async def test_a_start_fails_with_its_preparation(launches: Launches, tmp_path: Path) -> None:
    spawner = local(pre_start=shell("echo no room; exit 3"), post_stop=noting(tmp_path / "told", "post"))
    launch = launches(IDLE)
    with pytest.raises(StartFailed, match="pre_start ended with exit code 3"):
        await spawner.start(launch, ignore)
    assert pids(launch) == set()
    assert "no room" in Path(launch.log_file).read_text()
    assert await spawner.adopt(launch) is None  # as the hub asks before it forgets a start
    assert (tmp_path / "told").read_text() == "post alice\n"


async def test_a_failure_afterwards_is_said_to_the_administrator_alone(
    launches: Launches, caplog: pytest.LogCaptureFixture
) -> None:
    for command, said in ((("no-such-program",), "cannot be run"), (shell("exit 4"), "exit code 4")):
        spawner = local(post_stop=command)
        launch = launches(IDLE)
        launch = started(launch, await spawner.start(launch, ignore))
        with caplog.at_level(logging.ERROR):
            await spawner.stop(launch, now=True)
        assert said in caplog.text


async def test_what_hangs_afterwards_holds_nothing_up_for_ever(
    launches: Launches, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around, "POST_STOP_SECONDS", 0.2)
    spawner = local(post_stop=("sleep", "300"))
    launch = launches(IDLE)
    launch = started(launch, await spawner.start(launch, ignore))
    await asyncio.wait_for(spawner.stop(launch, now=True), 10)
    assert "post_stop was killed after 0.2 seconds" in caplog.text


async def test_it_goes_on_when_the_stop_is_not_waited_for(launches: Launches, tmp_path: Path) -> None:
    told = tmp_path / "told"
    spawner = local(post_stop=(*shell('echo begun >> "$0"; sleep 0.5; echo done >> "$0"'), str(told)))
    launch = launches(IDLE)
    launch = started(launch, await spawner.start(launch, ignore))
    stopping = asyncio.create_task(spawner.stop(launch, now=False))
    await until(told.exists)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    await spawner.stop(launch, now=True)
    assert told.read_text() == "begun\ndone\n"


async def test_a_preparation_that_is_cancelled_leaves_no_server(launches: Launches) -> None:
    spawner = local(pre_start=("sleep", "300"))
    launch = launches(IDLE)
    starting = asyncio.create_task(spawner.start(launch, ignore))
    await asyncio.sleep(0.2)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert pids(launch) == set()


async def test_no_secret_reaches_them(launches: Launches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBGATE_ADMIN_PASSWORD", "secret")
    spawner = local(pre_start=(*shell('env > "$0"'), str(tmp_path / "env")))
    await spawner.start(launches(IDLE, auth="token"), ignore)
    text = (tmp_path / "env").read_text()
    assert "PATH=" in text
    assert "secret" not in text
