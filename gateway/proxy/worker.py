"""The process of a proxy worker: `hubgate proxy`.

SIGTERM and SIGINT: take no new connections, finish what is in hand within
`drain_seconds`, leave; a second one does not wait. SIGHUP: read the settings
again, as far as they can change.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import psutil
import uvloop

from gateway import config, inheritance, listen, pluginmanager, runfiles, tls
from gateway.channel.client import Client
from gateway.config import Flags
from gateway.errors import HubgateError
from gateway.inheritance import Inherited
from gateway.log import ACCESS
from gateway.proxy import scripts
from gateway.proxy.accesslog import AccessLog
from gateway.proxy.asks import Asks
from gateway.proxy.desk import Desk
from gateway.proxy.developing import Developing
from gateway.proxy.edge import AGAIN, GOING_AWAY, Edge
from gateway.proxy.entrance import Plain, Secure
from gateway.proxy.exchange import Exchange
from gateway.proxy.hubside import HubSide
from gateway.proxy.matching import Matches
from gateway.proxy.mitm import Master
from gateway.proxy.policies import Policies
from gateway.proxy.quota import Quota
from gateway.proxy.recorder import Recorder
from gateway.proxy.redirect import Redirects
from gateway.proxy.reel import Reel
from gateway.proxy.replica import Replica
from gateway.proxy.server import Arrival, Entrance, HubgateInstance
from gateway.proxy.site import Site
from gateway.settings import Settings

log = logging.getLogger(__name__)

FIRST_TABLE = 5.0
"""Seconds to wait for the hub before connections are taken without it, and told so."""
SWEEP = 1.0
LAPSES = 0.5
"""Seconds between two looks for what has ended by time alone."""
LOGGED = 0.2
"""Seconds that a line of the access log may wait for others."""
RECORDED = 0.05
"""Seconds that a capture's record may wait for others."""
HURRIED = 8
"""Messages to the hub that may wait when a capture's records are sent."""
ACTIVITY = 3.0
"""Seconds between two reports of what was used."""
MEASURED = 1.0
"""Seconds between two reports for the metrics."""
LAST_WORDS = 0.5
"""Seconds for close frames at the very end."""


def run(settings: Settings, flags: Flags, inherited: Inherited | None = None) -> int:
    """Serve until a signal ends it, and give the exit code. Raises `HubgateError`."""
    run_dir = runfiles.private_folder(runfiles.private_folder(settings.gateway.data_dir) / "run")
    pid_file = run_dir / f"worker-{inherited.worker if inherited else 1}.pid"
    secret = inheritance.channel_secret(settings, inherited)
    listening = _Listening.of(settings, inherited)
    try:
        runfiles.write_pid(pid_file)
        return uvloop.run(_Worker(settings, flags, inherited, secret, listening).run())
    finally:
        runfiles.remove_pid(pid_file)
        listen.close_all([*listening.main, *listening.redirects])


class _Listening(NamedTuple):
    """The listening sockets."""

    main: Sequence[socket.socket]
    redirects: Sequence[socket.socket]
    """For plain http beside https."""

    @classmethod
    def of(cls, settings: Settings, inherited: Inherited | None) -> Self:
        if inherited is not None:
            return cls(listen.inherited(inherited.listeners), listen.inherited(inherited.redirects))
        main = listen.open_all(settings.gateway.bind)
        return cls(main, listen.open_all(settings.gateway.redirect_binds))

    @property
    def ports(self) -> set[int]:
        return {each.getsockname()[1] for each in (*self.main, *self.redirects)}


class _Worker:
    def __init__(
        self,
        settings: Settings,
        flags: Flags,
        inherited: Inherited | None,
        secret: str,
        listening: _Listening,
    ) -> None:
        self._settings = settings
        self._flags = flags
        self._inherited = inherited
        self._listening = listening
        self._tls = tls.Keeper(found, log.warning) if (found := settings.gateway.tls) else None
        self._addresses = [each.getsockname()[:2] for each in listening.main]
        hooks = pluginmanager.load(settings)
        self._addons = [*hooks.addons(), *scripts.load(settings.traffic.addons)]
        self._proxy_headers = [name for headers in hooks.proxy_headers().values() for name in headers]
        self._desk = Desk(
            site=self._site(settings),
            replica=Replica(settings.gateway.hub_grace),
            clock=time.time,
            secret=secret,
            matches=Matches(self._addons),
            policies=Policies(hooks.policies()),
            quota=Quota.of(settings.limits),
        )
        self._process = psutil.Process()
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._complete = asyncio.Event()
        """A whole table has come."""

    def _site(self, settings: Settings) -> Site:
        secure = self._tls is not None
        return Site.of(settings, self._addresses, tls=secure, proxy_headers=self._proxy_headers)

    async def run(self) -> int:
        self._listen_to_signals()
        client = Client(self._settings.hub_place, self._desk.secret)
        reel = Reel(client.send, lambda: client.waiting < HURRIED)
        developing = Developing(reel.add, reel.drop)
        self._desk.captures.on_change = developing.set
        recorder = Recorder(self._desk.captures, self._desk.clock, developing.take, self._desk.secret)
        self._desk.recorder = recorder
        master = Master(self._addons, recorder)
        self._desk.access_log = AccessLog(self._access_logger(), client.send)
        asks = Asks(self._desk.replica, client.send, self._desk.clock)
        edge = Edge(self._desk, asks, master, self._own_ports())
        hubside = HubSide(
            self._desk,
            asks,
            worker=str(self._inherited.worker if self._inherited else 1),
            issuer=(self._inherited.address if self._inherited else "") or self._settings.public_url,
            cut=edge.cut,
            complete=self._complete.set,
            send=client.send,
            reconnect=lambda capture: self._reconnect(edge, recorder.missed(capture, self._desk.live)),
        )
        instance = HubgateInstance(self._doors(edge), edge.welcome)
        await master.running()
        gc.collect()
        gc.freeze()  # modules and settings stay: to go through them again and again held up everybody for 25 ms
        tasks = [
            asyncio.create_task(client.run(hubside)),
            asyncio.create_task(_every(SWEEP, lambda: self._sweep(edge))),
            asyncio.create_task(_every(LAPSES, lambda: hubside.sweep(self._desk.clock()))),
            asyncio.create_task(_every(ACTIVITY, lambda: self._tell_used(client))),
            asyncio.create_task(_every(LOGGED, self._log_access)),
            asyncio.create_task(_every(MEASURED, lambda: self._tell_measures(client, edge))),
            asyncio.create_task(_every(RECORDED, reel.flush)),
        ]
        try:
            await self._accept(instance)
            stop = asyncio.create_task(self._stop.wait())
            done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await instance.stop()
            await self._drain(edge)
        finally:
            self._tell_used(client)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await master.done()
            await developing.close()
            self._log_access()
        return 0

    def _doors(self, edge: Edge) -> list[tuple[socket.socket, Entrance]]:
        """Each listening socket, and what happens to those who come by it."""

        def arrival() -> Arrival:
            return Arrival(edge.welcome)

        redirects = Redirects(lambda: self._desk.site, self._addresses[0][1])
        main: Entrance = Plain(arrival)
        if (keeper := self._tls) is not None:
            main = Secure(arrival, lambda: keeper.context, redirects)
        doors = [(each, main) for each in self._listening.main]
        return doors + [(each, Plain(redirects)) for each in self._listening.redirects]

    async def _accept(self, instance: HubgateInstance) -> None:
        """Once the routes are here; without the hub after a while, to say that it is away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_TABLE):
                await _either(self._complete, self._stop)
        await instance.start()
        log.info("accepting connections on %s", ", ".join(map(listen.bound, self._listening.main)))
        if not self._complete.is_set():
            log.warning("the hub is away; what needs it is answered with 503")
        await _either(self._complete, self._stop)
        if self._complete.is_set():
            inheritance.tell_ready(self._inherited)

    async def _drain(self, edge: Edge) -> None:
        """Idle connections and WebSockets end now, requests in flight have `drain_seconds`."""
        self._desk.draining = True
        for handler in list(edge.connections.values()):
            if farewell := handler.layer.farewell(GOING_AWAY):
                handler.cut(farewell)
            else:
                handler.drain()
        until = time.monotonic() + self._settings.gateway.drain_seconds
        while edge.connections and time.monotonic() < until and not self._hurry.is_set():
            await asyncio.sleep(0.05)
        for handler in list(edge.connections.values()):
            handler.cut(handler.layer.farewell(GOING_AWAY))
        until = time.monotonic() + LAST_WORDS
        while edge.connections and time.monotonic() < until:
            await asyncio.sleep(0.02)

    # ── each second, and now and then ────────────────────────────────────────

    def _sweep(self, edge: Edge) -> None:
        now = self._desk.clock()
        for handler in list(edge.connections.values()):
            handler.tick(now)

    @staticmethod
    def _reconnect(edge: Edge, missed: Sequence[Exchange]) -> None:
        for exchange in missed:
            edge.cut(exchange, AGAIN)

    def _access_logger(self) -> logging.Logger | None:
        return logging.getLogger(ACCESS) if self._settings.traffic.access_log else None

    def _log_access(self) -> None:
        if self._desk.access_log is not None:
            self._desk.access_log.flush()

    def _tell_used(self, client: Client) -> None:
        self._desk.transfers()
        if (batch := self._desk.used.take()) is not None and not client.send(batch):
            self._desk.used.give_back(batch)

    def _tell_measures(self, client: Client, edge: Edge) -> None:
        with self._process.oneshot():
            memory, times = self._process.memory_info().rss, self._process.cpu_times()
        self._desk.tally.tell(
            client.send,
            connections=len(edge.connections),
            open_exchanges=self._desk.live,
            memory=memory,
            cpu_seconds=times.user + times.system,
        )

    # ── signals and settings ─────────────────────────────────────────────────

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        loop.add_signal_handler(signal.SIGHUP, self._reread)

    def _end(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _reread(self) -> None:
        try:
            new = config.renewed(self._settings, config.read(self._flags))
        except HubgateError as error:
            log.error("the settings were not changed: %s", error)
            return
        self._settings = new
        self._reload_tls(new)
        self._desk.site = self._site(new)
        self._desk.replica.grace = new.gateway.hub_grace
        self._desk.quota = Quota.of(new.limits)
        self._log_access()
        if self._desk.access_log is not None:
            self._desk.access_log.logger = self._access_logger()
        log.info("settings read again")

    def _reload_tls(self, new: Settings) -> None:
        if self._tls is None or new.gateway.tls is None:
            return
        try:
            self._tls.reload(new.gateway.tls)
        except HubgateError as error:
            log.error("the certificate before stays in force: %s", error)
        else:
            log.info("certificate read again: %s", new.gateway.tls.cert)

    def _own_ports(self) -> set[int]:
        place = self._settings.hub_place
        return self._listening.ports | ({place[1]} if isinstance(place, tuple) else set())


async def _every(seconds: float, work: Callable[[], None]) -> None:
    """A failure is logged and not the end of it."""
    while True:
        await asyncio.sleep(seconds)
        try:
            work()
        except Exception:
            log.exception("periodic work has failed")


async def _either(*events: asyncio.Event) -> None:
    """Wait for the first of them."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
