"""The plugin manager: what is found, what is refused, and what is said about it."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
import pytest
from pydantic import BaseModel, Field

from gateway import installed as installation
from gateway import pluginmanager
from gateway.errors import PluginError, SettingsError
from gateway.hookspecs import (
    PROJECT,
    Addon,
    Authenticator,
    Hookspecs,
    LoginRequest,
    Match,
    NoOptions,
    Report,
    ShareHandler,
    Spawner,
    Storage,
    hookimpl,
)
from gateway.model import Grant, Invitation, Launch, Login, Profile, Server, ShareRequest, Target, User
from gateway.pluginmanager import Hooks, Nowhere, Offer
from gateway.settings import Settings


class Options(BaseModel, extra="forbid"):
    colour: str = "red"
    size: int = Field(1, ge=1)


class Door(Authenticator):
    name = "door"
    Options = Options

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        return None


class Hatch(Door):
    name = "hatch"
    Options = NoOptions


class Box(Spawner):
    name = "box"

    def mistakes(self, profile: Profile) -> Sequence[str]:
        return ["command: too short"] if len(profile.command) < 2 else []

    async def start(self, launch: Launch, report: Report) -> Target:
        raise NotImplementedError

    async def poll(self, launch: Launch) -> int | None:
        return 0

    async def stop(self, launch: Launch, now: bool) -> None:
        pass

    async def adopt(self, launch: Launch) -> Target | None:
        return None


class Bell(ShareHandler):
    name = "bell"
    Options = Options

    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        raise NotImplementedError

    async def accept(self, code: str, user: User) -> Grant | None:
        return None


class Plugin:
    """Offers all kinds, and hears everything."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    @hookimpl
    def gateway_authenticators(self) -> Mapping[str, type[Authenticator]]:
        return {"door": Door, "hatch": Hatch}

    @hookimpl
    def gateway_spawners(self) -> Mapping[str, type[Spawner]]:
        return {"box": Box}

    @hookimpl
    def gateway_share_handlers(self) -> Mapping[str, type[ShareHandler]]:
        return {"bell": Bell}

    @hookimpl
    def gateway_share_accepted(self, grant: Grant) -> None:
        self.heard.append(("accepted", grant.user))

    @hookimpl
    def gateway_user_logged_in(self, name: str) -> None:
        self.heard.append(("in", name))

    @hookimpl
    def gateway_server_started(self, server: Server) -> None:
        self.heard.append(("started", server.full_name))

    @hookimpl
    def gateway_server_stopped(self, reason: str, server: Server) -> None:
        self.heard.append(("stopped", server.full_name, reason))


def offering(hook: str, answer: object) -> ModuleType:
    """A plugin module with one hook that returns `answer`, or raises it."""

    def function() -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    function.__name__ = hook
    module = ModuleType("somebodys_plugin")
    setattr(module, hook, hookimpl(function))
    return module


def settings(**sections: Any) -> Settings:
    mine: dict[str, Any] = {
        "authenticator": {"plugin": "door"},
        "spawner": {"plugin": "box"},
        "sharing": {"handlers": "bell"},
    }
    return Settings.model_validate({**mine, **sections})


def hooks(*plugins: object, chosen: Settings | None = None) -> Hooks:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for number, plugin in enumerate(plugins or (Plugin(),)):
        pluginmanager._register(manager, f"plugin{number}", plugin)
    return Hooks(manager, chosen or settings())


def storage_for(_name: str) -> Storage:
    return Nowhere()


# ── offers ───────────────────────────────────────────────────────────────────


def test_offers() -> None:
    assert hooks().offers() == [
        Offer("authenticator", "door", __name__),
        Offer("authenticator", "hatch", __name__),
        Offer("spawner", "box", __name__),
        Offer("share handler", "bell", __name__),
    ]


@pytest.mark.parametrize(
    ("hook", "answer", "words"),
    [
        ("gateway_authenticators", ZeroDivisionError("oops"), "failed in gateway_authenticators.*oops"),
        ("gateway_authenticators", {"x": Box}, "offers authenticator 'x', which is no Authenticator"),
        ("gateway_authenticators", {"x": "Door"}, "offers authenticator 'x', which is no Authenticator"),
        ("gateway_authenticators", {3: Door}, "offers authenticator 3, which is no name"),
        ("gateway_authenticators", [Door], "answers gateway_authenticators with .*, which is no mapping"),
        ("gateway_authenticators", {"x": Authenticator}, "offers authenticator 'x', which lacks authenticate"),
        ("gateway_share_handlers", {"x": Door}, "offers share handler 'x', which is no ShareHandler"),
        ("gateway_spawners", {"x": Door}, "offers spawner 'x', which is no Spawner"),
        ("gateway_spawners", {"box": Box}, "offers spawner 'box', which another one offers already"),
        ("gateway_options", {"size": 3}, "offers options that are no pydantic model"),
    ],
)
def test_an_offer_that_is_none_is_left_out_with_the_plugins_name(hook: str, answer: object, words: str) -> None:
    made = hooks(Plugin(), offering(hook, answer))
    assert [offer.name for offer in made.offers()] == ["door", "hatch", "box", "bell"]
    (fault,) = made.faults
    assert re.match(f"plugin 'plugin1' {words}", str(fault)), fault
    made.validate()


def test_what_the_settings_want_of_a_broken_plugin_is_a_mistake_that_names_it() -> None:
    made = hooks(offering("gateway_authenticators", ZeroDivisionError("oops")), chosen=settings())
    with pytest.raises(SettingsError) as caught:
        made.validate()
    assert "authenticator.plugin: no plugin offers 'door'" in caught.value.mistakes[0]
    assert caught.value.mistakes[-1].startswith("note: plugin 'plugin0' failed in gateway_authenticators")


def test_a_hook_that_there_is_not() -> None:
    with pytest.raises(PluginError, match=r"does not fit this version of Hubgate.*gateway_nonsense"):
        hooks(offering("gateway_nonsense", {}))


# ── the settings' choice ─────────────────────────────────────────────────────


def test_the_order_and_the_options_are_the_settings() -> None:
    chosen = settings(authenticator={"plugin": ["hatch", "door"], "door": {"colour": "blue"}})
    first, second = hooks(chosen=chosen).authenticators(storage_for)
    assert (type(first), type(second)) == (Hatch, Door)
    assert second.options == Options(colour="blue")


def test_the_spawner() -> None:
    made = hooks()
    assert type(made.spawner("", Nowhere())) is type(made.spawner("box", Nowhere())) is Box
    with pytest.raises(SettingsError, match="no plugin offers 'x'"):
        made.spawner("x", Nowhere())


class NoInvitations:
    async def find(self, code: str) -> Invitation | None:
        return None


async def test_share_handlers() -> None:
    def made(**sharing: Any) -> list[ShareHandler]:
        return hooks(chosen=settings(sharing=sharing)).share_handlers(storage_for, lambda _: NoInvitations())

    (bell,) = made(handlers=["bell"], bell={"colour": "blue"})
    assert isinstance(bell, Bell)
    assert bell.options == Options(colour="blue")
    await bell.revoke(Grant("alice", "", ()))
    assert bell.warnings() == ()
    assert await bell.invitations.find("x") is None
    assert made(handlers=[]) == []
    with pytest.raises(SettingsError, match="no plugin offers 'view'; known are: bell"):
        made(handlers=["view"])


def mistakes(**sections: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        hooks(chosen=settings(**sections)).validate()
    return caught.value.mistakes


LAB = {"name": "lab", "command": ["a", "b"]}


def test_good_settings() -> None:
    hooks(chosen=settings(profiles=[LAB], spawner={"plugin": "box", "box": {}})).validate()


def test_every_mistake_at_once() -> None:
    found = mistakes(
        authenticator={"plugin": ["door", "dor"], "door": {"color": "blue", "size": 0}, "nobody": {}},
        spawner={"plugin": "bx", "box": {"x": 1}},
        sharing={"handlers": ["bel"], "bell": {"color": "blue"}, "horn": {}},
        profiles=[{**LAB, "spawner": "cloud"}],
    )
    text = "\n".join(found)
    for words in (
        "authenticator.plugin: no plugin offers 'dor'",
        "authenticator.door.color",
        "authenticator.door.size",
        "authenticator.nobody",
        "spawner.plugin: no plugin offers 'bx'",
        "spawner.box.x",
        "sharing.handlers: no plugin offers 'bel'",
        "sharing.bell.color",
        "sharing.horn",
        "profiles.lab.spawner: no plugin offers 'cloud'",
    ):
        assert words in text
    assert re.search("colour", text), "the nearest key is named"


def test_a_spawner_judges_the_profiles() -> None:
    assert mistakes(profiles=[LAB, {"name": "bad", "command": ["a"]}]) == ["profiles.bad.command: too short"]


def test_options_are_checked_where_they_are_used_too() -> None:
    with pytest.raises(SettingsError, match=r"authenticator\.door\.size"):
        hooks(chosen=settings(authenticator={"plugin": "door", "door": {"size": 0}})).authenticators(storage_for)


async def test_a_plugin_that_is_only_asked_keeps_nothing() -> None:
    nowhere = Nowhere()
    assert await nowhere.get("x") is None
    await nowhere.delete("x")
    with pytest.raises(PluginError):
        await nowhere.put("x", 1)


# ── addons and notices ───────────────────────────────────────────────────────


def test_addons_come_in_the_order_of_the_plugins_names() -> None:
    one, two, other = (Addon(name, Match(), object()) for name in ("one", "two", "one"))
    made = hooks(offering("gateway_addons", [two]), offering("gateway_addons", [one, object(), other]))
    assert made.addons() == [two, one]
    not_one, doubled = map(str, made.faults)
    assert re.match("plugin 'plugin1' offers the addon <object.*, which is no gateway.hookspecs.Addon", not_one)
    assert doubled == "plugin 'plugin1' offers the addon 'one', which is there already: not used"
    assert hooks(offering("gateway_addons", "nonsense")).addons() == []


def test_everybody_is_told_whatever_the_others_do(caplog: pytest.LogCaptureFixture) -> None:
    first, last = Plugin(), Plugin()
    last.gateway_authenticators = last.gateway_spawners = None  # type: ignore[assignment,method-assign]
    last.gateway_share_handlers = None  # type: ignore[assignment,method-assign]

    class Broken:
        @hookimpl
        def gateway_user_logged_in(self) -> None:
            raise ZeroDivisionError

        gateway_server_started = gateway_server_stopped = gateway_share_accepted = gateway_user_logged_in

    made = hooks(first, Broken(), last)
    server = Server("alice", "gpu")
    made.user_logged_in("alice", "192.0.2.1")
    made.server_started(server)
    made.server_stopped(server, "why")
    made.share_accepted(Grant("alice", "gpu", (), user="bob"))
    assert first.heard == last.heard
    assert last.heard == [
        ("in", "alice"),
        ("started", "alice/gpu"),
        ("stopped", "alice/gpu", "why"),
        ("accepted", "bob"),
    ]
    assert caplog.text.count("plugin 'plugin1' failed in") == 4


# ── the installation ─────────────────────────────────────────────────────────


def test_the_built_in_ones_come_by_the_same_door() -> None:
    offers = {(offer.kind, offer.name) for offer in pluginmanager.load(Settings()).offers()}
    assert offers >= {("authenticator", "native"), ("authenticator", "dummy"), ("spawner", "local")}


def test_the_app() -> None:
    assert pluginmanager.load_app().__name__ == "create_app"


def entry(name: str, value: str, group: str = PROJECT) -> importlib.metadata.EntryPoint:
    return importlib.metadata.EntryPoint(name, value, group)


type Found = Callable[..., list[importlib.metadata.EntryPoint]]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def install(*entries: importlib.metadata.EntryPoint) -> None:
        found: Found = lambda group: [each for each in entries if each.group == group]  # noqa: E731
        monkeypatch.setattr(installation, "entry_points", found)

    return install


def test_one_that_cannot_be_imported(
    installed: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_plugin.py").write_text("1 / 0\n")
    (tmp_path / "leaving_plugin.py").write_text("import sys; sys.exit(3)\n")
    (tmp_path / "old_plugin.py").write_text(
        "from gateway.hookspecs import hookimpl\n@hookimpl\ndef gateway_user_logged_in(username): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for value, words in {
        "broken_plugin": "cannot be imported: ZeroDivisionError",
        "leaving_plugin": "cannot be imported: SystemExit",
        "no_such_module_at_all": "cannot be imported: ModuleNotFoundError",
        "old_plugin": "does not fit this version of Hubgate",
    }.items():
        installed(entry("theirs", value))
        made = pluginmanager.load(Settings())
        (fault,) = made.faults
        assert str(fault).startswith("plugin 'theirs' ")
        assert words in fault.words
        with pytest.raises(SettingsError, match="note: plugin 'theirs'"):
            made.validate()


def test_no_app(installed: Callable[..., None]) -> None:
    installed()
    with pytest.raises(PluginError, match="is Hubgate installed"):
        pluginmanager.load_app()
