"""Calls of plugins' hooks, each within bounds: a plugin that fails is named, and nobody fails with it.

What a plugin *offers* and what does not fit is a fault: it is logged with the plugin's
name and left out, and when the settings want just that, the start ends with a mistake
that names both. What a plugin is *told* of has happened already, whatever it does.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pluggy
from pydantic import BaseModel

from gateway.bounded import TookTooLong, bounded
from gateway.offers import NoOptions

log = logging.getLogger(__name__)

LIMIT = 1.0
"""Seconds that a hook may take."""
REST = 60.0
"""Seconds for which a plugin is not told anything when it was late to hear."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a plugin, in words for the log and for `hubgate plugins`."""

    plugin: str
    words: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r} {self.words}"


class Calls:
    """The hooks of the registered plugins."""

    def __init__(self, manager: pluggy.PluginManager, faults: list[Fault], built_in: frozenset[str]) -> None:
        self._manager = manager
        self.faults = faults
        self._built_in = built_in
        self.options: Mapping[str, BaseModel] = {}
        """Of each plugin; set once the settings are judged."""
        self._resting: dict[str, float] = {}

    @property
    def plugins(self) -> list[str]:
        """The built-in ones first, so that nobody takes what is theirs; then by name, whatever the installation."""
        return sorted((name for name, _ in self._manager.list_name_plugin()), key=self._place)

    def _place(self, name: str) -> tuple[bool, str]:
        return name not in self._built_in, name

    def fault(self, plugin: str, words: str) -> None:
        fault = Fault(plugin, words)
        if fault not in self.faults:
            self.faults.append(fault)
            log.error("%s", fault)

    def impls(self, hook: str) -> list[pluggy.HookImpl]:
        return sorted(getattr(self._manager.hook, hook).get_hookimpls(), key=lambda impl: self._place(impl.plugin_name))

    def hooks_of(self, plugin: str) -> list[str]:
        """Names of the hooks that a plugin has."""
        found = self._manager.get_hookcallers(self._manager.get_plugin(plugin)) or []
        return sorted(caller.name for caller in found)

    def answers(self, hook: str, facts_of: Callable[[str], Mapping[str, Any]] = lambda _: {}) -> list[tuple[str, Any]]:
        """Each plugin's answer to a hook that offers things; `facts_of(plugin)` are its arguments."""
        found = []
        for impl in self.impls(hook):
            plugin = impl.plugin_name
            try:
                answer = bounded(LIMIT, impl.function, **self._asked_for(impl, facts_of(plugin)))
            except (Exception, SystemExit, TookTooLong) as error:  # noqa: BLE001  # a plugin's failure is its own
                self.fault(plugin, f"failed in {hook}: {error!r}")
                continue
            if inspect.iscoroutine(answer):
                answer.close()
            found.append((plugin, answer))
        return found

    def tell(self, hook: str, **facts: object) -> None:
        """Take notice. Nothing is undone by a plugin that raises, and a slow one is left in peace for a while."""
        for impl in self.impls(hook):
            plugin = impl.plugin_name
            if time.monotonic() < self._resting.get(plugin, 0):
                continue
            try:
                answer = bounded(LIMIT, impl.function, **self._asked_for(impl, facts))
            except TookTooLong as error:
                log.error(
                    "plugin %r failed in %s: %s; it is told nothing for %g s", plugin, hook, error, REST
                )  # where it hung is of no use
                self._resting[plugin] = time.monotonic() + REST
            except (Exception, SystemExit):
                log.exception("plugin %r failed in %s", plugin, hook)
            else:
                if inspect.iscoroutine(answer):
                    answer.close()
                    log.error("plugin %r failed in %s: hooks are not async", plugin, hook)

    def _asked_for(self, impl: pluggy.HookImpl, facts: Mapping[str, Any]) -> dict[str, Any]:
        given = {"options": self.options.get(impl.plugin_name, _NONE), **facts}
        return {name: given[name] for name in impl.argnames}


_NONE = NoOptions()


def unfit(name: object, cls: object, base: type[Any]) -> str:
    """Why this is no offer; "" if it is one."""
    if not (isinstance(name, str) and name and name.isprintable()):
        return "is no name"
    if not (isinstance(cls, type) and issubclass(cls, base)):
        return f"is no {base.__name__}"
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        return f"lacks {', '.join(missing)}"
    model = getattr(cls, "Options", None)
    return "" if isinstance(model, type) and issubclass(model, BaseModel) else "has no Options"
