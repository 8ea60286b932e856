"""Finds the plugins and is the only door to their hooks: one typed method for each.

`load()` returns it; there is no manager at module level. What is wrong with a
plugin is said with the plugin's name; what is wrong with its options is a
mistake in the settings.
"""

from __future__ import annotations

import difflib
import importlib.util
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points, packages_distributions
from pathlib import Path
from typing import Any

import pluggy
from pydantic import BaseModel, ValidationError

from gateway.errors import PluginError, SettingsError
from gateway.hookspecs import PROJECT, Addon, Authenticator, Hookspecs, Invitations, ShareHandler, Spawner, Storage
from gateway.model import Grant, Json, Server
from gateway.settings import Settings

log = logging.getLogger(__name__)

DISTRIBUTION = "hubgate"
APP_GROUP = "hubgate.app"
SERVICE_SPAWNER = "local"
"""Runs managed services, as processes of the gateway's own user, whatever users' servers are."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a plugin offers, for `hubgate plugins`."""

    kind: str
    name: str
    plugin: str


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
    for entry in _entries(PROJECT):
        _register(manager, entry.name, _imported(entry))
    return Hooks(manager, settings)


def load_app() -> Callable[..., Any]:
    """`create_app` of the entry point `api`: how the core reaches the REST API."""
    for entry in _entries(APP_GROUP):
        if entry.name == "api":
            create: Callable[..., Any] = _imported(entry)
            return create
    raise PluginError(f"no entry point 'api' in the group {APP_GROUP}: is Hubgate installed?")


def refuse_strangers() -> None:
    """Three top-level names are ours; another distribution may have overwritten one."""
    home = Path(__file__).resolve().parents[1]
    owners = packages_distributions()
    for name in ("api", "plugins"):
        spec = importlib.util.find_spec(name)
        found = (spec.submodule_search_locations if spec else None) or ()
        # An editable installation adds a place that is none.
        places = {Path(place).resolve() for place in found if not place.startswith("__editable__")}
        if set(owners.get(name, ())) != {DISTRIBUTION} or {place.parent for place in places} != {home}:
            who = ", ".join(sorted(set(owners.get(name, ())))) or "nobody"
            where = ", ".join(sorted(map(str, places))) or "nowhere"
            raise PluginError(f"the package {name!r} is not Hubgate's: found at {where}, installed by {who}")


def _entries(group: str) -> list[EntryPoint]:
    """The group's entry points by name; the same one seen twice counts once."""
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group)):
        if found.setdefault(entry.name, entry).value != entry.value:
            raise PluginError(f"two plugins are called {entry.name!r}: {found[entry.name].value} and {entry.value}")
    return list(found.values())


def _imported(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise PluginError(f"plugin {entry.name!r} ({entry.value}) cannot be imported: {error!r}") from error


def _register(manager: pluggy.PluginManager, name: str, plugin: object) -> None:
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise PluginError(f"plugin {name!r} does not fit: {error}") from None


class Hooks:
    """What the plugins offer, chosen and configured by the settings."""

    def __init__(self, manager: pluggy.PluginManager, settings: Settings) -> None:
        self._manager = manager
        self._settings = settings
        self._authenticators: dict[str, type[Authenticator]] = self._offered(
            "authenticator", Authenticator, self._calls("gateway_authenticators")
        )
        self._spawners: dict[str, type[Spawner]] = self._offered("spawner", Spawner, self._calls("gateway_spawners"))
        self._share_handlers: dict[str, type[ShareHandler]] = self._offered(
            "share handler", ShareHandler, self._calls("gateway_share_handlers")
        )

    # ── what is offered ──────────────────────────────────────────────────────

    def offers(self) -> list[Offer]:
        """Everything on offer, chosen or not."""
        kinds: Mapping[str, Mapping[str, type]] = {
            "authenticator": self._authenticators,
            "spawner": self._spawners,
            "share handler": self._share_handlers,
        }
        return [
            Offer(kind, name, cls.__module__) for kind, found in kinds.items() for name, cls in sorted(found.items())
        ]

    def validate(self) -> None:
        """Raise `SettingsError` with every mistake in what the settings say of plugins."""
        mistakes = [
            *_choice_mistakes("authenticator.plugin", self._settings.authenticator.plugin, self._authenticators),
            *_choice_mistakes("spawner.plugin", (self._settings.spawner.plugin,), self._spawners),
            *_choice_mistakes("sharing.handlers", self._settings.sharing.handlers, self._share_handlers),
            *_table_mistakes("sharing", self._settings.sharing, self._share_handlers),
            *_table_mistakes("authenticator", self._settings.authenticator, self._authenticators),
            *_table_mistakes("spawner", self._settings.spawner, self._spawners),
        ]
        for profile in self._settings.profiles:
            if profile.spawner:
                mistakes += _choice_mistakes(f"profiles.{profile.name}.spawner", (profile.spawner,), self._spawners)
        if mistakes := mistakes or self._profile_mistakes():
            raise SettingsError(mistakes)

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
            cls = _chosen("authenticator.plugin", name, self._authenticators)
            made.append(cls(_options("authenticator", name, cls, self._settings.authenticator), storage_for(name)))
        return made

    def spawner(self, name: str, storage: Storage) -> Spawner:
        """The spawner of that name; "" stands for `[spawner] plugin`."""
        name = name or self._settings.spawner.plugin
        cls = _chosen("spawner.plugin", name, self._spawners)
        return cls(_options("spawner", name, cls, self._settings.spawner), storage)

    def share_handlers(
        self, storage_for: Callable[[str], Storage], invitations_for: Callable[[str], Invitations]
    ) -> list[ShareHandler]:
        """One instance for each name in `[sharing] handlers`, in that order."""
        made = []
        for name in self._settings.sharing.handlers:
            cls = _chosen("sharing.handlers", name, self._share_handlers)
            options = _options("sharing", name, cls, self._settings.sharing)
            made.append(cls(options, storage_for(name), invitations_for(name)))
        return made

    def service_spawner(self, storage: Storage) -> Spawner:
        """What runs managed services. The options of its section are for users' servers, so it has none of them."""
        cls = _chosen("spawner.plugin", SERVICE_SPAWNER, self._spawners)
        return cls(cls.Options(), storage)

    def addons(self) -> list[Addon]:
        """The flow lane's addons, in the order of the plugins' names."""
        found: list[Addon] = []
        for plugin, offered in self._calls("gateway_addons"):
            if not all(isinstance(addon, Addon) for addon in offered):
                raise PluginError(f"plugin {plugin!r} offers an addon that is no gateway.hookspecs.Addon")
            found += offered
        return found

    # ── what they are told ───────────────────────────────────────────────────

    def user_logged_in(self, name: str, address: str) -> None:
        self._tell("gateway_user_logged_in", name=name, address=address)

    def server_started(self, server: Server) -> None:
        self._tell("gateway_server_started", server=server)

    def server_stopped(self, server: Server, reason: str) -> None:
        self._tell("gateway_server_stopped", server=server, reason=reason)

    def share_accepted(self, grant: Grant) -> None:
        self._tell("gateway_share_accepted", grant=grant)

    # ── inside ───────────────────────────────────────────────────────────────

    def _impls(self, hook: str) -> list[pluggy.HookImpl]:
        """By plugin name, so that the order never depends on the installation."""
        return sorted(getattr(self._manager.hook, hook).get_hookimpls(), key=lambda impl: impl.plugin_name)

    def _calls(self, hook: str) -> list[tuple[str, Any]]:
        """Each plugin's answer to a hook that offers things."""
        answers = []
        for impl in self._impls(hook):
            try:
                answers.append((impl.plugin_name, impl.function()))
            except Exception as error:
                raise PluginError(f"plugin {impl.plugin_name!r} failed in {hook}: {error!r}") from error
        return answers

    def _tell(self, hook: str, **facts: object) -> None:
        """A plugin that raises is logged by name; it must not undo what has happened."""
        for impl in self._impls(hook):
            try:
                impl.function(**{name: facts[name] for name in impl.argnames})
            except Exception:
                log.exception("plugin %r failed in %s", impl.plugin_name, hook)

    @staticmethod
    def _offered(kind: str, base: type[Any], answers: Sequence[tuple[str, Any]]) -> dict[str, type[Any]]:
        found: dict[str, type[Any]] = {}
        for plugin, offered in answers:
            for name, cls in dict(offered).items():
                if not (isinstance(cls, type) and issubclass(cls, base)):
                    raise PluginError(f"plugin {plugin!r} offers {kind} {name!r}, which is no {base.__name__}")
                if name in found:
                    raise PluginError(f"plugin {plugin!r} offers {kind} {name!r}, which another one offers already")
                found[name] = cls
        return found


def _choice_mistakes(key: str, names: Sequence[str], offered: Mapping[str, object]) -> list[str]:
    return [_unknown(key, name, offered) for name in names if name not in offered]


def _table_mistakes(section: str, settings: BaseModel, offered: Mapping[str, type[Any]]) -> list[str]:
    """Tables of plugins: each must belong to one that is there, and fit its `Options`."""
    mistakes = []
    for name, table in (settings.model_extra or {}).items():
        if name not in offered:
            mistakes.append(
                _unknown(f"{section}.{name}", name, {**offered, **dict.fromkeys(type(settings).model_fields)})
            )
            continue
        try:
            offered[name].Options.model_validate(table)
        except ValidationError as error:
            mistakes += _option_mistakes(f"{section}.{name}", error, list(offered[name].Options.model_fields))
    return mistakes


def _option_mistakes(where: str, error: ValidationError, keys: list[str]) -> list[str]:
    mistakes = []
    for each in error.errors(include_url=False, include_input=False):
        key = ".".join(map(str, each["loc"]))
        if each["type"] == "extra_forbidden":
            mistakes.append(f"{where}.{key}: unknown key{_nearest(key, keys)}")
        else:
            mistakes.append(f"{where}.{key}: {each['msg']}" if key else f"{where}: {each['msg']}")
    return mistakes


def _nearest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; the nearest valid one is '{near[0]}'" if near else ""


def _unknown(key: str, name: str, offered: Mapping[str, object]) -> str:
    known = ", ".join(sorted(offered)) or "none"
    return f"{key}: no plugin offers {name!r}; known are: {known}"


def _chosen[T](key: str, name: str, offered: Mapping[str, type[T]]) -> type[T]:
    if name not in offered:
        raise SettingsError([_unknown(key, name, offered)])
    return offered[name]


def _options(
    section: str, name: str, cls: type[Authenticator] | type[Spawner] | type[ShareHandler], settings: BaseModel
) -> BaseModel:
    try:
        return cls.Options.model_validate((settings.model_extra or {}).get(name, {}))
    except ValidationError as error:
        raise SettingsError(_option_mistakes(f"{section}.{name}", error, list(cls.Options.model_fields))) from None
