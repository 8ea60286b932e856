"""Plugins' addons: which requests each one wants, and a fence that shows it only those.

A plugin's addon hooks into mitmproxy as anywhere else, but it gets the events of
flows that it matches, and those of its own life (`load`, `configure`, `running`,
`done`). Connections and other people's flows it never sees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mitmproxy import hooks
from mitmproxy.flow import Flow
from mitmproxy.proxy import layers, server_hooks  # noqa: F401  # importing them registers their hooks

from gateway.hookspecs import Addon, Match
from gateway.proxy.facts import Facts
from gateway.proxy.gate import Forward

METADATA = "hubgate_addons"
"""In `flow.metadata`: the names of the addons that get this flow."""
LIFE = ("load", "configure", "running", "done")


class Matches:
    """Which requests are taken to the flow lane, and for whom. Pure."""

    def __init__(self, addons: Sequence[Addon] = ()) -> None:
        self._addons = tuple(addons)

    def of(self, facts: Facts, forward: Forward) -> tuple[str, ...]:
        """The names of the addons that want this request; none means express lane."""
        if not self._addons:
            return ()
        path = "/" + "/".join(facts.segments)
        identity = forward.identity
        user = identity.name if identity is not None and identity.kind == "user" else ""
        return tuple(addon.name for addon in self._addons if _wants(addon.match, path, facts.method, user))


def _wants(match: Match, path: str, method: str, user: str) -> bool:
    return (
        path.startswith(match.path)
        and (not match.methods or method in match.methods)
        and (not match.users or user in match.users)
    )


class Fence:
    """One addon (or one of its children) as mitmproxy sees it."""

    def __init__(self, name: str, addon: object, number: str = "") -> None:
        self.name = f"hubgate-{name}{number}"
        self._owner = name
        for hook in hooks.all_hooks:
            if not callable(found := getattr(addon, hook, None)):
                continue
            setattr(self, hook, found if hook in LIFE else self._fenced(found))
        if children := getattr(addon, "addons", None):
            self.addons = [Fence(name, child, f"{number}-{place}") for place, child in enumerate(children, 1)]

    def _fenced(self, hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def fenced(data: Any) -> Any:
            if isinstance(data, Flow):
                return hook(data) if self._mine(data) else None
            if isinstance(data, list) and (flows := [flow for flow in data if self._mine(flow)]):
                return hook(flows)
            return None

        return fenced

    def _mine(self, flow: object) -> bool:
        return isinstance(flow, Flow) and self._owner in flow.metadata.get(METADATA, ())


def fenced(addons: Sequence[Addon]) -> list[Fence]:
    """All of them, in their order, for mitmproxy's addon manager."""
    return [Fence(addon.name, addon.addon) for addon in addons]
