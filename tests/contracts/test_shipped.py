"""The suites of `gateway.testing`, run by each plugin that comes with Hubgate, as a stranger's own tests would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.metadata import distribution
from importlib.util import find_spec
from typing import Any, ClassVar

import pytest

from gateway.hookspecs import Authenticator, LoginRequest
from gateway.pluginmanager import load
from gateway.settings import Settings
from gateway.testing.authenticators import AuthenticatorSuite
from gateway.testing.shares import ASKED, ShareHandlerSuite
from gateway.testing.spawners import SpawnerSuite
from plugins.authenticators.dummy import DummyAuthenticator
from plugins.authenticators.native import NativeAuthenticator
from plugins.shares.code import Code
from plugins.shares.direct import Direct
from plugins.shares.view import View
from plugins.spawners.local import LocalSpawner

HEADER = import_module("plugins.authenticators.header") if find_spec("plugins.authenticators.header") else None


class TestDummy(AuthenticatorSuite):
    authenticator = DummyAuthenticator
    options: ClassVar = {"password": "open sesame"}
    good: ClassVar = {"username": "alice", "password": "open sesame"}


class Quick(NativeAuthenticator):
    """Hashes for a test, not for a database."""

    rounds = 4


class TestNative(AuthenticatorSuite):
    authenticator = Quick
    good: ClassVar = {"username": "alice", "password": "a password that is long enough"}

    def maker(self) -> Callable[[], Authenticator]:
        make = super().maker()
        asyncio.run(make().set_password(self.good["username"], self.good["password"]))
        return make


if HEADER is not None:

    class TestHeader(AuthenticatorSuite):
        """Nobody types anything: a trusted proxy says who it is."""

        authenticator = HEADER.HeaderAuthenticator
        good: ClassVar = {}
        request = LoginRequest("192.0.2.7", {"remote-user": "alice"}, by_proxy=True)


@pytest.mark.sockets
class TestLocal(SpawnerSuite):
    spawner = LocalSpawner


class TestCode(ShareHandlerSuite):
    handler = Code


class TestDirect(ShareHandlerSuite):
    handler = Direct
    asked = replace(ASKED, user="bob")


class TestView(ShareHandlerSuite):
    handler = View


KINDS = {AuthenticatorSuite: "authenticator", SpawnerSuite: "spawner", ShareHandlerSuite: "handler"}


def test_every_plugin_that_comes_with_hubgate_has_its_suite_here() -> None:
    tried: set[type[Any]] = set()
    for suite, attribute in KINDS.items():
        for one in suite.__subclasses__():
            tried.update(getattr(one, attribute, object).__mro__)
    ours = {entry.value for entry in distribution("hubgate").entry_points if entry.group == "hubgate"}
    offered = [cls for kind in load(Settings()).kinds().values() for cls in kind.values() if cls.__module__ in ours]
    assert [cls.__name__ for cls in offered if cls not in tried] == []
    assert len(offered) > 5
