"""Plugins' addons behind a fence: each sees the flows that it matches, within bounds, and nothing else.

A plugin's addon hooks into mitmproxy as anywhere else, but it gets the events of
flows that it matches, and those of its own life (`load`, `configure`, `running`,
`done`). Connections and other people's flows it never sees. One that raises is named
in the log and the flow goes on; one that hangs is interrupted.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from mitmproxy import addonmanager, hooks  # noqa: F401  # importing these modules registers their hooks
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import layers, server_hooks  # noqa: F401  # likewise

from gateway.bounded import BoundedSteps, TookTooLong, bounded
from gateway.hookspecs import Addon
from gateway.proxy.matching import fits, media_type

log = logging.getLogger(__name__)

METADATA = "hubgate_addons"
"""In `flow.metadata`: the names of the addons that get this flow."""
LIFE = ("load", "configure", "running", "done")
AT_ONCE = ("load", "configure")
BEFORE_THE_ANSWER = ("requestheaders", "request")
"""The hooks that `response_types` says nothing of."""
LIMIT = 1.0
"""Seconds that a hook may hold up the worker. An async one may wait for longer."""
REST = 10.0
"""Seconds for which an addon that was late is left out."""
SAID = 10.0
"""Seconds between two lines of the log about the same hook's failures."""


class Fence:
    """One addon (or one of its children) as mitmproxy sees it."""

    def __init__(self, owner: Addon, number: str = "", addon: object = None, care: Care | None = None) -> None:
        self.name = f"hubgate-{owner.name}{number}"
        self._owner = owner
        self._care = care or Care(owner.name)
        addon = owner.addon if addon is None else addon
        for hook in hooks.all_hooks:
            if callable(found := getattr(addon, hook, None)):
                setattr(self, hook, self._cared_for(hook, found) if hook in LIFE else self._fenced(hook, found))
        if children := getattr(addon, "addons", None):
            self.addons = [
                Fence(owner, f"{number}-{place}", child, self._care) for place, child in enumerate(children, 1)
            ]

    def _cared_for(self, hook: str, found: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: self._care.call(hook, found, *given)

    def _fenced(self, hook: str, found: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def fenced(data: Any) -> Any:
            if isinstance(data, Flow):
                return self._care.call(hook, found, data) if self._mine(hook, data) else None
            if isinstance(data, list) and (flows := [flow for flow in data if self._mine(hook, flow)]):
                return self._care.call(hook, found, flows)
            return None

        return fenced

    def _mine(self, hook: str, flow: object) -> bool:
        if not isinstance(flow, Flow) or self._owner.name not in flow.metadata.get(METADATA, ()):
            return False
        wanted = self._owner.match.response_types
        if not wanted or hook in BEFORE_THE_ANSWER:
            return True
        answer = flow.response if isinstance(flow, HTTPFlow) else None
        return answer is not None and fits(media_type(answer.headers.get("content-type", "").encode()), wanted)


class Care:
    """Calls one addon's hooks: its failures are logged by its name, and are nobody else's."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._resting = 0.0
        self._quiet: dict[str, float] = {}

    def call(self, hook: str, function: Callable[..., Any], *given: Any) -> Any:
        if hook not in LIFE and self._clock() < self._resting:
            return None
        try:
            result = bounded(LIMIT, function, *given)
        except (Exception, SystemExit, TookTooLong) as error:  # noqa: BLE001  # whatever it is, it is the addon's
            self._failed(hook, error)
            return None
        if not inspect.iscoroutine(result):
            return result
        if hook in AT_ONCE:
            result.close()
            self._failed(hook, TypeError("this hook must not be async"))
            return None
        return self._awaited(hook, BoundedSteps(LIMIT, result))

    async def _awaited(self, hook: str, waiting: Awaitable[Any]) -> Any:
        try:
            return await waiting
        except (Exception, SystemExit, TookTooLong) as error:  # noqa: BLE001  # likewise
            self._failed(hook, error)
            return None

    def _failed(self, hook: str, error: BaseException) -> None:
        now = self._clock()
        if late := isinstance(error, TookTooLong):
            self._resting = now + REST
        if late or now >= self._quiet.get(hook, 0.0):
            self._quiet[hook] = now + SAID
            more = f"; it is left out for {REST:g} s" if late else ""
            log.error("addon %r failed in %s: %r%s", self._name, hook, error, more, exc_info=None if late else error)


def fenced(addons: Sequence[Addon]) -> list[Fence]:
    """All of them, in their order, for mitmproxy's addon manager."""
    return [Fence(addon) for addon in addons]
