"""Options that several subcommands share, and how a subcommand speaks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.config import Flags
    from gateway.settings import Settings

Config = Annotated[
    Path | None, typer.Option("-c", "--config", metavar="FILE", help="Settings file. [default: ./hubgate.toml]")
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", metavar="DIR", help="Overrides [gateway] data_dir.")]
Bind = Annotated[
    list[str] | None, typer.Option("--bind", metavar="HOST:PORT", help="Overrides [gateway] bind. May be repeated.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Overrides [gateway] workers; 0 = one a core.")
]
Inherit = Annotated[int | None, typer.Option("--inherit", metavar="FD", hidden=True)]


def flags(
    config: Path | None, data_dir: Path | None = None, bind: list[str] | None = None, workers: int | None = None
) -> Flags:
    from gateway.config import Flags

    return Flags(config=config, data_dir=data_dir, bind=tuple(bind or ()), workers=workers)


def settings(config: Path | None, data_dir: Path | None = None) -> Settings:
    from gateway import config as reader

    return reader.read(flags(config, data_dir))


def checked(given: Flags, *, certificate: bool = False) -> Settings:
    """The settings, what they say of plugins included: a mistake is found before anything starts.

    `certificate`: that one too, by whoever shows it to browsers.
    """
    from gateway import config, pluginmanager, tls
    from gateway.errors import HubgateError, SettingsError

    resolved = config.read(given)
    try:
        pluginmanager.load(resolved).validate()
    except SettingsError as error:
        raise SettingsError(config.located(error.mistakes, given)) from None
    if certificate and resolved.gateway.tls:
        try:
            tls.context(resolved.gateway.tls)
        except HubgateError as error:
            raise SettingsError(config.located([str(error)], given)) from None
    return resolved


def say(text: str) -> None:
    """A result. At once, because it may go through a pipe to somebody who waits for it."""
    print(text, flush=True)


def note(text: str) -> None:
    """A diagnostic: nothing that a script would want."""
    print(text, file=sys.stderr, flush=True)
