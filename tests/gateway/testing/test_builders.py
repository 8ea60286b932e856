"""Builders make what the gateway itself makes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.errors import PluginError
from gateway.hookspecs import Denial, Place, hookimpl
from gateway.model import Target
from gateway.proxy.policies import _place, _visit
from gateway.testing.builders import call, identity, judged, launch, place, plugged, started, visit
from gateway.testing.fakes import NOON
from tests.gateway.proxy.values import facts, server


def test_a_visit_is_like_a_workers() -> None:
    real = _visit(facts("PUT /user/alice/x", {"Accept": "text/html", "Content-Type": "Text/Plain; charset=x"}), NOON)
    built = visit("PUT /user/alice/x", {"Accept": "text/html", "Content-Type": "Text/Plain; charset=x"})
    assert (built.method, built.path, built.content_type) == (real.method, real.path, real.content_type)
    assert visit(now=3, client="10.0.0.1").client == "10.0.0.1"
    assert visit("GET /", {"Accept": "text/html"}).navigation


def test_places_and_people() -> None:
    assert place("server", "alice", "gpu") == _place(server("alice", "gpu"))
    assert place() == _place(server("alice"))
    assert place("service", name="shop") == Place("service", "/services/shop", service="shop")
    assert (place("hub").path, place("custom", name="docs").path) == ("/hub", "/docs")
    assert identity("bob", admin=True, scopes=["self"]).scopes == {"self"}
    assert (call().body, call(body=[1]).body, call().caller.name) == ({}, [1], "alice")


def test_launches(tmp_path: Path) -> None:
    one, two = launch(tmp_path, ["x"]), launch(tmp_path, ["x"], memory=5)
    assert one.server.start_id != two.server.start_id
    assert two.profile.memory == 5
    assert started(one, Target("http://127.0.0.1:1")).server.target == Target("http://127.0.0.1:1")


class Closed:
    @hookimpl
    def gateway_policy(self) -> Denial | None:
        return Denial("closed")


class Confused:
    @hookimpl
    def gateway_policy(self) -> object:
        return False


def test_a_policy_behind_the_door() -> None:
    said = judged(plugged(Closed(), "closed", policy={"plugins": "closed"}), visit(), None, place())
    assert said == Denial("closed")
    assert judged(plugged(Closed(), "closed"), visit(), None, place()) is None, "not chosen"
    with pytest.raises(AssertionError, match="gives a Denial or None, not False"):
        judged(plugged(Confused(), "x", policy={"plugins": "x"}), visit(), None, place())


def test_what_does_not_fit() -> None:
    wrong = SimpleNamespace(gateway_nothing=hookimpl(lambda: None))
    with pytest.raises(PluginError, match="'old' does not fit"):
        plugged(wrong, "old")
    assert plugged(Closed(), "one", SimpleNamespace()).faults == ()
