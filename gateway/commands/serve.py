"""`hubgate run`, `hubgate hub`, `hubgate proxy`: the processes that stay."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from gateway.commands.options import Bind, Config, DataDir, Inherit, Workers, checked, flags, say

if TYPE_CHECKING:
    from gateway.config import Flags
    from gateway.inheritance import Inherited
    from gateway.settings import Settings


def run(config: Config = None, bind: Bind = None, data_dir: DataDir = None, workers: Workers = None) -> None:
    """Run the gateway: the supervisor, the hub, and the proxy workers."""
    from gateway import log, supervisor

    given = flags(config, data_dir, bind, workers)

    def read() -> Settings:
        return checked(given, certificate=True)

    settings = read()
    log.set_up("supervisor")
    code = supervisor.run(settings, reread=read, command=lambda role: child(role, given), announce=_announce)
    raise typer.Exit(code)


def hub(
    config: Config = None,
    bind: Bind = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    inherit: Inherit = None,
) -> None:
    """Run the hub alone: users, servers, pages, API."""
    from gateway import log

    given = flags(config, data_dir, bind, workers)
    settings, inherited = _received(given, inherit, checked)
    log.set_up("hub")
    from gateway.hub import process

    raise typer.Exit(process.run(settings, inherited))


def proxy(
    config: Config = None,
    bind: Bind = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    inherit: Inherit = None,
) -> None:
    """Run one proxy worker alone: what users connect to."""
    from gateway import config as reader
    from gateway import kernel, log

    given = flags(config, data_dir, bind, workers)
    if inherit is not None:
        # All that takes time comes before the wait, so that a process in waiting is quick when it is needed.
        from gateway.proxy import worker
    settings, inherited = _received(given, inherit, reader.read)
    log.set_up(f"worker-{inherited.worker if inherited else 1}")
    kernel.raise_file_limit()
    from gateway.proxy import worker

    raise typer.Exit(worker.run(settings, given, inherited))


def child(role: str, given: Flags) -> Sequence[str]:
    """The command line of a child. `-P`: what lies in the current folder is not ours to import."""
    return [sys.executable, "-P", "-m", "gateway.cli", role, *given.argv()]


def _received(
    given: Flags, inherit: int | None, read: Callable[[Flags], Settings]
) -> tuple[Settings, Inherited | None]:
    """What the supervisor handed over; the process reads the settings itself when it is alone."""
    from gateway import inheritance

    inherited = None if inherit is None else inheritance.from_pipe(inherit)
    return (inherited.settings if inherited else None) or read(given), inherited


def _announce(text: str) -> None:
    with contextlib.suppress(OSError):  # whoever started us may not listen any more
        say(text)
