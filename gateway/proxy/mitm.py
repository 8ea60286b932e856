"""mitmproxy's options and addon machinery, without its applications.

mitmproxy's own `Master` imports every addon that its programs have (16 MB, a third
of a second) and takes over logging; none of that is wanted in a worker. Addons find
here what they may expect: `ctx.master.addons`, `.commands`, `ctx.options`. Nothing is
written to mitmproxy's configuration folder.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import mitmproxy.ctx
from mitmproxy import hooks
from mitmproxy.addonmanager import AddonManager, Loader
from mitmproxy.command import CommandManager
from mitmproxy.http import HTTPFlow
from mitmproxy.options import Options

from gateway.hookspecs import Addon
from gateway.proxy.addons import METADATA, fenced
from gateway.proxy.recorder import MARK

log = logging.getLogger(__name__)

# Name, type and value of the options that mitmproxy's HTTP layer reads and that its
# `proxyserver` addon, which we do without, would define.
_PROXY_OPTIONS: tuple[tuple[str, Any, Any], ...] = (
    ("store_streamed_bodies", bool, False),
    ("connection_strategy", str, "lazy"),
    ("stream_large_bodies", str | None, None),
    ("body_size_limit", str | None, None),
    ("keep_host_header", bool, True),
    ("proxy_debug", bool, False),
    ("normalize_outbound_headers", bool, True),
    ("validate_inbound_headers", bool, True),
)


class ProxyOptions:
    """The addon that defines them."""

    name = "proxyserver"

    def load(self, loader: Loader) -> None:
        for name, kind, value in _PROXY_OPTIONS:
            loader.add_option(name, kind, value, "See mitmproxy's own proxyserver addon.")


class Master:
    """What addons know as `ctx.master`."""

    def __init__(self, addons: Sequence[Addon] = (), *ours: object) -> None:
        """`ours` come after all others, and see every flow."""
        self.options = Options(mode=[], rawtcp=False, websocket=True, http2=False)
        self.commands = CommandManager(self)
        self.addons = AddonManager(self)
        mitmproxy.ctx.master = self  # type: ignore[assignment]  # it has what addons use of it
        mitmproxy.ctx.options = self.options
        self.addons.add(ProxyOptions())
        for fence in fenced(addons):
            try:
                self.addons.add(fence)
            except Exception:
                log.exception("addon %r cannot be used, and the others go on without it", fence.name)
        self.addons.add(*ours)
        self._ours = ours

    async def running(self) -> None:
        """Everything is set; call this before the first connection."""
        self.addons.trigger(hooks.ConfigureHook(set(self.options.keys())))
        await self.addons.trigger_event(hooks.RunningHook())

    def tell_ours(self, hook: hooks.Hook) -> bool:
        """Call this hook of our own addons, which take no time; False, and nothing done, if others get the flow.

        mitmproxy's way costs a task and a walk through all addons, twice.
        """
        (flow, *_) = hook.args()
        if not isinstance(flow, HTTPFlow) or any(not name.startswith(MARK) for name in flow.metadata.get(METADATA, ())):
            return False
        for addon in self._ours:
            if (called := getattr(addon, hook.name, None)) is not None:
                try:
                    called(flow)
                except Exception:  # as mitmproxy's own manager does: one that fails keeps nobody's flow
                    log.exception("the hook %s of %r has failed", hook.name, addon)
        return True

    async def done(self) -> None:
        await self.addons.trigger_event(hooks.DoneHook())
