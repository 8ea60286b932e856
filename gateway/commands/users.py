"""`hubgate user …` and `hubgate token`: people, from the command line.

They write to the store like the hub does, whether it runs or not; a running hub
follows the store's change log, and a change is in force within a second.
"""

from __future__ import annotations

import asyncio
import getpass
import secrets
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from gateway import runfiles
from gateway.commands.opened import ACTOR, with_hub
from gateway.commands.options import Config, DataDir, note, say, settings
from gateway.errors import BadInput, Conflict, HubgateError, NotFound
from gateway.model import checked_name, normalise

if TYPE_CHECKING:
    from gateway.hookspecs import Authenticator
    from gateway.hub.core import Hub
    from gateway.settings import Settings

PAGE = 500
"""Users read at a time."""
PATIENCE = 5.0
"""Seconds beyond `stop_timeout` for a user to be gone."""

Name = Annotated[str, typer.Argument(metavar="NAME")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]

app = typer.Typer(help="Add, change, remove and list users.", no_args_is_help=True)


@app.command()
def add(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: FromStdin = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Add a user. Asks for a password on a terminal; else generates one and prints it."""

    async def act(hub: Hub) -> None:
        keeper = _keeper(hub)
        if await hub.users.get(checked_name(name)) is not None:
            raise Conflict(f"there is a user {checked_name(name)!r} already")
        password = _password(password_stdin) if keeper else None
        user = await hub.users.add(name, admin, by=ACTOR)
        if keeper and password:
            try:
                await keeper.set_password(user.name, password.value)
            except HubgateError:
                await hub.users.remove(user.name, by=ACTOR)  # nothing half-done is left
                raise
            password.show()

    with_hub(settings(config, data_dir), act)


@app.command()
def passwd(name: Name, password_stdin: FromStdin = False, config: Config = None, data_dir: DataDir = None) -> None:
    """Set a user's password. Asks for it on a terminal; else generates one and prints it."""

    async def act(hub: Hub) -> None:
        keeper = _keeper(hub)
        if keeper is None:
            raise HubgateError("none of the authenticators in use keeps passwords")
        user = await hub.users.get(normalise(name))
        if user is None:
            raise NotFound(f"there is no user {name!r}")
        password = _password(password_stdin)
        await keeper.set_password(user.name, password.value)
        password.show()

    with_hub(settings(config, data_dir), act)


@app.command()
def remove(name: Name, config: Config = None, data_dir: DataDir = None) -> None:
    """Remove a user; a running hub stops the user's servers first."""

    resolved = settings(config, data_dir)

    async def act(hub: Hub) -> None:
        from gateway.store import users

        user = normalise(name)
        if not any(server.state != "stopped" for server in await hub.servers.of_user(user)):
            await hub.users.remove(user, by=ACTOR)
            return
        await hub.store(users.mark_removing, user)
        await _removed(hub, user, resolved)

    with_hub(resolved, act)


@app.command("list")
def listing(config: Config = None, data_dir: DataDir = None) -> None:
    """List users: the name, a tab, and `admin` or nothing."""

    async def act(hub: Hub) -> None:
        offset = 0
        while users := await hub.users.listing(offset, PAGE):
            for user in users:
                say(f"{user.name}\t{'admin' if user.admin else ''}")
            offset += len(users)

    with_hub(settings(config, data_dir), act)


def token(
    name: Name,
    expires_in: Annotated[int | None, typer.Option(metavar="S", min=1, help="Seconds until it expires.")] = None,
    scope: Annotated[list[str] | None, typer.Option(metavar="S", help="May be repeated. [default: inherit]")] = None,
    purpose: Annotated[str, typer.Option("--note", metavar="T", help="What it is for.")] = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Make an API token for a user and print it; it is not shown again."""

    async def act(hub: Hub) -> None:
        value, _ = await hub.tokens.make(normalise(name), scope or None, purpose, expires_in, by=ACTOR)
        say(value)

    with_hub(settings(config, data_dir), act)


# ── inside ───────────────────────────────────────────────────────────────────


async def _removed(hub: Hub, name: str, resolved: Settings) -> None:
    """Only the hub may stop servers: wait until it has, if it runs."""
    if runfiles.running_pid(resolved.run_dir / "hub.pid") is None:
        note(f"{name!r} is locked out; the servers are stopped and the rest is removed when the hub runs")
        return
    until = time.monotonic() + resolved.spawner.stop_timeout + PATIENCE
    while await hub.users.get(name) is not None:
        if time.monotonic() > until:
            note(f"{name!r} is locked out; the servers are still being stopped")
            return
        await asyncio.sleep(0.1)


def _keeper(hub: Hub) -> Authenticator | None:
    from gateway.hub.passwords import keeper_of

    return keeper_of(hub.authenticators)


class _Password:
    def __init__(self, value: str, *, generated: bool = False) -> None:
        self.value = value
        self.generated = generated

    def show(self) -> None:
        if self.generated:
            say(self.value)


def _password(from_stdin: bool) -> _Password:
    """From standard input, or asked for on a terminal, or generated."""
    if from_stdin:
        value = sys.stdin.readline().rstrip("\r\n")
        if not value:
            raise BadInput("no password on standard input")
        return _Password(value)
    if not sys.stdin.isatty():
        return _Password(secrets.token_urlsafe(24), generated=True)
    value = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != value:
        raise BadInput("the two passwords differ")
    return _Password(value)
