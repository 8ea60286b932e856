"""Hub: the parts of the control plane, opened, started and closed together.

The API gets this object and nothing else; pages, resources and the command's
subcommands are thin over it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gateway import __version__, masking
from gateway.errors import HubgateError, Unavailable
from gateway.hookspecs import Authenticator, ShareHandler, Spawner
from gateway.hub import logs
from gateway.hub.activity import ActivityLog
from gateway.hub.captures import Captures
from gateway.hub.changes import ChangeLog
from gateway.hub.channel import Channel
from gateway.hub.culling import Culling
from gateway.hub.customroutes import CustomRoutes
from gateway.hub.entrances import Entrances
from gateway.hub.entry import Entry
from gateway.hub.groups import Groups
from gateway.hub.housekeeping import tidied
from gateway.hub.hubaware import HubAware
from gateway.hub.identities import Identities
from gateway.hub.invitations import KeptInvitations
from gateway.hub.keys import Keys
from gateway.hub.lives import Lives
from gateway.hub.logfiles import LogFiles
from gateway.hub.metrics import Metrics
from gateway.hub.notices import Notices
from gateway.hub.plugindata import PluginData
from gateway.hub.presets import Presets
from gateway.hub.provider import Provider
from gateway.hub.reactions import Reactions
from gateway.hub.requestfile import RequestFile
from gateway.hub.requestlog import RequestLog
from gateway.hub.roles import Roles
from gateway.hub.rotation import Rotation
from gateway.hub.routes import Routes
from gateway.hub.scoping import Scoping
from gateway.hub.servers import Servers
from gateway.hub.services import Services
from gateway.hub.sessions import Sessions
from gateway.hub.shares import Shares
from gateway.hub.shelf import Shelf
from gateway.hub.starts import Rules
from gateway.hub.tokens import Tokens
from gateway.hub.users import Users
from gateway.hub.visits import Visits
from gateway.hub.workers import Workers
from gateway.model import AuditEntry, Said
from gateway.pluginmanager import SERVICE_SPAWNER, Hooks, load
from gateway.settings import Settings
from gateway.store import activity, audit, servers
from gateway.store.store import Store

log = logging.getLogger(__name__)

type Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Shutdown:
    """A wish to end the gateway."""

    servers: bool | None = None
    """Stop users' servers, too; None = as the settings say."""
    proxy: bool = True
    """End the workers, too."""


def _nobody(_wish: Shutdown) -> None:
    raise Unavailable("this hub cannot be ended from here")


class Hub:
    def __init__(self, settings: Settings, *, hooks: Hooks, store: Store, keys: Keys, clock: Clock) -> None:
        self.settings = settings
        self.hooks = hooks
        self.store = store
        self.keys = keys
        self.workers = Workers()
        """`listing() -> list[Connected(worker, pid, since)]`, `len(hub.workers)`."""
        self.changes = ChangeLog(store)
        self.routes = Routes(settings.gateway.base_path, self.workers.push)
        self.custom_routes = CustomRoutes(settings, store=store, routes=self.routes, clock=clock)
        self.authenticators: list[Authenticator] = hooks.authenticators(lambda name: PluginData(store, name))
        """In the settings' order; each has `.name` and `.display_name`."""
        self._entry = Entry(settings.authenticator)
        self.metrics = Metrics(store, clock)
        self.notices = Notices(store, clock)
        self._make_rules(clock)
        self._make_servers(clock)
        self._make_people(clock)
        self._make_services(clock)
        self.activity = ActivityLog(lambda *times: store(activity.touch, *times), clock)
        self.visits = Visits(store, clock)
        self.culling = Culling(
            settings,
            lives=self._lives,
            store=store,
            activity=self.activity,
            workers=self.workers,
            draining=lambda: self.notices.starts.draining,
            clock=clock,
        )
        self.requests = RequestLog()
        """The last requests of all workers."""
        path = settings.traffic.log_file
        self._request_file = RequestFile(Path(path), settings.traffic.log_days, clock) if path else None
        if self._request_file is not None:
            self.requests.listeners.append(self._request_file.add)
        self.captures = Captures(
            settings.traffic,
            data_dir=settings.gateway.data_dir,
            store=store,
            find=self.users.get,
            tell=self.workers.tell,
            clock=clock,
        )
        self.workers.captures = self.captures.orders
        self.channel = Channel(
            workers=self.workers,
            routes=self.routes,
            identities=self.identities,
            keys=keys,
            activity=self.activity,
            visits=self.visits,
            requests=self.requests,
            workload=self.metrics.workload,
            captured=self.captures.received,
            clock=clock,
        )
        self.rotation = Rotation(
            settings.gateway.hub_grace,
            store=store,
            changes=self.changes,
            keys=keys,
            push=self.workers.push,
            clock=clock,
        )
        self.changes.subscribe(lambda _: store.forget())
        for listener in (
            self.identities.forget,
            self.workers.push,
            self._reactions.heard,
            self.rotation.heard,
            self.captures.heard,
        ):
            self.changes.subscribe(listener)
        self.public_url = settings.public_url
        """What browsers type, base path included. Whoever runs the hub may know better which port it is."""
        self._tasks: list[asyncio.Task[None]] = []
        self.on_shutdown: Callable[[Shutdown], None] = _nobody
        """Called when somebody asks for the end of the gateway; set by the process around the hub."""
        self.clock = clock
        self._leading = False
        self.metrics.read(self._lives, self.requests, self.captures, self._request_file)

    def _make_rules(self, clock: Clock) -> None:
        self.roles = Roles(self.settings, store=self.store, changes=self.changes, clock=clock)
        self._scoping = Scoping.of(self.settings, self._entry, self.roles.scopes)
        self.oauth = Provider.of(
            self.settings, self._scoping, self.roles.scopes, store=self.store, changes=self.changes, clock=clock
        )

    def _make_servers(self, clock: Clock) -> None:
        settings, store = self.settings, self.store
        profiles = [profile.value() for profile in settings.profiles]
        spawners = self.hooks.spawners(lambda name: PluginData(store, name))
        shelf = Shelf(self.routes, profiles)
        data_dir = settings.gateway.data_dir
        self._log_files = LogFiles(logs.folders(data_dir), settings.spawner.log_size, settings.spawner.log_files)
        self._lives = Lives(
            settings,
            store=store,
            hooks=self.hooks,
            spawners=spawners,
            shelf=shelf,
            meter=self.metrics.starts,
            hub_aware=HubAware(settings, self.roles, changes=self.changes, clock=clock),
            clock=clock,
        )
        self.servers = Servers(
            store=store,
            lives=self._lives,
            shelf=shelf,
            rules=Rules(self._entry, profiles, settings.spawner.servers_per_user),
            spawners=spawners,
            log_folder=logs.folder(settings.gateway.data_dir),
            paused=self.notices.paused,
            clock=clock,
        )
        self.presets = Presets(profiles, store)

    def _make_people(self, clock: Clock) -> None:
        settings, store, changes, entry = self.settings, self.store, self.changes, self._entry
        self.users = Users(
            entry,
            leads=self._leads,
            store=store,
            changes=changes,
            servers=self.servers,
            authenticators=self.authenticators,
            user_keys=self.hooks.user_keys(),
            clock=clock,
        )
        self.sessions = Sessions(
            settings.session.max_age,
            store=store,
            changes=changes,
            entry=entry,
            authenticators=self.authenticators,
            hooks=self.hooks,
            metrics=self.metrics,
            clock=clock,
        )
        self.entrances = Entrances(
            self.authenticators, self.sessions, settings, entry=entry, store=store, changes=changes, clock=clock
        )
        self.tokens = Tokens(settings.tokens.max_age, store=store, changes=changes, scoping=self._scoping, clock=clock)
        self.identities = Identities(store, entry, self._scoping, clock)
        self.groups = Groups(store=store, changes=changes, clock=clock)
        self.shares = Shares(
            self.hooks.share_handlers(
                lambda name: PluginData(store, f"share:{name}"), lambda name: KeptInvitations(store, name)
            ),
            store=store,
            changes=changes,
            servers=self.servers,
            hooks=self.hooks,
            table=self._scoping.table,
            clock=clock,
        )
        self._reactions = Reactions(store=store, changes=changes, entry=entry, servers=self.servers, users=self.users)

    def _make_services(self, clock: Clock) -> None:
        self.services = Services(
            self.settings,
            store=self.store,
            changes=self.changes,
            routes=self.routes,
            spawner=lambda: self._service_spawner,
            reachable=self.workers.one_at_least,
            clock=clock,
        )

    @cached_property
    def _service_spawner(self) -> Spawner:
        return self.hooks.service_spawner(PluginData(self.store, SERVICE_SPAWNER))

    # ── from open to close ───────────────────────────────────────────────────

    @classmethod
    async def open(cls, settings: Settings, hooks: Hooks | None = None, clock: Clock = time.time) -> Hub:
        """Open the store and make the parts. Nothing runs yet: enough for the command's calls.

        SettingsError, PluginError, or Unavailable when the database cannot be used.
        """
        hooks = hooks or load(settings)
        hooks.validate()
        store = await Store.open(settings.store.url, settings.gateway.data_dir)
        try:
            hub = cls(settings, hooks=hooks, store=store, keys=await Keys.load(store, clock()), clock=clock)
            await hub.changes.open()
        except BaseException:
            await store.close()
            raise
        return hub

    async def lead(self) -> None:
        """Be the one hub of this database, or raise."""
        if not self._leading:
            await self.store.claim_hub()
            self._leading = True

    async def start(self) -> None:
        """Be the one hub: adopt what runs, publish the routes, follow the change log."""
        await self.lead()
        logs.made_folder(self.settings.gateway.data_dir)
        self._warn()
        place = self.settings.hub_bind
        self.routes.set_hub(f"http://{place[0]}:{place[1]}" if isinstance(place, tuple) else f"unix:{place}")
        await self.custom_routes.load()
        await self.notices.load()
        await self.services.begin()
        await self.roles.begin()
        began = time.monotonic()
        await self._lives.adopt(await self.store(servers.active))
        self.metrics.adopted(time.monotonic() - began)
        await self._reactions.begin()
        await self.captures.load()
        for work in (
            self.changes.run,
            self.activity.run,
            self.visits.run,
            self._reactions.run,
            self.entrances.refreshing.run,
            self.services.run,
            self.rotation.run,
            self._log_files.run,
            self.metrics.watch_loop,
            self.captures.run,
            self.culling.run,
            self._keep_house,
        ):
            self._tasks.append(asyncio.create_task(work()))
        if self._request_file is not None:
            self._tasks.append(asyncio.create_task(self._request_file.run()))
        changed = masking.as_toml(self.settings, changed_only=True)
        await self.store(audit.add, self.clock(), "", "hub.start", __version__, changed)
        self.metrics.ready()

    async def end(self, *, servers: bool) -> None:
        """Stop the services, and all users' servers if so; return when nothing of them is left."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.services.end())
            if servers:
                group.create_task(self.end_servers())

    async def audit(self, limit: int, before: int | None = None, **wanted: str) -> list[AuditEntry]:
        """The newest entries, or those before the one of number `before`; `wanted` as in `store.audit.listing`."""
        return await self.store(audit.listing, limit, before, **wanted)

    async def audit_after(self, number: int) -> list[AuditEntry]:
        """The oldest entries after the one of that number; [] at the end."""
        return await self.store(audit.after, number)

    async def end_servers(self) -> None:
        """Start nothing any more, stop everything, and return when nothing is left."""
        self.servers.close()
        await self._lives.end("The gateway was stopped.", Said(key="gateway-stopped"))

    async def close(self, stop_servers: bool = False) -> None:
        """End the tasks (and first the servers), write what is pending, close the store."""
        self.servers.close()
        if stop_servers:
            await self.end_servers()
        self._reactions.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.services.leave()
        await self._lives.leave()
        await self.activity.flush()
        await self.visits.flush()
        if self._request_file is not None:
            await self._request_file.flush()
        await self.captures.flush()
        await self.store.close()

    def hurry(self) -> None:
        """Servers that are being stopped get no more time."""
        self._lives.hurry()

    async def _leads(self) -> bool:
        """Are users' servers ours to stop? A command may act in place of a hub that does not run."""
        try:
            await self.lead()
        except HubgateError:
            return False
        return True

    async def _keep_house(self) -> None:
        await tidied(self.store, self.clock, self.rotation.tidy)

    def _warn(self) -> None:
        if self.settings.in_clear:
            log.warning(
                "other machines reach this gateway without TLS: passwords cross the network in clear, and browsers "
                "do not keep users' pages away from the hub's; set gateway.tls_cert, or "
                "gateway.public_url to the https:// address in front"
            )
        self.entrances.sign_ups.warn()
        plugins: Sequence[Authenticator | Spawner | ShareHandler] = [
            *self.authenticators,
            self.servers.spawner(),
            *self.shares.handlers.values(),
        ]
        for plugin in plugins:
            for warning in plugin.warnings():
                log.warning("%s: %s", plugin.name, warning)
