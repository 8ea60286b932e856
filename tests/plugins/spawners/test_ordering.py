from __future__ import annotations

import dataclasses
import logging
import sys
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from gateway.model import Launch, Profile, Server
from gateway.settings import LAB
from plugins.spawners import ordering
from plugins.spawners.account import Account

ALICE = Account(1000, "alice", "/home/alice", "/bin/bash")
ROOT = Account(0, "root", "/root", "/bin/sh")
PROFILE = Profile("p", "P", ("run", "{username}", "{server_name}"), env={"URL": "{base_url}"}, cwd="work")
SERVER = Server("bob b", "gpu", generation=7, start_id="the-id", secret="the-secret")
LAUNCH = Launch(SERVER, PROFILE, "/x/user/bob%20b/gpu/", "/var/log/s.log")


def test_everything_is_filled_in() -> None:
    order = ordering.order(LAUNCH, 4711, ALICE, {"PATH": "/bin", "LANG": "C", "SECRET": "x"})
    assert order.command == ("run", "bob b", "gpu")
    assert order.cwd == "/home/alice/work"
    assert order.log_file == Path("/var/log/s.log")
    assert order.title == 'bob b/gpu start 7: ["run", "bob b", "gpu"]'
    env = dict(order.env)
    assert env.pop("PATH").endswith(":/bin")
    assert env.pop("VIRTUAL_ENV", sys.prefix) == sys.prefix
    assert env == {
        "HOME": "/home/alice", "USER": "alice", "LOGNAME": "alice", "SHELL": "/bin/bash", "LANG": "C",
        "URL": "/x/user/bob%20b/gpu/", "JUPYTER_TOKEN": "the-secret",
        "SERVER_START_ID": "the-id", "SERVER_PORT": "4711",
    }  # fmt: skip


def test_a_hub_aware_server_is_told_where_to_listen_and_nothing_of_it_is_filled_in() -> None:
    given = {"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_USER": "{home}", "JUPYTERHUB_BASE_URL": "/"}
    profile = dataclasses.replace(PROFILE, auth="jupyterhub", env={"JUPYTERHUB_BASE_URL": "{base_url}"})
    launch = dataclasses.replace(LAUNCH, profile=profile, env=given)
    env = ordering.order(launch, 4711, ALICE, {}).env
    assert env["JUPYTERHUB_SERVICE_URL"] == "http://127.0.0.1:4711/x/user/bob%20b/gpu/"
    assert env["JUPYTERHUB_API_TOKEN"] == "t"
    assert env["JUPYTERHUB_USER"] == "{home}"
    assert env["JUPYTERHUB_BASE_URL"] == "/x/user/bob%20b/gpu/"  # the profile has the last word
    assert "JUPYTER_TOKEN" not in env


def test_programs_beside_the_gateways_python_come_first() -> None:
    order = ordering.order(LAUNCH, 4711, ALICE, {"PATH": "/bin"})
    assert order.env["PATH"].split(":")[0] == str(Path(sys.executable).parent)


def test_a_profile_may_set_a_path_but_not_the_marks() -> None:
    env = {"PATH": "/mine", "SERVER_START_ID": "x", "JUPYTER_TOKEN": "x"}
    launch = dataclasses.replace(LAUNCH, profile=dataclasses.replace(PROFILE, env=env))
    order = ordering.order(launch, 4711, ALICE, {})
    assert order.env["PATH"] == "/mine"
    assert order.env["SERVER_START_ID"] == "the-id"
    assert order.env["JUPYTER_TOKEN"] == "the-secret"


def test_the_secret_never_stands_on_a_command_line() -> None:
    order = ordering.order(dataclasses.replace(LAUNCH, profile=LAB.value()), 4711, ALICE, {})
    assert not [word for word in order.command if "the-secret" in word]
    assert "the-secret" not in order.title
    assert "--ServerApp.port=4711" in order.command


@pytest.mark.parametrize(
    ("allow", "who", "added"), [(True, ROOT, True), (True, ALICE, False), (False, ROOT, False), (False, ALICE, False)]
)
def test_root_is_allowed_for_a_gateway_that_runs_as_root(
    allow: bool, who: Account, added: bool, caplog: pytest.LogCaptureFixture
) -> None:
    launch = dataclasses.replace(LAUNCH, profile=LAB.value(), allow_root=allow)
    with caplog.at_level(logging.INFO):
        command = ordering.order(launch, 4711, who, {}).command
    assert (command[-1] == "--allow-root") is added
    assert ("runs as root: added --allow-root" in caplog.text) is added


@pytest.mark.parametrize("command", [(), ("",)])
def test_an_empty_command_is_refused(command: tuple[str, ...]) -> None:
    launch = dataclasses.replace(LAUNCH, profile=dataclasses.replace(PROFILE, command=command))
    with pytest.raises(StartFailed, match="empty"):
        ordering.order(launch, 4711, ALICE, {})


def test_a_name_in_the_log_cannot_forge_a_line() -> None:
    launch = dataclasses.replace(LAUNCH, profile=dataclasses.replace(PROFILE, command=("a\nb", "\x1b[31m")))
    assert ordering.order(launch, 4711, ALICE, {}).title.endswith(': ["a\\nb", "\\u001b[31m"]')
