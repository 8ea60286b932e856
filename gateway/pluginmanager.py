"""Finds the plugins and is the only door to their hooks: one typed method for each.

`load()` returns it; there is no manager at module level. What is wrong with a
plugin is said with the plugin's name, and the others go on without it; what the
settings want and do not get is a mistake in the settings. How hooks are called, and
within which bounds: `gateway.plugincalls`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy
from pydantic import BaseModel

from gateway import forms
from gateway.errors import PluginError, SettingsError
from gateway.hookspecs import (
    PROJECT,
    Addon,
    ApiRoute,
    Authenticator,
    Hookspecs,
    HubView,
    Invitations,
    NoOptions,
    ShareHandler,
    Spawner,
    Storage,
)
from gateway.installed import DISTRIBUTION, Found, entries, imported, refuse_strangers
from gateway.model import Grant, Json, Server
from gateway.plugincalls import Calls, Fault, unfit
from gateway.pluginoptions import (
    choice_mistakes,
    chosen,
    model_mistakes,
    options,
    own_table_mistakes,
    table_mistakes,
)
from gateway.settings import Settings

APP_GROUP = "hubgate.app"
SERVICE_SPAWNER = "local"
"""Runs managed services, as processes of the gateway's own user, whatever users' servers are."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a plugin offers, for `hubgate plugins`."""

    kind: str
    name: str
    plugin: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A plugin's policy: called by the names that its signature has."""

    plugin: str
    function: Callable[..., object]
    """Gives a `Denial` or None; whatever else it gives is none of the two."""
    asks_for: tuple[str, ...]
    options: BaseModel


class Nowhere:
    """The storage of a plugin that is only asked, never used."""

    async def get(self, key: str) -> Json:
        return None

    async def put(self, key: str, value: Json) -> None:
        raise PluginError("a plugin that is only asked must keep nothing")

    async def delete(self, key: str) -> None:
        return None


def load(settings: Settings) -> Hooks:
    """Import every plugin of the entry-point group `hubgate` and ask what it offers."""
    refuse_strangers()
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    found: dict[str, Found] = {}
    faults: list[Fault] = []
    for entry in entries(PROJECT):
        dist = entry.dist
        found[entry.name] = Found(entry.name, entry.value, dist.name if dist else "", dist.version if dist else "")
        try:
            _register(manager, entry.name, imported(entry))
        except PluginError as error:
            faults.append(Fault(entry.name, error.message))
    return Hooks(manager, settings, found, faults)


def load_app() -> Callable[..., Any]:
    """`create_app` of the entry point `api`: how the core reaches the REST API."""
    for entry in entries(APP_GROUP):
        if entry.name == "api":
            create: Callable[..., Any] = imported(entry)
            return create
    raise PluginError(f"no entry point 'api' in the group {APP_GROUP}: is Hubgate installed?")


def _register(manager: pluggy.PluginManager, name: str, plugin: object) -> None:
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        if manager.has_plugin(name):
            manager.unregister(name=name)
        raise PluginError(f"does not fit this version of Hubgate: {error}") from None


class Hooks:
    """What the plugins offer, chosen and configured by the settings."""

    def __init__(
        self,
        manager: pluggy.PluginManager,
        settings: Settings,
        found: Mapping[str, Found] | None = None,
        faults: Sequence[Fault] = (),
    ) -> None:
        self._settings = settings
        self._found = found or {}
        built_in = frozenset(name for name, each in self._found.items() if each.distribution == DISTRIBUTION)
        self._calls = Calls(manager, [], built_in)
        for fault in faults:
            self._calls.fault(fault.plugin, fault.words)
        self._option_models: dict[str, type[BaseModel]] = dict.fromkeys(self._calls.plugins, NoOptions)
        self._configure(manager)
        self._origin: dict[tuple[str, str], str] = {}
        """Of each kind and name, the plugin."""
        self._authenticators: dict[str, type[Authenticator]] = self._offered(
            "authenticator", Authenticator, "gateway_authenticators"
        )
        self._spawners: dict[str, type[Spawner]] = self._offered("spawner", Spawner, "gateway_spawners")
        self._share_handlers: dict[str, type[ShareHandler]] = self._offered(
            "share handler", ShareHandler, "gateway_share_handlers"
        )

    def _configure(self, manager: pluggy.PluginManager) -> None:
        """Each plugin's own options. Whoever needs what nobody has set is left out."""
        for plugin, model in self._calls.answers("gateway_options"):
            if isinstance(model, type) and issubclass(model, BaseModel):
                self._option_models[plugin] = model
            else:
                self._calls.fault(plugin, "offers options that are no pydantic model")
        made: dict[str, BaseModel] = {}
        tables = self._settings.plugins
        for plugin, model in self._option_models.items():
            mistakes = model_mistakes(f"plugins.{plugin}", model, tables.get(plugin, {}))
            if not mistakes:
                made[plugin] = model.model_validate(tables.get(plugin, {}))
            elif plugin not in tables:
                self._calls.fault(plugin, f"does nothing without its settings: {'; '.join(mistakes)}")
                manager.unregister(name=plugin)
        self._calls.options = made

    # ── what is offered ──────────────────────────────────────────────────────

    @property
    def faults(self) -> Sequence[Fault]:
        """What is wrong with plugins, as far as it is known by now."""
        return tuple(self._calls.faults)

    @property
    def found(self) -> Mapping[str, Found]:
        """Every plugin of the installation, broken ones too, by name."""
        return self._found

    def hooks_of(self, plugin: str) -> list[str]:
        """Names of the hooks that it has; none if it was left out."""
        return self._calls.hooks_of(plugin) if plugin in self._calls.plugins else []

    def options_of(self, plugin: str) -> type[BaseModel]:
        """The model of its own table, `[plugins.<plugin>]`."""
        return self._option_models.get(plugin, NoOptions)

    def plugin_of(self, kind: str, name: str) -> str:
        """Who offers that."""
        return self._origin[kind, name]

    def offers(self) -> list[Offer]:
        """Everything on offer, chosen or not."""
        return [
            Offer(kind, name, cls.__module__) for kind, found in self.kinds().items() for name, cls in found.items()
        ]

    def kinds(self) -> Mapping[str, Mapping[str, type[Authenticator] | type[Spawner] | type[ShareHandler]]]:
        """Classes on offer: of each kind, by name."""
        return {
            "authenticator": dict(sorted(self._authenticators.items())),
            "spawner": dict(sorted(self._spawners.items())),
            "share handler": dict(sorted(self._share_handlers.items())),
        }

    def validate(self) -> None:
        """Raise `SettingsError` with every mistake in what the settings say of plugins."""
        settings = self._settings
        mistakes = [
            *choice_mistakes("authenticator.plugin", settings.authenticator.plugin, self._authenticators),
            *choice_mistakes("spawner.plugin", (settings.spawner.plugin,), self._spawners),
            *choice_mistakes("sharing.handlers", settings.sharing.handlers, self._share_handlers),
            *table_mistakes("sharing", settings.sharing, self._share_handlers),
            *table_mistakes("authenticator", settings.authenticator, self._authenticators),
            *table_mistakes("spawner", settings.spawner, self._spawners),
            *own_table_mistakes(settings.plugins, self._option_models),
            *self._policy_mistakes(),
        ]
        for profile in settings.profiles:
            if profile.spawner:
                mistakes += choice_mistakes(f"profiles.{profile.name}.spawner", (profile.spawner,), self._spawners)
        if mistakes and self.faults:
            mistakes += [f"note: {fault}" for fault in self.faults]
        if mistakes := mistakes or self._profile_mistakes():
            raise SettingsError(mistakes)
        self.proxy_headers()

    def _policy_mistakes(self) -> list[str]:
        impls = {impl.plugin_name: impl for impl in self._calls.impls("gateway_policy")}
        wanted = self._settings.policy.plugins
        return [
            *choice_mistakes("policy.plugins", wanted, impls),
            *(
                f"policy.plugins: the policy of {name!r} is async, and a policy must not be"
                for name in wanted
                if name in impls and inspect.iscoroutinefunction(impls[name].function)
            ),
        ]

    def _profile_mistakes(self) -> list[str]:
        """What the spawners say of profiles and services; their options are known to be good."""
        found = [
            f"profiles.{profile.name}.{mistake}"
            for profile in self._settings.profiles
            for mistake in self.spawner(profile.spawner, Nowhere()).mistakes(profile.value())
        ]
        managed = [service for service in self._settings.services if service.managed]
        found += [
            f"services.{service.name}.{mistake}"
            for service in managed
            for mistake in self.service_spawner(Nowhere()).mistakes(service.profile())
        ]
        return found

    # ── what is chosen ───────────────────────────────────────────────────────

    def authenticators(self, storage_for: Callable[[str], Storage]) -> list[Authenticator]:
        """One instance for each name in `[authenticator] plugin`, in that order."""
        made = []
        for name in self._settings.authenticator.plugin:
            cls = chosen("authenticator.plugin", name, self._authenticators)
            made.append(cls(_options("authenticator", name, cls, self._settings.authenticator), storage_for(name)))
        return made

    def user_keys(self) -> list[tuple[str, str]]:
        """(authenticator, kind) of all that is kept about users, by authenticators in use or not."""
        return [(name, kind) for name, cls in sorted(self._authenticators.items()) for kind in cls.user_keys]

    def proxy_headers(self) -> dict[str, tuple[str, ...]]:
        """By authenticator in use, the headers that it believes of a trusted proxy, in lower case."""
        found = {}
        for each in self.authenticators(lambda _: Nowhere()):
            try:
                headers = tuple(map(forms.proxy_header, each.proxy_headers()))
            except ValueError as error:
                raise SettingsError([f"authenticator.{each.name}: {error}"]) from None
            except Exception as error:
                raise PluginError(f"authenticator {each.name!r} failed in proxy_headers: {error!r}") from error
            if headers:
                found[each.name] = headers
        if found and not self._settings.gateway.trusted_proxies:
            names = ", ".join(sorted(found))
            raise SettingsError([f"gateway.trusted_proxies: name the proxy that the authenticator {names} believes"])
        return found

    def spawner(self, name: str, storage: Storage) -> Spawner:
        """The spawner of that name; "" stands for `[spawner] plugin`."""
        name = name or self._settings.spawner.plugin
        cls = chosen("spawner.plugin", name, self._spawners)
        return cls(_options("spawner", name, cls, self._settings.spawner), storage)

    def spawners(self, storage_for: Callable[[str], Storage]) -> dict[str, Spawner]:
        """One instance of each spawner that may be needed, by name; "" is the default one."""
        default = self._settings.spawner.plugin
        names = {default, *(profile.spawner for profile in self._settings.profiles if profile.spawner)}
        found = {name: self.spawner(name, storage_for(name)) for name in names}
        return {**found, "": found[default]}

    def share_handlers(
        self, storage_for: Callable[[str], Storage], invitations_for: Callable[[str], Invitations]
    ) -> list[ShareHandler]:
        """One instance for each name in `[sharing] handlers`, in that order."""
        made = []
        for name in self._settings.sharing.handlers:
            cls = chosen("sharing.handlers", name, self._share_handlers)
            options = _options("sharing", name, cls, self._settings.sharing)
            made.append(cls(options, storage_for(name), invitations_for(name)))
        return made

    def service_spawner(self, storage: Storage) -> Spawner:
        """What runs managed services. The options of its section are for users' servers, so it has none of them."""
        cls = chosen("spawner.plugin", SERVICE_SPAWNER, self._spawners)
        return cls(cls.Options(), storage)

    def policies(self) -> list[Policy]:
        """Those of `[policy] plugins`, or `SettingsError`: nobody goes without one that is wanted."""
        if mistakes := [*self._policy_mistakes(), *own_table_mistakes(self._settings.plugins, self._option_models)]:
            raise SettingsError([*mistakes, *(f"note: {fault}" for fault in self.faults)])
        wanted = self._settings.policy.plugins
        return [
            Policy(impl.plugin_name, impl.function, tuple(impl.argnames), self._calls.options[impl.plugin_name])
            for impl in self._calls.impls("gateway_policy")
            if impl.plugin_name in wanted
        ]

    def addons(self) -> list[Addon]:
        """The flow lane's addons, in the order of the plugins' names."""
        found: dict[str, Addon] = {}
        for plugin, offered in self._calls.answers("gateway_addons"):
            for addon in self._each(plugin, "gateway_addons", offered):
                if not isinstance(addon, Addon):
                    self._calls.fault(plugin, f"offers the addon {addon!r}, which is no gateway.hookspecs.Addon")
                elif addon.name in found:
                    self._calls.fault(plugin, f"offers the addon {addon.name!r}, which is there already: not used")
                else:
                    found[addon.name] = addon
        return list(found.values())

    def api_routes(self, hub_for: Callable[[str], HubView]) -> list[tuple[str, ApiRoute]]:
        """What plugins add to the API, with the plugin's name. What they are like, the API judges."""
        found = []
        for plugin, offered in self._calls.answers("gateway_api_routes", lambda name: {"hub": hub_for(name)}):
            for route in self._each(plugin, "gateway_api_routes", offered):
                if isinstance(route, ApiRoute):
                    found.append((plugin, route))
                else:
                    self._calls.fault(plugin, f"offers {route!r}, which is no gateway.hookspecs.ApiRoute")
        return found

    def fault(self, plugin: str, words: str) -> None:
        """Something of `plugin` does not fit: say so, and go on without it."""
        self._calls.fault(plugin, words)

    # ── what they are told ───────────────────────────────────────────────────

    def user_logged_in(self, name: str, address: str) -> None:
        self._calls.tell("gateway_user_logged_in", name=name, address=address)

    def server_started(self, server: Server) -> None:
        self._calls.tell("gateway_server_started", server=server)

    def server_stopped(self, server: Server, reason: str) -> None:
        self._calls.tell("gateway_server_stopped", server=server, reason=reason)

    def share_accepted(self, grant: Grant) -> None:
        self._calls.tell("gateway_share_accepted", grant=grant)

    # ── inside ───────────────────────────────────────────────────────────────

    def _each(self, plugin: str, hook: str, offered: Any) -> Sequence[Any]:
        if isinstance(offered, Sequence) and not isinstance(offered, str | bytes):
            return offered
        self._calls.fault(plugin, f"answers {hook} with {offered!r}, which is no sequence")
        return ()

    def _offered(self, kind: str, base: type[Any], hook: str) -> dict[str, type[Any]]:
        found: dict[str, type[Any]] = {}
        for plugin, offered in self._calls.answers(hook):
            if not isinstance(offered, Mapping):
                self._calls.fault(plugin, f"answers {hook} with {offered!r}, which is no mapping")
                continue
            for name, cls in offered.items():
                if wrong := unfit(name, cls, base):
                    self._calls.fault(plugin, f"offers {kind} {name!r}, which {wrong}")
                elif name in found:
                    self._calls.fault(plugin, f"offers {kind} {name!r}, which another one offers already")
                else:
                    found[name] = cls
                    self._origin[kind, name] = plugin
        return found


def _options(
    section: str, name: str, cls: type[Authenticator] | type[Spawner] | type[ShareHandler], settings: BaseModel
) -> BaseModel:
    return options(section, name, cls.Options, (settings.model_extra or {}).get(name, {}))
