"""user add, passwd, remove, list; token: on a real store, with no hub running."""

from __future__ import annotations

import asyncio
import getpass
import io
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from gateway import config
from gateway.hookspecs import LoginRequest
from gateway.hub.core import Hub
from gateway.model import Server, digest
from gateway.store import servers, tokens
from plugins.authenticators.native import NativeAuthenticator
from tests.gateway.commands.conftest import Run

PASSWORD = "correct horse battery"


def with_hub[R](act: Callable[[Hub], Coroutine[Any, Any, R]]) -> R:
    """Look into the store as the hub does."""

    async def run() -> R:
        hub = await Hub.open(config.read(config.Flags()))
        try:
            return await act(hub)
        finally:
            await hub.close()

    return asyncio.run(run())


def lets_in(name: str, password: str) -> bool:
    async def act(hub: Hub) -> bool:
        form = {"username": name, "password": password}
        return await hub.authenticators[0].authenticate(form, LoginRequest("127.0.0.1", {})) is not None

    return with_hub(act)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt's cost is no subject here."""
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def type_(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return type_


def test_a_generated_password_is_printed_and_nothing_else(hubgate: Run) -> None:
    code, out, err = hubgate("user", "add", "Alice")
    assert (code, err) == (0, "")
    (password,) = out.splitlines()
    assert len(password) >= 20
    assert lets_in("alice", password)
    assert not lets_in("alice", password + "x")


def test_a_password_from_standard_input(hubgate: Run, typed: Callable[[str], None]) -> None:
    typed(PASSWORD + "\n")
    assert hubgate("user", "add", "alice", "--admin", "--password-stdin") == (0, "", "")
    assert lets_in("alice", PASSWORD)
    typed("another " + PASSWORD)
    assert hubgate("user", "passwd", "ALICE", "--password-stdin") == (0, "", "")
    assert lets_in("alice", "another " + PASSWORD)


def test_a_password_from_the_terminal(hubgate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter([PASSWORD, PASSWORD, "one", "two"])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    assert hubgate("user", "add", "alice") == (0, "", "")
    assert lets_in("alice", PASSWORD)
    assert hubgate("user", "passwd", "alice") == (1, "", "hubgate: the two passwords differ\n")
    assert lets_in("alice", PASSWORD)


def test_a_user_with_a_refused_password_is_not_made(hubgate: Run, typed: Callable[[str], None]) -> None:
    typed("short\n")
    code, out, err = hubgate("user", "add", "alice", "--password-stdin")
    assert (code, out) == (1, "")
    assert "12" in err
    typed("")
    assert hubgate("user", "add", "alice", "--password-stdin") == (1, "", "hubgate: no password on standard input\n")
    assert hubgate("user", "list").out == ""


@pytest.mark.parametrize("name", ["../x", "a%2Fb", "", " ", "...", "x" * 300, "a\nb"])
def test_names_that_are_refused(hubgate: Run, name: str) -> None:
    code, out, err = hubgate("user", "add", "--", name)
    assert (code, out) == (1, "")
    assert err.startswith("hubgate: user name must not ")
    assert len(err.splitlines()) == 1


def test_odd_names_that_are_fine(hubgate: Run) -> None:
    for name in ("a@b.c", "x y", "Ünï"):
        assert hubgate("user", "add", name).code == 0
    assert hubgate("user", "add", "root", "--admin").code == 0
    assert hubgate("user", "list") == (0, "a@b.c\t\nroot\tadmin\nx y\t\nünï\t\n", "")


def test_a_second_user_of_that_name(hubgate: Run) -> None:
    first = hubgate("user", "add", "alice").out.strip()
    assert hubgate("user", "add", "ALICE") == (1, "", "hubgate: there is a user 'alice' already\n")
    assert lets_in("alice", first)


def test_nobody_of_that_name(hubgate: Run) -> None:
    for arguments in (("user", "passwd", "bob"), ("user", "remove", "bob"), ("token", "bob")):
        assert hubgate(*arguments) == (1, "", "hubgate: there is no user 'bob'\n")


def test_without_an_authenticator_that_keeps_passwords(hubgate: Run, folder: Path) -> None:
    (folder / "hubgate.toml").write_text('[authenticator]\nplugin = "dummy"\n[authenticator.dummy]\npassword = "x"\n')
    assert hubgate("user", "add", "alice") == (0, "", "")
    code, out, err = hubgate("user", "passwd", "alice")
    assert (code, out, err) == (1, "", "hubgate: none of the authenticators in use keeps passwords\n")


def test_removed(hubgate: Run) -> None:
    password = hubgate("user", "add", "alice").out.strip()
    assert hubgate("user", "remove", "Alice") == (0, "", "")
    assert hubgate("user", "list").out == ""
    assert not lets_in("alice", password)


def test_a_user_with_servers_is_locked_out_until_the_hub_has_stopped_them(
    hubgate: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.commands.users.PATIENCE", 0.2)
    monkeypatch.setenv("HUBGATE_SPAWNER__STOP_TIMEOUT", "0")
    hubgate("user", "add", "alice")

    async def busy(hub: Hub) -> None:
        await hub.store(servers.put, Server("alice", "", state="ready"))

    with_hub(busy)
    code, out, err = hubgate("user", "remove", "alice")
    assert (code, out) == (0, "")
    assert "when the hub runs" in err

    async def removing(hub: Hub) -> bool:
        user = await hub.users.get("alice")
        return user is not None and user.removing

    assert with_hub(removing)
    (folder / "hubgate-data/run").mkdir(exist_ok=True)
    (folder / "hubgate-data/run/hub.pid").write_text(f"{os.getpid()}\n")
    assert hubgate("user", "remove", "alice").err.endswith("the servers are still being stopped\n")


def test_a_token(hubgate: Run, folder: Path) -> None:
    hubgate("user", "add", "alice")
    code, out, err = hubgate("token", "Alice", "--expires-in", "60", "--scope", "read:users!user=alice", "--note", "ci")
    assert (code, err) == (0, "")
    (value,) = out.splitlines()
    assert 8 <= len(value) <= 256

    async def find(hub: Hub) -> Any:
        return await hub.store(tokens.find, digest(value), 0.0)

    token, user = with_hub(find)
    assert (token.note, token.scopes, user.name) == ("ci", ("read:users!user=alice",), "alice")
    assert token.expires_at == pytest.approx(token.created + 60)
    assert not any(value.encode() in path.read_bytes() for path in (folder / "hubgate-data").glob("hubgate.sqlite*"))


@pytest.mark.parametrize(
    "more", [["--scope", "no:such"], ["--scope", "admin:users"], ["--note", "x" * 1000]], ids=lambda more: more[1][:12]
)
def test_a_token_that_may_not_be(hubgate: Run, more: list[str]) -> None:
    hubgate("user", "add", "alice")
    code, out, err = hubgate("token", "alice", *more)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1


def test_an_expiry_that_is_none(hubgate: Run) -> None:
    assert hubgate("token", "alice", "--expires-in", "0").code == 2
