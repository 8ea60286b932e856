"""What runs services: a spawner as it is made, judging their commands."""

from __future__ import annotations

import pytest

from gateway.pluginmanager import Nowhere
from tests.gateway.test_pluginmanager import LAB, Box, Options, hooks, mistakes, settings


def test_what_runs_services_has_no_options_of_users_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Box, "Options", Options)
    monkeypatch.setattr("gateway.pluginmanager.SERVICE_SPAWNER", "box")
    made = hooks(chosen=settings(spawner={"plugin": "box", "box": {"size": 7}}))
    assert made.spawner("box", Nowhere()).options == Options(size=7)
    assert made.service_spawner(Nowhere()).options == Options()


def test_what_runs_services_judges_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.pluginmanager.SERVICE_SPAWNER", "box")
    services = [{"name": "bad", "command": ["a"]}, {"name": "good", "command": ["a", "b"]}, {"name": "other"}]
    assert mistakes(profiles=[LAB], services=services) == ["services.bad.command: too short"]
