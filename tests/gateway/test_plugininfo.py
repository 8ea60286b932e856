"""What `hubgate plugins` says: where each plugin comes from, what it offers, and what is wrong with it."""

from __future__ import annotations

from types import ModuleType

import pluggy

from gateway.hookspecs import PROJECT, Hookspecs
from gateway.installed import Found
from gateway.plugincalls import Fault
from gateway.plugininfo import in_use, lines
from gateway.pluginmanager import Hooks, _register
from tests.gateway.test_pluginmanager import Plugin, settings
from tests.gateway.test_pluginmanager_policies import Rule


def test_everything_about_everyone() -> None:
    chosen = settings(policy={"plugins": "rule"}, profiles=[{"name": "p", "command": ["a", "b"], "spawner": "other"}])
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for name, plugin in {"all": Plugin(), "rule": Rule(), "empty": ModuleType("empty")}.items():
        _register(manager, name, plugin)
    found = {name: Found(name, f"module_{name}", "dist", "1.0") for name in ("all", "rule", "broken")}
    found["empty"] = Found("empty", "module_empty")
    said = list(lines(Hooks(manager, chosen, found, [Fault("broken", "cannot be imported: oops")]), chosen))
    assert said == [
        "all  (dist 1.0, module_all)",
        "* authenticator  door       [authenticator.door] colour, size",
        "  authenticator  hatch",
        "* spawner        box",
        "* share handler  bell       [sharing.bell] colour, size",
        "  hooks          authenticators server_started server_stopped share_accepted share_handlers spawners "
        "user_logged_in",
        "broken  (dist 1.0, module_broken)",
        "! fault          cannot be imported: oops",
        "empty  (no distribution, module_empty)",
        "rule  (dist 1.0, module_rule)",
        "* policy         rule",
        "* API routes     hub/api/plugins/rule/",
        "  hooks          api_routes options policy",
        "  options        [plugins.rule] colour, size",
    ]
    assert in_use(chosen)["spawner"] == {"box", "other"}
