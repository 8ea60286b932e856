"""Every hook there is, with plugins that fail in every way: each is named, and none lets anybody in."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pluggy
import pytest

from gateway import plugincalls
from gateway.errors import PluginError, SettingsError
from gateway.hookspecs import PROJECT, Hookspecs, NoOptions, hookimpl
from gateway.model import Grant, Server
from gateway.pluginmanager import Hooks, _register
from gateway.proxy import policies
from gateway.proxy.policies import BROKEN, Policies
from gateway.routes import Route
from tests.gateway.proxy.values import ME, NOW, facts, server
from tests.gateway.test_pluginmanager import Plugin, settings

HOOKS = sorted(name for name in vars(Hookspecs) if name.startswith("gateway_"))
SERVER, ROUTE = Server("alice", ""), server("alice")


def judged(hooks: Hooks, identity: Any = ME, route: Route = ROUTE) -> Any:
    return Policies(hooks.policies()).refusal(facts("GET /user/alice/x"), identity, route, NOW)


DOORS: dict[str, tuple[Callable[[Hooks], Any], Any]] = {
    "gateway_options": (lambda hooks: [offer.name for offer in hooks.offers()], ["door", "hatch", "box", "bell"]),
    "gateway_authenticators": (lambda hooks: [type(each).name for each in hooks.authenticators(no)], ["door"]),
    "gateway_spawners": (lambda hooks: type(hooks.spawner("", no(""))).name, "box"),
    "gateway_share_handlers": (lambda hooks: [each.name for each in hooks.share_handlers(no, no)], ["bell"]),
    "gateway_policy": (judged, BROKEN),
    "gateway_addons": (lambda hooks: hooks.addons(), []),
    "gateway_api_routes": (lambda hooks: hooks.api_routes(no), []),
    "gateway_user_logged_in": (lambda hooks: hooks.user_logged_in("alice", "192.0.2.1"), None),
    "gateway_server_started": (lambda hooks: hooks.server_started(SERVER), None),
    "gateway_server_stopped": (lambda hooks: hooks.server_stopped(SERVER, "why"), None),
    "gateway_share_accepted": (lambda hooks: hooks.share_accepted(Grant("alice", "", (), user="bob")), None),
}
"""How the gateway comes to each hook, and what it gets when the one plugin beside a good one has failed in it."""


def no(_name: str) -> Any:
    return None


def raises() -> None:
    raise ZeroDivisionError("oops")


def leaves() -> None:
    raise SystemExit(3)


def hangs() -> None:
    time.sleep(60)


def turns() -> None:
    while True:
        pass


def nonsense() -> object:
    return 42


async def forgets() -> None:
    """Async, where nobody awaits."""


FAILURES = (raises, leaves, hangs, turns, nonsense, forgets)


def failing(hook: str, failure: Callable[[], object]) -> ModuleType:
    module = ModuleType("broken")

    def function() -> object:
        return failure()

    setattr(module, hook, hookimpl(failure if inspect.iscoroutinefunction(failure) else function))
    return module


def manager(*plugins: object) -> pluggy.PluginManager:
    made = pluggy.PluginManager(PROJECT)
    made.add_hookspecs(Hookspecs)
    for name, plugin in zip(("good", "broken"), plugins, strict=False):
        _register(made, name, plugin)
    return made


def test_each_hook_has_its_door_here() -> None:
    """A new hook belongs into `DOORS`, so that its failures are tried."""
    assert sorted(DOORS) == HOOKS


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
@pytest.mark.parametrize("hook", HOOKS)
def test_a_failure_is_named_and_nobody_fails_with_it(
    hook: str, failure: Callable[[], object], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugincalls, "LIMIT", 0.05)
    monkeypatch.setattr(policies, "LIMIT", 0.05)
    wanted = settings(policy={"plugins": "broken"}) if hook == "gateway_policy" else settings()
    door, expected = DOORS[hook]
    began = time.monotonic()
    hooks = Hooks(manager(Plugin(), failing(hook, failure)), wanted)
    if hook == "gateway_policy" and failure is forgets:
        with pytest.raises(SettingsError, match="the policy of 'broken' is async"):
            hooks.validate()
        return
    hooks.validate()
    assert door(hooks) == expected
    assert time.monotonic() - began < 5
    told = hook in ("gateway_user_logged_in", "gateway_server_started", "gateway_server_stopped")
    if not (failure is nonsense and (told or hook == "gateway_share_accepted")):  # who listens may answer what it likes
        assert re.search(r"(plugin|policy) 'broken'", caplog.text)


@pytest.mark.parametrize("hook", HOOKS)
def test_an_older_signature_is_refused_by_name_before_anything_is_called(hook: str) -> None:
    module = ModuleType("broken")
    namespace: dict[str, Any] = {}
    exec(f"def {hook}(of_former_times, more): raise SystemExit(9)", namespace)
    setattr(module, hook, hookimpl(namespace[hook]))
    with pytest.raises(PluginError, match=rf"does not fit this version of Hubgate.*{hook}"):
        manager(Plugin(), module)


@pytest.mark.parametrize("failure", [*FAILURES, lambda: None], ids=lambda failure: failure.__name__)
def test_no_answer_of_a_policy_lets_anybody_in(failure: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever another policy says before or after: a refusal stays one."""
    monkeypatch.setattr(policies, "LIMIT", 0.05)

    def refuses() -> object:
        return policies.Denial("closed")

    if inspect.iscoroutinefunction(failure):
        return
    for first, second in ((refuses, failure), (failure, refuses)):
        hooks = Hooks(
            manager(failing("gateway_policy", first), failing("gateway_policy", second)),
            settings(policy={"plugins": ["good", "broken"]}),
        )
        assert judged(hooks) is not None


def test_who_was_late_is_told_nothing_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugincalls, "LIMIT", 0.05)
    calls: list[int] = []

    def late() -> None:
        calls.append(1)
        time.sleep(60)

    hooks = Hooks(manager(Plugin(), failing("gateway_user_logged_in", late)), settings())
    for _ in range(3):
        hooks.user_logged_in("alice", "192.0.2.1")
    assert len(calls) == 1
    monkeypatch.setattr(plugincalls, "REST", -1.0)
    hooks._calls._resting.clear()
    hooks.user_logged_in("alice", "192.0.2.1")
    assert len(calls) == 2


def test_options_reach_whoever_asks_for_them() -> None:
    heard: list[object] = []

    class Listener:
        @hookimpl
        def gateway_server_stopped(self, options: object) -> None:
            heard.append(options)

    Hooks(manager(Plugin(), Listener()), settings()).server_stopped(SERVER, "why")
    assert heard == [NoOptions()]


def test_built_in_plugins_come_first() -> None:
    made = manager(Plugin(), Plugin())
    calls = plugincalls.Calls(made, [], frozenset({"good"}))
    assert calls.plugins == ["good", "broken"]
    assert "gateway_spawners" in calls.hooks_of("broken")
