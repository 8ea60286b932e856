"""`hubgate audit …`: is the audit whole, and what stands in it?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from gateway.commands.options import Config, DataDir, note, say, settings
from gateway.errors import HubgateError

if TYPE_CHECKING:
    from gateway.store.store import Store

app = typer.Typer(help="Who did what, and whether the record of it is whole.", no_args_is_help=True)


@app.command()
def verify(config: Config = None, data_dir: DataDir = None) -> None:
    """Follow the chain of all rows; fails when one was changed, removed or put elsewhere."""
    from gateway.store import audit

    async def act(store: Store) -> None:
        chain = await store(audit.verify)
        if chain.problem:
            raise HubgateError(f"the audit is not whole: {chain.problem} ({chain.rows} rows before it are in order)")
        say(f"{chain.rows}\t{chain.head}")
        note("the audit is whole; the second word is its newest hash, to be kept elsewhere")

    _with_store(config, data_dir, act)


@app.command()
def export(config: Config = None, data_dir: DataDir = None) -> None:
    """Print every row as a line of JSON, the oldest first."""
    from gateway.store import audit

    async def act(store: Store) -> None:
        number = 0
        while entries := await store(audit.after, number):
            for entry in entries:
                say(json.dumps(asdict(entry)))
            number = entries[-1].number

    _with_store(config, data_dir, act)


def _with_store(config: Config, data_dir: DataDir, act: Callable[[Store], Awaitable[None]]) -> None:
    from gateway import runfiles
    from gateway.store.store import Store

    resolved = settings(config, data_dir)

    async def run() -> None:
        runfiles.private_folder(resolved.gateway.data_dir)
        store = await Store.open(resolved.store.url, resolved.gateway.data_dir)
        try:
            await act(store)
        finally:
            await store.close()

    asyncio.run(run())
