"""The supervisor (`hubgate run`): starts the hub and the workers and starts again what dies.

It binds the sockets and hands them on, so that a killed worker loses no queued
connection. It makes the channel secret, which outlives each hub. It never touches
traffic, the store or a user's server.

One loop owns all children: `_reap` takes every exit, of its own children and of
orphans that it has adopted as child subreaper (users' servers of a killed hub),
so no exit code is lost and no zombie stays. A worker takes a second or two to load
its program; so one more process has done that already and waits. It takes the
place of a worker that dies, at once. If the supervisor itself is killed,
the kernel tells its children (`Child.start`): workers drain and end, the hub
leaves without touching users' servers, and a new `hubgate run` finds the way free.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from gateway import config, kernel, listen, runfiles
from gateway.children import DOWN, RESTART, Child, Prepared, described, prepare
from gateway.errors import HubgateError, SettingsError
from gateway.inheritance import Inherited
from gateway.settings import Settings

log = logging.getLogger(__name__)

START_TIMEOUT = 120.0
"""Seconds until log-ins must work for the first time."""
DEATHS = 3
"""Kills of one child before the gateway was ever ready that are put up with."""
GRACE = 5.0
"""Seconds beyond what the settings allow before a child is killed."""
SERVICES = 8.0
"""Seconds that the hub gets to stop services that it runs."""
HURRY = 3.0
"""Seconds that the hub has left when somebody insists."""
LEAVE = 10.0
"""Seconds in which the hub must leave on SIGHUP."""
SPARE = 2.0
"""Seconds after which a process is made to wait, so that it is in nobody's way at the start."""
SPARE_LATER = 30.0
"""Seconds to the next one, should that die."""
TAKE_OVER = 5.0
"""Seconds for the workers of a killed supervisor to let go of the port."""


def run(
    settings: Settings,
    *,
    reread: Callable[[], Settings],
    command: Callable[[str], Sequence[str]],
    announce: Callable[[str], None],
) -> int:
    """Run the gateway until it is told to stop, and give the exit code.

    `reread` reads and checks the settings again (SIGHUP). `command` makes a child's
    command line from its role, `hub` or `proxy`. `announce` tells the user once
    where the gateway is.
    """
    runfiles.private_folder(settings.gateway.data_dir)
    run_dir = runfiles.private_folder(settings.run_dir)
    pid_file = run_dir / "supervisor.pid"
    lock = runfiles.lock(run_dir / "supervisor.lock", "supervisor")
    try:
        # A pid file without a lock: the last supervisor was killed, its workers may still be ending.
        patience = TAKE_OVER if pid_file.exists() else 0.0
        listeners = listen.open_all(settings.gateway.bind, patience)
        redirects = listen.open_all(settings.gateway.redirect_binds, patience)
        supervisor = Supervisor(settings, listeners, redirects, reread=reread, command=command, announce=announce)
        try:
            return asyncio.run(supervisor.run(pid_file))
        finally:
            listen.close_all([*listeners, *redirects])
            runfiles.remove_pid(pid_file)
    finally:
        os.close(lock)


class Supervisor:
    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[socket.socket],
        redirects: Sequence[socket.socket] = (),
        *,
        reread: Callable[[], Settings],
        command: Callable[[str], Sequence[str]],
        announce: Callable[[str], None],
    ) -> None:
        self._read = settings
        """As they were read, where port 0 is still 0."""
        binds = listen.actual(settings.gateway.bind, listeners)
        self._settings = settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"bind": binds})})
        self._listeners = listeners
        self._redirects = redirects
        self._reread = reread
        self._command = command
        self._announce = announce
        self._secret = secrets.token_urlsafe(32)
        self._hub = Child(0)
        self._workers = [Child(number + 1) for number in range(settings.gateway.workers or _cores())]
        self._spare: Prepared | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        """One for each thing that may be due: a child's next start, or its end."""
        self._announced = False
        self._stopping = False
        self._code = 0

    async def run(self, pid_file: Path) -> int:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        handlers = {
            signal.SIGCHLD: self._reap,
            signal.SIGHUP: self._reload,
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._interrupt,
        }
        for number, handler in handlers.items():
            self._loop.add_signal_handler(number, handler)
        kernel.adopt_orphans()
        runfiles.write_pid(pid_file)
        self._after(START_TIMEOUT, "start", self._too_slow)
        for child in self._children:
            self._start(child)
        await self._done.wait()
        return self._code

    @property
    def _children(self) -> list[Child]:
        return [self._hub, *self._workers]

    # ── starting ─────────────────────────────────────────────────────────────

    def _start(self, child: Child) -> None:
        spare = None
        if child.number:
            spare, self._spare = self._spare, None
        try:
            prepared = spare or self._prepare(child.role)
        except OSError as error:
            log.error("%s cannot be started: %s", child.name, error)
            self._start_later(child, child.ended(1, time.monotonic()) or 1.0)
            return
        child.start(prepared, partial(self._inherited, child), time.monotonic())
        self._loop.add_reader(child.ready_fd, self._heard, child)

    def _prepare(self, role: str) -> Prepared:
        return prepare(role, self._command(role), self._fds(role))

    def _prepare_spare(self) -> None:
        try:
            self._spare = self._prepare("proxy")
        except OSError as error:
            log.warning("no process can be made to wait for a worker's death: %s", error)

    def _fds(self, role: str) -> tuple[int, ...]:
        return tuple(each.fileno() for each in (*self._listeners, *self._redirects)) if role == "proxy" else ()

    def _inherited(self, child: Child, ready: int) -> Inherited:
        return Inherited(
            secret=self._secret,
            listeners=tuple(each.fileno() for each in self._listeners) if child.number else (),
            redirects=tuple(each.fileno() for each in self._redirects) if child.number else (),
            worker=child.number,
            ready=ready,
            address=self._settings.public_url,
            settings=self._settings,
        )

    def _heard(self, child: Child) -> None:
        """A child's ready pipe: it is at work, or it closed the pipe without a word."""
        try:
            said = os.read(child.ready_fd, 64)
        except BlockingIOError:
            return
        self._deaf(child)
        if not said:
            return
        child.ready_since = time.monotonic()
        log.info("%s (pid %d) is ready after %.1f s", child.name, child.pid, child.ready_since - child.started)
        if self._stopping:
            child.signal(signal.SIGTERM)
            return
        if not self._announced and all(child.ready for child in self._children):
            self._announced = True
            self._cancel("start")
            self._announce(f"Hubgate is ready at {self._settings.public_url}")
        if self._spare is None and all(worker.ready for worker in self._workers):
            self._after(SPARE, "spare", self._prepare_spare)

    def _deaf(self, child: Child) -> None:
        """Listen no more for a child's being ready."""
        if child.ready_fd >= 0:
            self._loop.remove_reader(child.ready_fd)
            os.close(child.ready_fd)
            child.ready_fd = -1

    def _too_slow(self) -> None:
        late = ", ".join(child.name for child in self._children if not child.ready)
        self._fail(f"not ready within {START_TIMEOUT:g} s: {late}", 1)

    def _start_later(self, child: Child, delay: float) -> None:
        self._after(delay, child.name, partial(self._start, child))

    # ── what died ────────────────────────────────────────────────────────────

    def _reap(self) -> None:
        """Take every exit there is: one SIGCHLD may stand for several."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            child = next((child for child in self._children if child.pid == pid), None)
            if child:
                self._ended(child, code)
            elif self._spare and self._spare.process.pid == pid:
                self._spare_ended(self._spare, code)
            else:
                log.debug("orphan %d %s", pid, described(code))

    def _spare_ended(self, spare: Prepared, code: int) -> None:
        spare.process.returncode = code
        spare.discard()
        self._spare = None
        if self._stopping:
            self._finish_when_all_ended()
        else:
            log.warning("the process that waited for a worker's death (pid %d) %s", spare.process.pid, described(code))
            self._after(SPARE_LATER, "spare", self._prepare_spare)

    def _ended(self, child: Child, code: int) -> None:
        pid, asked = child.pid, child.restart_asked
        self._cancel(child.name)
        self._deaf(child)
        delay = child.ended(code, time.monotonic())
        if self._stopping:
            self._forget(child, pid)
            self._finish_when_all_ended()
        elif code == 0 and not child.number and not asked:
            log.info("the hub ended by itself; so does the gateway")
            self._stop()
        elif code == DOWN and not child.number and not asked:
            log.warning("the hub was told to end alone; workers serve what they know. SIGHUP starts it again")
        elif not self._announced and not asked and code > 0 and code != RESTART:
            self._fail(f"{child.name} cannot start: it {described(code)}", 2 if code == 2 else 1)
        elif not self._announced and child.failures > DEATHS:
            self._fail(f"{child.name} cannot start: it {described(code)}, {child.failures} times", 1)
        elif asked:
            log.info("%s (pid %d) has left and starts again", child.name, pid)
            self._start(child)
        else:
            when = f"in {delay:g} s" if delay else "at once"
            log.warning("%s (pid %d) %s; it starts again %s", child.name, pid, described(code), when)
            self._start_later(child, delay)

    def _forget(self, child: Child, pid: int) -> None:
        """A killed child could not remove its pid file."""
        path = self._settings.run_dir / f"{child.name}.pid"
        if runfiles.read_pid(path) == pid:
            path.unlink(missing_ok=True)

    # ── signals ──────────────────────────────────────────────────────────────

    def _reload(self) -> None:
        """SIGHUP: bad settings change nothing; good ones restart the hub and are told to the workers."""
        if self._stopping:
            return
        try:
            new = self._reread()
        except SettingsError as error:
            for mistake in error.mistakes:
                log.error("settings: %s", mistake)
            log.error("the settings were not changed")
            return
        except HubgateError as error:
            log.error("the settings were not changed: %s", error)
            return
        if fixed := config.changed(self._read, new):
            log.warning("only a restart of the gateway changes %s", ", ".join(fixed))
        self._settings = config.renewed(self._settings, new)
        log.info("settings read again")
        self._restart_hub()
        for worker in self._workers:
            if worker.ready:  # another one reads them when it starts
                worker.signal(signal.SIGHUP)

    def _restart_hub(self) -> None:
        if not self._hub.running:
            self._cancel(self._hub.name)
            self._start(self._hub)
            return
        self._hub.restart_asked = True
        self._hub.signal(signal.SIGHUP)
        self._after(LEAVE, self._hub.name, partial(self._kill, self._hub))

    def _interrupt(self) -> None:
        """Ctrl-C; the second one does not wait any more."""
        if not self._stopping:
            self._stop()
            return
        log.warning("in a hurry: connections are cut")
        for worker in self._workers:
            worker.signal(signal.SIGKILL)
        self._hub.signal(signal.SIGTERM)
        self._after(HURRY, self._hub.name, partial(self._kill, self._hub))

    # ── ending ───────────────────────────────────────────────────────────────

    def _fail(self, message: str, code: int) -> None:
        log.error("%s", message)
        self._code = code
        self._stop()

    def _stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        for name in list(self._timers):
            self._cancel(name)
        listen.close_all([*self._listeners, *self._redirects])
        if self._spare:
            os.kill(self._spare.process.pid, signal.SIGKILL)  # it has nothing to lose
        gateway, spawner = self._settings.gateway, self._settings.spawner
        for child in self._children:
            # A hub that begins anew does not know yet what it is to stop: it is told when it is ready.
            if child.number or child.ready or not self._announced:
                child.signal(signal.SIGTERM)
            allowed = gateway.drain_seconds + GRACE
            if not child.number and gateway.stop_servers_on_exit:
                allowed += spawner.stop_timeout
            if not child.number and any(service.managed for service in self._settings.services):
                allowed += SERVICES
            self._after(allowed, child.name, partial(self._kill, child))
        self._finish_when_all_ended()

    def _finish_when_all_ended(self) -> None:
        if self._spare is None and not any(child.running for child in self._children):
            for name in list(self._timers):
                self._cancel(name)
            self._done.set()

    def _kill(self, child: Child) -> None:
        if child.running:
            log.warning("%s (pid %d) does not end and is killed", child.name, child.pid)
            child.signal(signal.SIGKILL)

    # ── timers ───────────────────────────────────────────────────────────────

    def _after(self, delay: float, name: str, action: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = self._loop.call_later(delay, action)

    def _cancel(self, name: str) -> None:
        with contextlib.suppress(KeyError):
            self._timers.pop(name).cancel()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
