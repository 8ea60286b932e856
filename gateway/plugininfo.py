"""What is installed, in words: each plugin with where it comes from, what it offers, its hooks, options and faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from gateway.pluginmanager import Hooks
from gateway.settings import Settings

KINDS = {"authenticator": "authenticator", "spawner": "spawner", "share handler": "sharing"}
"""Kind to the section of its tables."""


def lines(hooks: Hooks, settings: Settings) -> Iterator[str]:
    """A block for each plugin, one line for each thing; `*` marks what the settings use, `!` what is wrong."""
    for name, found in sorted(hooks.found.items()):
        where = f"{found.distribution} {found.version}".strip() or "no distribution"
        yield f"{name}  ({where}, {found.module})"
        yield from _classes(hooks, name, in_use(settings))
        yield from _others(hooks, name, settings)
        if options := _options(f"plugins.{name}", hooks.options_of(name)):
            yield _row(" ", "options", options, "")
        for fault in hooks.faults:
            if fault.plugin == name:
                yield _row("!", "fault", fault.words, "")


def _classes(hooks: Hooks, plugin: str, wanted: Mapping[str, set[str]]) -> Iterator[str]:
    for kind, classes in hooks.kinds().items():
        for name, cls in classes.items():
            if hooks.plugin_of(kind, name) == plugin:
                mark = "*" if name in wanted[kind] else " "
                yield _row(mark, kind, name, _options(f"{KINDS[kind]}.{name}", cls.Options))


def _others(hooks: Hooks, plugin: str, settings: Settings) -> Iterator[str]:
    names = hooks.hooks_of(plugin)
    if "gateway_policy" in names:
        yield _row("*" if plugin in settings.policy.plugins else " ", "policy", plugin, "")
    if "gateway_addons" in names:
        yield _row("*", "addons", "", "")
    if "gateway_api_routes" in names:
        yield _row("*", "API routes", f"hub/api/plugins/{plugin}/", "")
    if names:
        yield _row(" ", "hooks", " ".join(name.removeprefix("gateway_") for name in names), "")


def in_use(settings: Settings) -> Mapping[str, set[str]]:
    """What the settings have chosen, of each kind."""
    return {
        "authenticator": set(settings.authenticator.plugin),
        "spawner": {settings.spawner.plugin, *(profile.spawner for profile in settings.profiles if profile.spawner)},
        "share handler": set(settings.sharing.handlers),
    }


def _options(table: str, model: type[BaseModel]) -> str:
    keys = ", ".join(f"{name} (needed)" if field.is_required() else name for name, field in model.model_fields.items())
    return f"[{table}] {keys}" if keys else ""


def _row(mark: str, kind: str, name: str, more: str) -> str:
    return f"{mark} {kind:<14} {name:<10} {more}".rstrip()
