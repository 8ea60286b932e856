"""`hubgate run`, `hubgate hub`, `hubgate proxy`: the processes that stay."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from gateway.commands.options import Bind, Config, DataDir, Inherit, Workers, flags, say

if TYPE_CHECKING:
    from gateway.config import Flags
    from gateway.inheritance import Inherited
    from gateway.settings import Settings


def run(config: Config = None, bind: Bind = None, data_dir: DataDir = None, workers: Workers = None) -> None:
    """Run the gateway: the supervisor, the hub, and the proxy workers."""
    from gateway import log, supervisor

    given = flags(config, data_dir, bind, workers)
    checked = _checked(given)
    log.set_up("supervisor")
    code = supervisor.run(
        checked, reread=lambda: _checked(given), command=lambda role: child(role, given), announce=_announce
    )
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
    settings, inherited = _received(given, inherit)
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
    from gateway import kernel, log

    given = flags(config, data_dir, bind, workers)
    settings, inherited = _received(given, inherit)
    log.set_up(f"worker-{inherited.worker if inherited else 1}")
    kernel.raise_file_limit()
    from gateway.proxy import worker

    raise typer.Exit(worker.run(settings, given, inherited))


def child(role: str, given: Flags) -> Sequence[str]:
    """The command line of a child. `-P`: what lies in the current folder is not ours to import."""
    return [sys.executable, "-P", "-m", "gateway.cli", role, *given.argv()]


def _checked(given: Flags) -> Settings:
    """The settings, the plugins' options among them: a mistake is found before anything starts."""
    from gateway import config, pluginmanager

    settings = config.read(given)
    pluginmanager.load(settings).validate()
    return settings


def _received(given: Flags, inherit: int | None) -> tuple[Settings, Inherited | None]:
    from gateway import config, inheritance

    if inherit is None:
        return config.read(given), None
    inherited = inheritance.from_pipe(inherit)
    return inherited.settings or config.read(given), inherited


def _announce(text: str) -> None:
    with contextlib.suppress(OSError):  # whoever started us may not listen any more
        say(text)
