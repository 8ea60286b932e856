"""Services: those of the settings and those made by the API; which of them run, answer, and where.

What stands in the settings is written to the store at each start, so that tokens and
roles can belong to it; what has left the settings is stopped and forgotten. Tokens are
kept as digests, those of the settings too.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import forms
from gateway.clients import Client
from gateway.errors import BadInput, Conflict, Fixed, NotFound
from gateway.hookspecs import Spawner
from gateway.hub import logs, serviceclients, serviceenv
from gateway.hub.changes import ChangeLog
from gateway.hub.managed import GRACE, KILL_SECONDS, Managed, as_server, cleared
from gateway.hub.routes import Routes
from gateway.hub.servicechecks import Checks, Place, Status
from gateway.hub.serviceclients import Wanted
from gateway.hub.tokens import PREFIX
from gateway.hub.words import plain
from gateway.model import Launch, Service, ServiceProcess, Token, digest
from gateway.routes import service_url
from gateway.settings import ServiceSettings, Settings
from gateway.store import audit, oauth, services
from gateway.store.store import Store
from gateway.store.work import Transaction

API_NOTE, START_NOTE = "its own token", "made for its process"
MANY = 1000
"""Services that the API may make."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A service with what is to be seen of it at the moment."""

    service: Service
    prefix: str
    status: Status
    pid: int
    """0 = it has no process here."""


class Services:
    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        changes: ChangeLog,
        routes: Routes,
        spawner: Callable[[], Spawner],
        reachable: Callable[[], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        """`spawner` is asked for when it is needed; `reachable` waits until workers serve the API."""
        self._settings = settings
        self._base = settings.gateway.base_path
        self._wanted = {each.name: each for each in settings.services}
        self._store = store
        self._changes = changes
        self._routes = routes
        self._spawner = spawner
        self._reachable = reachable
        self._clock = clock
        self._known: dict[str, Service] = {}
        self._clients: dict[str, str] = {}
        """The ids of those that are OAuth clients."""
        self._managed: dict[str, Managed] = {}
        self._checks = Checks(self._places, time.monotonic)

    # ── what there is ────────────────────────────────────────────────────────

    def listing(self) -> list[Shown]:
        """All services, by name."""
        return [self._shown(self._known[name]) for name in sorted(self._known)]

    def get(self, name: str) -> Shown | None:
        service = self._known.get(name)
        return None if service is None else self._shown(service)

    async def roles(self) -> Mapping[str, Sequence[str]]:
        """The names of each service's roles; an administrator's is among them."""
        given = await self._store(services.roles)
        admins = {name: ("admin",) for name, service in self._known.items() if service.admin}
        return {name: sorted({*given.get(name, ()), *admins.get(name, ())}) for name in given.keys() | admins.keys()}

    # ── made and removed while the gateway runs ──────────────────────────────

    async def add(
        self,
        name: str,
        url: str = "",
        *,
        admin: bool = False,
        display: bool = True,
        info: Mapping[str, Any] | None = None,
        api_token: str = "",
        client: Wanted | None = None,
        by: str = "",
    ) -> Shown:
        """Make an external service. BadInput, Conflict (name or token taken)."""
        if len(self._known) >= MANY + len(self._wanted):
            raise Conflict(f"there are {MANY} services made by the API already, and no more are allowed")
        try:
            name, url, api_token = forms.service_name(name), forms.service_url(url), forms.api_token(api_token)
            info = forms.information(dict(info or {}))
            wanted = self._client(name, url, serviceclients.checked(client or Wanted()))
        except ValueError as error:
            raise BadInput(f"expected {error}") from None
        service = Service(name, url, admin, self._clock(), display=display, info=info)
        await self._changes.write(_add, service, api_token, wanted, by)
        self._known[name] = service
        self._clients = await self._store(oauth.of_services)
        self._publish(service)
        return self._shown(service)

    async def remove(self, name: str, by: str = "") -> None:
        """Forget a service with its tokens; its connections end. NotFound, Fixed."""
        service = self._known.get(name)
        if service is None:
            raise NotFound(f"Service {plain(name)} does not exist")
        if service.from_settings:
            raise Fixed(f"Service {name} is not modifiable at runtime: it stands in the settings")
        await self._changes.write(_remove, name, by, self._clock())
        self._known.pop(name, None)
        self._routes.set_service(name)

    # ── from open to close ───────────────────────────────────────────────────

    async def begin(self) -> None:
        """Bring store and settings together, adopt or start what is managed, publish the routes."""
        before = await self._store(services.processes)
        wanted = [_service(each, self._clock()) for each in self._wanted.values()]
        managed = {each.name for each in wanted if each.managed}
        await asyncio.gather(*(self._clear(name, kept) for name, kept in before.items() if name not in managed))
        tokens = {each.name: each.api_token for each in self._wanted.values() if each.api_token or not each.managed}
        clients = {
            each.name: self._client(each.name, each.url, serviceclients.of_settings(each))
            for each in self._wanted.values()
        }
        known = await self._changes.write(_sync, wanted, tokens, clients, self._clock())
        self._known = {each.name: each for each in known}
        self._clients = await self._store(oauth.of_services)
        for each in self._known.values():
            self._publish(each)
        for name in managed:
            self._managed[name] = self._made(self._wanted[name])
            self._managed[name].begin(before.get(name))

    async def run(self) -> None:
        """Look after them, for ever."""
        await self._checks.run()

    async def end(self) -> None:
        """Stop every managed service, and return when nothing of them is left."""
        await asyncio.gather(*(each.end() for each in self._managed.values()))

    async def leave(self) -> None:
        """Let them run for the next hub."""
        await asyncio.gather(*(each.leave() for each in self._managed.values()))

    # ── as `managed.Keeper` ──────────────────────────────────────────────────

    async def started(self, name: str, process: ServiceProcess) -> str:
        value = self._wanted[name].api_token
        note = API_NOTE if value else START_NOTE
        value = value or secrets.token_urlsafe(32)
        await self._changes.write(_start, name, process, value, note, self._clock())
        return value

    async def kept(self, name: str, process: ServiceProcess | None) -> None:
        await self._store(services.set_process, name, process)
        self._publish(self._known[name])

    # ── inside ───────────────────────────────────────────────────────────────

    def _client(self, name: str, url: str, wanted: Wanted) -> Client | None:
        return serviceclients.of_service(self._base, name, url, wanted)

    def _made(self, wanted: ServiceSettings) -> Managed:
        order = serviceenv.order(wanted, serviceenv.variables(self._settings, wanted))

        def launch(process: ServiceProcess, token: str) -> Launch:
            return self._launch(wanted, process, token)

        return Managed(
            wanted.name, order, spawner=self._spawner(), launch=launch, keeper=self, reachable=self._reachable
        )

    def _launch(self, wanted: ServiceSettings, process: ServiceProcess, token: str) -> Launch:
        found = serviceenv.variables(self._settings, wanted)
        return Launch(
            server=as_server(wanted.name, process),
            profile=wanted.profile(serviceenv.with_token(found, token)),
            base_url=service_url(self._base, wanted.name),
            log_file=str(logs.of_service(self._settings.gateway.data_dir, wanted.name)),
        )

    async def _clear(self, name: str, kept: ServiceProcess) -> None:
        """End a process whose service is not managed any more."""
        launch = self._launch(ServiceSettings(name=name), kept, "")
        if await cleared(self._spawner(), launch, GRACE, KILL_SECONDS):
            await self._store(services.set_process, name, None)

    def _publish(self, service: Service) -> None:
        """Another process or another address is another generation, so nothing kept for the old one is used."""
        managed = self._managed.get(service.name)
        process = managed.process if managed else None
        mark = hashlib.sha256(f"{service.url} {process.start_id if process else ''}".encode()).hexdigest()
        ready = not service.managed or process is not None
        client = self._clients.get(service.name, "")
        self._routes.set_service(service.name, service.url, int(mark[:12], 16), ready=ready, client=client)

    def _shown(self, service: Service) -> Shown:
        managed = self._managed.get(service.name)
        running = managed is not None and managed.process is not None
        if service.managed and not running:
            status: Status = "down"
        elif service.url:
            status = self._checks.status(self._place(service))
        else:
            status = "up" if running else "unknown"
        pid = managed.pid if managed else 0
        return Shown(service, service_url(self._base, service.name), status, pid)

    def _places(self) -> list[Place]:
        return [self._place(service) for service in self._known.values() if service.url]

    def _place(self, service: Service) -> Place:
        return Place(service.name, service.url, service_url(self._base, service.name))


def _service(wanted: ServiceSettings, now: float) -> Service:
    return Service(
        wanted.name,
        wanted.url,
        wanted.admin,
        now,
        command=wanted.command,
        display=wanted.display,
        info=wanted.info,
        from_settings=True,
    )


def _sync(
    db: Transaction,
    wanted: Sequence[Service],
    values: Mapping[str, str],
    clients: Mapping[str, Client | None],
    now: float,
) -> list[Service]:
    """The settings' services are in the store, and no others that were; their tokens are those of `values`."""
    names = {each.name for each in wanted}
    for old in services.listing(db):
        if old.from_settings and old.name not in names:
            services.remove(db, old.name)
    digests = {name: digest(value) if value else "" for name, value in values.items()}
    for each in wanted:
        services.put(db, each)
        if each.name in digests and services.own_digest(db, each.name) != digests[each.name]:
            services.own_token(db, each.name, "", None)  # all at first: two may have changed places
    for name, value in values.items():
        _own(db, name, value, API_NOTE, now)
    before = oauth.of_services(db)
    for name, client in clients.items():
        if (known := before.get(name)) and (client is None or known != client.id):
            oauth.remove(db, known)  # all at first, as above
    for made in clients.values():
        if made is not None:
            oauth.put(db, made, now)
    return services.listing(db)


def _start(db: Transaction, name: str, process: ServiceProcess, value: str, note: str, now: float) -> None:  # noqa: PLR0917  # a row, field by field
    services.set_process(db, name, process)
    _own(db, name, value, note, now)


def _add(db: Transaction, service: Service, value: str, client: Client | None, by: str) -> None:
    services.add(db, service)
    if client is not None:
        oauth.put(db, client, service.created)
    _own(db, service.name, value, API_NOTE, service.created)
    audit.add(db, service.created, by, "service.add", service.name, service.url)


def _remove(db: Transaction, name: str, by: str, now: float) -> None:
    services.remove(db, name)
    audit.add(db, now, by, "service.remove", name)


def _own(db: Transaction, name: str, value: str, note: str, now: float) -> None:
    token = Token("", "service", name, value[:PREFIX], ("inherit",), note, now, None, None) if value else None
    services.own_token(db, name, digest(value) if value else "", token)
