"""Real processes: they start with what they should have, and nothing else."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import StartFailed
from gateway.model import Profile
from plugins.spawners import launching, procfs
from plugins.spawners.local import LocalOptions, LocalSpawner, gateway_spawners
from tests.plugins.contracts import spawner_contract
from tests.plugins.launches import IDLE, WEB, Launches, ignore, pids, shell, started, until
from tests.plugins.storage import MemoryStorage

pytestmark = pytest.mark.sockets


async def test_it_keeps_the_contract(launches: Launches) -> None:
    await spawner_contract(
        lambda: LocalSpawner(LocalOptions(), MemoryStorage()), launches(WEB), launches(("no-such-program",))
    )


async def test_the_placeholders_reach_command_environment_and_folder(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path
) -> None:
    (tmp_path / "alice").mkdir()
    script = 'echo "$1 $WHERE $PWD $SERVER_PORT" > out; sleep 300'
    launch = launches(
        (*shell(script), "sh", "{ip}:{port}{base_url}{server_name}"),
        env={"WHERE": "{home}"},
        cwd=f"{tmp_path}/{{username}}",
    )
    target = await spawner.start(launch, ignore)
    out = tmp_path / "alice" / "out"
    await until(lambda: out.exists() and out.read_text() != "")
    port = target.url.removeprefix("http://127.0.0.1:")
    home = os.environ["HOME"]
    assert out.read_text() == f"127.0.0.1:{port}/user/alice/ {home} {tmp_path}/alice {port}\n"


async def test_it_gets_a_listed_environment_and_its_secret(
    spawner: LocalSpawner, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBGATE_ADMIN_PASSWORD", "secret")
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    launch = launches(IDLE, auth="token", env={"MINE": "1", "HUBGATE_X": "1"})
    target = await spawner.start(launch, ignore)
    (pid,) = pids(launch)
    env = procfs.environ(pid)
    assert target.secret == env["JUPYTER_TOKEN"] == launch.server.secret
    assert env["SERVER_START_ID"] == launch.server.start_id
    assert env["MINE"] == "1"
    assert env["PATH"].split(":")[0].endswith("/bin")
    assert not [key for key in env if key.startswith("HUBGATE") or "DATABASE" in key]
    assert "secret" not in env.values()


async def test_no_secret_is_given_where_none_is_asked_for(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE, auth="none")
    assert (await spawner.start(launch, ignore)).secret == ""
    assert "JUPYTER_TOKEN" not in procfs.environ(pids(launch).pop())


async def test_it_inherits_no_descriptor_and_has_a_session_of_its_own(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    try:
        launch = launches(IDLE)
        await spawner.start(launch, ignore)
    finally:
        os.close(reader)
        os.close(writer)
    (pid,) = pids(launch)
    opened = {link.name: str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    log = str(tmp_path / "logs" / "server.log")
    assert opened == {"0": "/dev/null", "1": log, "2": log}
    status = procfs.status(pid)
    assert status is not None
    assert (status.session, status.group) == (pid, pid)


async def test_output_of_all_starts_goes_to_one_private_log(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path
) -> None:
    log = tmp_path / "logs" / "server.log"
    for word in ("first", "second"):
        launch = launches(shell(f"echo {word}; echo {word} error >&2"), auth="token")
        assert await spawner.died(started(launch, await spawner.start(launch, ignore))) == 0
    lines = log.read_text().splitlines()
    assert [line for line in lines if not line.startswith("---")] == ["first", "first error", "second", "second error"]
    assert lines[0].startswith("--- 20")
    assert 'Z alice/ start 1: ["/bin/sh", "-c"' in lines[0]
    assert launch.server.secret not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -9 $$", -9), ("exit 0", 0)])
async def test_the_exit_code_is_told_at_once_and_again(
    spawner: LocalSpawner, launches: Launches, script: str, code: int
) -> None:
    launch = launches(shell(f"sleep 0.2; {script}"))
    launch = started(launch, await spawner.start(launch, ignore))
    begun = time.monotonic()
    assert await asyncio.wait_for(spawner.died(launch), 3) == code
    assert time.monotonic() - begun < 2
    assert await spawner.poll(launch) == await spawner.died(launch) == code
    await spawner.stop(launch, now=False)
    assert await spawner.poll(launch) == code


async def test_a_watch_can_be_cancelled_and_leaves_no_descriptor(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(IDLE)
    launch = started(launch, await spawner.start(launch, ignore))
    before = len(list(Path("/proc/self/fd").iterdir()))
    watches = [asyncio.create_task(spawner.died(launch)) for _ in range(3)]
    await asyncio.sleep(0.05)
    for watch in watches:
        watch.cancel()
    await asyncio.gather(*watches, return_exceptions=True)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize(
    ("command", "profile", "words"),
    [
        (("no-such-program",), {}, "command was not found: no-such-program in /"),
        (("./missing",), {}, r"command was not found: \./missing$"),
        (("./plain",), {}, "not executable: .*/plain"),
        (("./orphan",), {}, "interpreter that its first line names is missing"),
        (("./garbage",), {}, "cannot be run: Exec format error"),
        (("true",), {"cwd": "/no/such/folder"}, "working directory does not exist: /no/such/folder"),
        (("true", "{prot}"), {}, r"unknown placeholder \{prot\}"),
        ((), {}, "command is empty"),
        (("true", "\0"), {}, "cannot be run: embedded null byte"),
        (("true", "x" * 3_000_000), {}, "cannot be run: Argument list too long"),
    ],
)
async def test_what_cannot_start_is_said_in_words(
    spawner: LocalSpawner, launches: Launches, tmp_path: Path, command: tuple[str, ...], profile: Any, words: str
) -> None:
    for name, content, mode in (
        ("plain", "", 0o644), ("orphan", "#!/no/such/interpreter\n", 0o755), ("garbage", "\x7fELF", 0o755),
    ):  # fmt: skip
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    launch = launches(command, **profile)
    with pytest.raises(StartFailed, match=words):
        await spawner.start(launch, ignore)
    assert pids(launch) == set()


async def test_a_start_without_id_or_secret_is_refused(spawner: LocalSpawner, launches: Launches) -> None:
    launch = launches(WEB, auth="token")
    for change, words in ((replace(launch.server, start_id=""), "id"), (replace(launch.server, secret=""), "secret")):
        with pytest.raises(StartFailed, match=words):
            await spawner.start(replace(launch, server=change), ignore)


@pytest.mark.parametrize("delay", [0, 0.001, 0.005, 0.02])
async def test_a_cancelled_start_leaves_nothing(spawner: LocalSpawner, launches: Launches, delay: float) -> None:
    launch = launches(shell("setsid sleep 300 & sleep 300"))
    starting = asyncio.create_task(spawner.start(launch, ignore))
    await asyncio.sleep(delay)
    if starting.cancel():
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert pids(launch) == set()


@pytest.mark.parametrize("cancels", [1, 2])
async def test_a_start_cancelled_during_the_fork_clears_what_the_fork_made(
    spawner: LocalSpawner, launches: Launches, monkeypatch: pytest.MonkeyPatch, cancels: int
) -> None:
    launch, made = launches(shell("setsid sleep 300 & sleep 300")), []

    def slow(order: launching.Order) -> tuple[procfs.Process, launching.Child]:
        made.append(launching.fork(order))
        time.sleep(0.3)
        return made[0]

    monkeypatch.setattr("plugins.spawners.local.fork", slow)
    starting = asyncio.create_task(spawner.start(launch, ignore))
    await until(lambda: len(pids(launch)) >= 2)
    for _ in range(cancels):
        starting.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until(lambda: pids(launch) == set() and made[0][1].returncode == -9)


async def test_many_at_once_get_a_port_each(spawner: LocalSpawner, launches: Launches) -> None:
    made = [launches(IDLE) for _ in range(10)]
    targets = await asyncio.gather(*(spawner.start(launch, ignore) for launch in made))
    assert len({target.url for target in targets}) == 10


async def test_exit_codes_that_nobody_asks_for_do_not_pile_up(
    spawner: LocalSpawner, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.spawners.local.CHILDREN", 2)
    for _ in range(5):
        launch = launches(("true",))
        await spawner.died(started(launch, await spawner.start(launch, ignore)))
    assert len(spawner._children) == 3


def test_it_says_plainly_whose_processes_servers_are(spawner: LocalSpawner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    same, root = spawner.warnings()
    assert "run as the gateway's own user (root)" in same
    assert "trust each other fully" in same
    assert "owns this machine" in root
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert len(spawner.warnings()) == 1


def test_mistakes_of_a_profile_are_found_before_anybody_starts_it(spawner: LocalSpawner) -> None:
    profile = Profile("p", "P", ("run", "{prot}", "\0"), env={"HUBGATE_X": "1"})
    assert [line.split(":")[0] for line in spawner.mistakes(profile)] == ["command", "env.HUBGATE_X", "command, cwd"]
    assert spawner.mistakes(Profile("p", "P", ())) == ["command: must name a program"]


def test_the_hook_offers_it() -> None:
    assert gateway_spawners() == {"local": LocalSpawner}
