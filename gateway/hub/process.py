"""The process around the hub: `hubgate hub`.

SIGTERM and SIGINT end it cleanly, with users' servers if the settings say so; a
second one gives those no more time. SIGHUP means: leave at once without touching
any server, and be started again by whoever did so (exit code 75).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import uvloop

from gateway import __version__, inheritance, runfiles
from gateway.hub import firststart, web
from gateway.hub.asgi import App, Root
from gateway.hub.core import Hub, Shutdown
from gateway.inheritance import Inherited
from gateway.pluginmanager import load_app
from gateway.settings import Settings

log = logging.getLogger(__name__)

RESTART = 75
"""Exit code: start me again."""
DOWN = 76
"""Exit code: I was told to end alone, do not start me again."""
FAREWELL = 0.5
"""Seconds in which the answer to whoever asked for the end leaves the house."""
FLUSH = 2.0
"""Seconds for what must be written before the hub leaves."""


def run(settings: Settings, inherited: Inherited | None = None) -> int:
    """Run the hub until a signal ends it, and give the exit code. Raises `HubgateError`."""
    runfiles.private_folder(settings.gateway.data_dir)
    run_dir = runfiles.private_folder(settings.run_dir)
    lock = runfiles.lock(run_dir / "hub.lock", "hub")
    pid_file = run_dir / "hub.pid"
    try:
        runfiles.write_pid(pid_file)
        secret = inheritance.channel_secret(settings, inherited)
        return uvloop.run(_Process(settings, secret, inherited).run())
    finally:
        runfiles.remove_pid(pid_file)
        os.close(lock)


class _Process:
    def __init__(self, settings: Settings, secret: str, inherited: Inherited | None) -> None:
        self._settings = settings
        self._secret = secret
        self._inherited = inherited
        self._public_url = (inherited.address if inherited else "") or settings.public_url
        self._started = time.time()
        self._asked = asyncio.Event()
        self._leaving = False
        self._wish = Shutdown()

    async def run(self) -> int:
        hub = await Hub.open(self._settings)
        hub.public_url = self._public_url
        try:
            create_app = load_app()
            # What cannot be listened on must be known before anything is adopted or said.
            listener = web.listener(self._settings.hub_bind)
            try:
                return await self._serve(hub, create_app, listener)
            finally:
                self._clear_away(listener)
        finally:
            await hub.close()

    async def _serve(self, hub: Hub, create_app: Callable[[Hub], App], listener: socket.socket) -> int:
        self._listen_to_signals(hub)
        await hub.lead()
        # Before the start, which makes the users of the settings.
        await firststart.make_admin(hub, os.environ, _say)
        await hub.start()
        hub.on_shutdown = self._shut_down
        hub.workers.on_change = lambda: self._write_status(hub)
        self._write_status(hub)
        server = web.Server(Root(self._secret, hub.channel, create_app(hub)), self._ready)
        serving = asyncio.create_task(server.serve([listener]))
        asking = asyncio.create_task(self._asked.wait())
        await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if self._leaving:
            server.should_exit = True
            await serving
            await self._leave(hub)
        wanted = self._wish.servers
        await hub.end(servers=self._settings.gateway.stop_servers_on_exit if wanted is None else wanted)
        server.should_exit = True
        await serving
        return 0 if self._wish.proxy else DOWN

    def _clear_away(self, listener: socket.socket) -> None:
        """The files of a hub that ends; one that leaves lets its successor replace them."""
        listener.close()
        (self._settings.run_dir / "status.json").unlink(missing_ok=True)
        if isinstance(place := self._settings.hub_bind, Path):
            place.unlink(missing_ok=True)

    async def _leave(self, hub: Hub) -> None:
        """Not one task is cancelled: what a spawner is about to do counts, as at any sudden death.

        It comes back only if the hub was told to end meanwhile, when nobody would start it again.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH):
                await hub.activity.flush()
                await hub.visits.flush()
                await hub.captures.flush()
        if not self._leaving:
            return
        log.info("the hub leaves and is to be started again")
        logging.shutdown()
        os._exit(RESTART)

    # ── signals ──────────────────────────────────────────────────────────────

    def _listen_to_signals(self, hub: Hub) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, hub)
        loop.add_signal_handler(signal.SIGHUP, self._restart)

    def _end(self, hub: Hub) -> None:
        if self._leaving:
            self._leaving = False
        elif self._asked.is_set():
            hub.hurry()
        self._asked.set()

    def _shut_down(self, wish: Shutdown) -> None:
        """A clean end; the supervisor takes the exit code as the end of the gateway, or of the hub alone."""
        self._wish = wish
        log.warning("the end of %s was asked for by the API", "the gateway" if wish.proxy else "the hub alone")
        asyncio.get_running_loop().call_later(FAREWELL, self._asked.set)

    def _restart(self) -> None:
        if not self._asked.is_set():
            self._leaving = True
            self._asked.set()

    # ── what others see ──────────────────────────────────────────────────────

    def _ready(self) -> None:
        log.info("the hub is at work on %s", self._settings.hub_bind)
        inheritance.tell_ready(self._inherited)

    def _write_status(self, hub: Hub) -> None:
        workers = [{"worker": each.worker, "pid": each.pid, "since": each.since} for each in hub.workers.listing()]
        status = {
            "version": __version__,
            "started": self._started,
            "address": self._public_url,
            "workers": workers,
        }
        try:
            runfiles.write_json(self._settings.run_dir / "status.json", status)
        except OSError as error:
            log.error("status.json cannot be written: %s", error)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
