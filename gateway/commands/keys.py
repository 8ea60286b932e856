"""`hubgate keys rotate`: a new key for the identities that servers and services are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gateway.commands.opened import ACTOR, with_hub
from gateway.commands.options import Config, DataDir, note, say, settings

if TYPE_CHECKING:
    from gateway.hub.core import Hub

app = typer.Typer(help="The key that signs identities.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """The key that signs identities. (With a callback `rotate` keeps its name though it is alone.)"""


@app.command()
def rotate(config: Config = None, data_dir: DataDir = None) -> None:
    """Sign with a new key from now on, and print its id. The one before is published until its tokens are over."""

    async def act(hub: Hub) -> None:
        say(await hub.rotation.rotate(by=ACTOR))
        note("servers and services that keep a copy of jwks.json must read it again")

    with_hub(settings(config, data_dir), act)
