"""The command `hubgate`: its subcommands, and what an error looks like.

Exit code 0 = fine, 1 = failed at run time, 2 = wrong usage or settings.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway import __version__
from gateway.commands import audit, inspect, keys, serve, status, users
from gateway.commands.options import note, say
from gateway.errors import HubgateError, SettingsError

app = typer.Typer(
    add_completion=False,
    help="A programmable gateway for multi-user Jupyter.",
    no_args_is_help=True,
    # Its tracebacks show local variables, and those may be secrets.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    serve.run,
    serve.hub,
    serve.proxy,
    inspect.check,
    inspect.init,
    status.status,
    users.token,
    inspect.plugins,
):
    app.command()(command)
app.add_typer(users.app, name="user")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(inspect.database, name="db")


def _version(wanted: bool) -> None:
    if wanted:
        say(f"hubgate {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A programmable gateway for multi-user Jupyter."""


def main() -> None:
    """The console script. What Hubgate itself raises becomes lines on stderr, everything else is a bug."""
    try:
        app(prog_name="hubgate")
    except SettingsError as error:
        for mistake in error.mistakes:
            note(mistake)
        sys.exit(2)
    except HubgateError as error:
        note(f"hubgate: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
