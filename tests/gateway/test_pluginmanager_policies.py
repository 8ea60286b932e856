"""Policies, routes and options of a plugin's own, as the settings want them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

import pytest
from pydantic import BaseModel

from gateway.errors import SettingsError
from gateway.hookspecs import ApiCall, ApiRoute, Denial, HubView, hookimpl
from gateway.model import Identity, Json
from tests.gateway.test_pluginmanager import Options, Plugin, hooks, settings


class Rule:
    """A policy, options of its own, and routes."""

    @hookimpl
    def gateway_options(self) -> type[BaseModel]:
        return Options

    @hookimpl
    def gateway_policy(self, identity: Identity | None) -> Denial | None:
        return None

    @hookimpl
    def gateway_api_routes(self, hub: HubView, options: Options) -> Sequence[Any]:
        async def answer(call: ApiCall) -> Json:
            return options.colour

        return [ApiRoute("x", answer, ("self",)), "nonsense"]


def test_policies_are_those_that_the_settings_name() -> None:
    assert hooks(Plugin(), Rule()).policies() == []
    made = hooks(Plugin(), Rule(), chosen=settings(policy={"plugins": "plugin1"}, plugins={"plugin1": {"size": 3}}))
    made.validate()
    (policy,) = made.policies()
    assert (policy.plugin, policy.asks_for, policy.options) == ("plugin1", ("identity",), Options(size=3))


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"policy": {"plugins": ["hours"]}}, "policy.plugins: no plugin offers 'hours'; known are: plugin1"),
        ({"policy": {"plugins": ["plugin0"]}}, "policy.plugins: no plugin offers 'plugin0'"),
        ({"plugins": {"hours": {}}}, "plugins.hours: no plugin is called 'hours'; known are: plugin0, plugin1"),
        ({"plugins": {"plugin1": {"size": 0}}}, "plugins.plugin1.size"),
        ({"plugins": {"plugin1": {"sise": 1}}}, "nearest valid one is 'size'"),
        ({"plugins": {"plugin0": {"size": 1}}}, "plugins.plugin0.size: unknown key"),
    ],
)
def test_nobody_goes_without_a_policy_that_is_wanted(sections: dict[str, Any], words: str) -> None:
    made = hooks(Plugin(), Rule(), chosen=settings(**sections))
    for ask in (made.validate, made.policies):
        with pytest.raises(SettingsError, match=re.escape(words)):
            ask()


def test_an_async_policy_would_never_be_heard() -> None:
    class Async:
        @hookimpl
        async def gateway_policy(self) -> None:
            """Nobody awaits it."""

    with pytest.raises(SettingsError, match="the policy of 'plugin0' is async"):
        hooks(Async(), chosen=settings(policy={"plugins": "plugin0"})).policies()


def test_routes_get_the_hub_and_the_options() -> None:
    made = hooks(Rule(), chosen=settings(plugins={"plugin0": {"colour": "blue"}}))
    ((plugin, route),) = made.api_routes(lambda _: cast(HubView, None))
    assert (plugin, route.path) == ("plugin0", "x")
    assert [str(fault) for fault in made.faults] == [
        "plugin 'plugin0' offers 'nonsense', which is no gateway.hookspecs.ApiRoute"
    ]
    made.fault("plugin0", "is told off")
    assert len(made.faults) == 2


def test_whoever_needs_settings_and_has_none_is_left_out() -> None:
    class Needy(Rule):
        @hookimpl
        def gateway_options(self) -> type[BaseModel]:
            class Needed(BaseModel):
                word: str

            return Needed

    made = hooks(Plugin(), Needy())
    assert made.api_routes(lambda _: cast(HubView, None)) == []
    assert str(made.faults[0]).startswith("plugin 'plugin1' does nothing without its settings: plugins.plugin1.word")
    with pytest.raises(SettingsError):
        hooks(Plugin(), Needy(), chosen=settings(policy={"plugins": "plugin1"})).policies()
