"""The plugin's own tests: the suites of `gateway.testing`, and what they cannot know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import hubgate_plugin_demo as demo
import pytest
from hubgate_plugin_demo.friends import Friends
from hubgate_plugin_demo.guests import Guests
from hubgate_plugin_demo.plain import Plain
from hubgate_plugin_demo.provider import Provider, opened, signed

from gateway.errors import BadInput, Forbidden
from gateway.hookspecs import Arrival, Departure
from gateway.model import User
from gateway.testing.authenticators import CALLBACK, REQUEST, AuthenticatorSuite, RedirectSuite
from gateway.testing.builders import call, identity, judged, place, plugged, visit
from gateway.testing.fakes import FakeHub, KeptInMemory, MemoryStorage
from gateway.testing.shares import ASKED, SHARED, ShareHandlerSuite
from gateway.testing.spawners import SpawnerSuite

SECRET = "of both, and long enough"


class TestGuests(AuthenticatorSuite):
    authenticator = Guests
    options: ClassVar = {"word": "xyzzy"}
    good: ClassVar = {"username": "guest-7", "password": "xyzzy"}

    @pytest.mark.parametrize("wrong", [{"username": "alice"}, {"password": "XYZZY"}, {"password": ""}])
    def test_others_are_refused(self, wrong: Mapping[str, str]) -> None:
        form = {**self.good, **wrong}
        assert asyncio.run(self.make(MemoryStorage()).authenticate(form, REQUEST)) is None


class TestProvider(RedirectSuite):
    authenticator = Provider
    options: ClassVar = {"url": "https://id.example/log-in", "secret": SECRET}

    def arrive(self, departure: Departure) -> Mapping[str, str]:
        (nonce,) = parse_qs(urlsplit(departure.url).query)["nonce"]
        return {"code": signed(SECRET, "guest-7", nonce, time.time() + 60)}

    def said(self, **query: str) -> Any:
        return asyncio.run(self.provider().finish(Arrival(query, CALLBACK, {"nonce": "n"}), REQUEST))

    def test_what_was_not_signed_by_the_provider_or_is_too_old(self) -> None:
        good = signed(SECRET, "guest-7", "n", time.time() + 60)
        assert self.said(code=good).name == "guest-7"
        assert opened(SECRET, good + "x") is None
        for code in (
            signed("another secret of somebody", "root", "n", time.time() + 60),
            signed(SECRET, "guest-7", "n", time.time() - 1),
            signed(SECRET, "guest-7", "of another browser", time.time() + 60),
        ):
            assert self.said(code=code) is None
        with pytest.raises(BadInput):
            self.said(code=signed(SECRET, "a/b", "n", time.time() + 60))
        with pytest.raises(Forbidden):
            self.said(error="access_denied")


class TestPlain(SpawnerSuite):
    spawner = Plain


class TestFriends(ShareHandlerSuite):
    handler = Friends
    options: ClassVar = {"group": "friends"}
    guest = User("bob", groups=("friends",))

    def test_strangers_are_refused_in_words(self) -> None:
        async def run() -> None:
            kept = KeptInMemory()
            handler = self.make(kept)
            made = await handler.create(SHARED, ASKED)
            kept.keep(made)
            with pytest.raises(Forbidden, match="for friends only"):
                await handler.accept(made.code, User("carol"))

        asyncio.run(run())


def test_it_fits_this_version_of_the_gateway() -> None:
    hooks = plugged(
        demo,
        "demo",
        authenticator={"plugin": "guests", "guests": {"word": "x"}},
        spawner={"plugin": "plain"},
        sharing={"handlers": "friends"},
        policy={"plugins": "demo"},
    )
    hooks.validate()
    assert hooks.faults == ()


def test_the_policy() -> None:
    hooks = plugged(demo, "demo", policy={"plugins": "demo"}, plugins={"demo": {"closed_paths": ["/secret/"]}})
    inside, outside = visit("GET /user/alice/secret/x"), visit("GET /user/alice/lab")
    denial = judged(hooks, inside, identity(), place())
    assert denial is not None
    assert denial.word == "closed"
    assert judged(hooks, outside, identity(), place()) is None
    assert judged(hooks, inside, identity(admin=True), place()) is None
    assert judged(hooks, inside, None, place("hub")) is None


def test_the_addon() -> None:
    (addon,) = plugged(demo, "demo", plugins={"demo": {"greeting": "good day"}}).addons()
    flow = SimpleNamespace(response=SimpleNamespace(headers={}))
    addon.addon.responseheaders(flow)  # type: ignore[attr-defined]  # an addon may be any object
    assert flow.response.headers == {"X-Demo": "good day"}


def test_the_routes_and_the_event(hubgate_hub: FakeHub) -> None:
    hooks = plugged(demo, "demo")
    routes = {route.path: route for _, route in hooks.api_routes(lambda _: hubgate_hub)}
    before = asyncio.run(told(routes["visits/{user}"], "alice"))["visits"]
    hooks.user_logged_in("alice", "192.0.2.1")
    assert asyncio.run(told(routes["visits/{user}"], "alice")) == {"name": "alice", "visits": before + 1}
    assert asyncio.run(told(routes["notes/{user}"], "bob", {"text": "came late"})) == {"text": "came late"}
    assert all(route.scopes for route in routes.values())


async def told(route: Any, user: str, body: Any = None) -> Any:
    return await route.handler(replace(call(fields={"user": user}), body=body or {}))
