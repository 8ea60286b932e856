"""`hubgate check`, `init`, `plugins`, `db upgrade`: looking at a gateway without running it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.options import Bind, Config, DataDir, Workers, checked, flags, note, say, settings
from gateway.errors import HubgateError

database = typer.Typer(help="The database.", no_args_is_help=True)


@database.callback()
def _database() -> None:
    """The database. (With a callback `upgrade` keeps its name though it is alone.)"""


def check(config: Config = None, bind: Bind = None, data_dir: DataDir = None, workers: Workers = None) -> None:
    """Show the settings in force, secrets masked; or every mistake in them."""
    from gateway import masking

    resolved = checked(flags(config, data_dir, bind, workers), certificate=True)
    say(masking.as_toml(resolved).rstrip("\n"))


def init(file: Annotated[Path, typer.Argument(metavar="[FILE]")] = Path("hubgate.toml")) -> None:
    """Write a settings file with every key, its default and its meaning."""
    template = resources.files("gateway").joinpath("hubgate.toml").read_text("utf-8")
    try:
        with file.open("x", encoding="utf-8") as made:
            made.write(template)
    except FileExistsError:
        raise HubgateError(f"{file} exists already and is left as it is") from None
    except OSError as error:
        raise HubgateError(f"{file} cannot be written: {error.strerror}") from None
    note(f"{file} is written; every key in it is commented out")


def plugins(config: Config = None, data_dir: DataDir = None) -> None:
    """List plugins: where each comes from, what it offers (`*`: in use), its hooks, options and faults."""
    from gateway import plugininfo, pluginmanager

    resolved = settings(config, data_dir)
    for line in plugininfo.lines(pluginmanager.load(resolved), resolved):
        say(line)


@database.command()
def upgrade(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Bring the database to this version, step by step. A start does the same."""
    from gateway import runfiles
    from gateway.store import migrate
    from gateway.store.backend import backend

    resolved = settings(config, data_dir)
    if dry_run:
        steps = migrate.pending(resolved.store.url, resolved.gateway.data_dir)
    else:
        runfiles.private_folder(resolved.gateway.data_dir)
        steps = migrate.upgrade(backend(resolved.store.url, resolved.gateway.data_dir))
    for step in steps:
        say(step)
    if not steps:
        note("the database is up to date")
