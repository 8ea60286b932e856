"""A plugin's addon sees its own flows, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from mitmproxy.test import tflow

from gateway.hookspecs import Addon, Match
from gateway.proxy.addons import METADATA, Fence, Matches, fenced
from gateway.proxy.gate import Forward
from tests.gateway.proxy.values import ME, facts, server

FORWARD = Forward(server("alice"), ME, None, upgrade=False)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (Match(), True),
        (Match(path="/user/alice/a b"), True),
        (Match(path="/user/alice/other"), False),
        (Match(methods=("GET", "PUT")), True),
        (Match(methods=("PUT",)), False),
        (Match(users=("alice",)), True),
        (Match(users=("bob",)), False),
    ],
)
def test_matches(match: Match, expected: bool) -> None:
    found = Matches([Addon("one", match, object())]).of(facts("GET /user/alice/a%20b/x"), FORWARD)
    assert found == (("one",) if expected else ())


def test_nobody_is_no_user() -> None:
    anonymous = Forward(server("alice"), None, None, upgrade=False)
    assert Matches([Addon("one", Match(users=("",)), object())]).of(facts("GET /x"), anonymous) == ("one",)
    assert Matches().of(facts("GET /x"), anonymous) == ()


class Noisy:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def load(self, loader: Any) -> None:
        self.heard.append("load")

    def request(self, flow: Any) -> str:
        self.heard.append("request")
        return "result"

    def update(self, flows: Any) -> None:
        self.heard.append(f"update {len(flows)}")

    def client_connected(self, client: Any) -> None:
        self.heard.append("client")

    def hubgate_ask(self, question: Any) -> None:
        self.heard.append("ask")


def flow(*names: str) -> Any:
    made = tflow.tflow()
    made.metadata[METADATA] = list(names)
    return made


def test_the_fence() -> None:
    noisy = Noisy()
    fence: Any = Fence("mine", noisy)
    assert fence.request(flow("mine")) == "result"
    assert fence.request(flow("other")) is None
    assert fence.request(tflow.tflow()) is None
    fence.update([flow("mine"), flow("other")])
    fence.update([flow("other")])
    fence.client_connected(object())
    fence.hubgate_ask(object())
    fence.load(None)
    assert noisy.heard == ["request", "update 1", "load"]
    assert not hasattr(fence, "response")


def test_children_are_fenced_too() -> None:
    class Parent:
        def __init__(self) -> None:
            self.addons = [Noisy()]

    parent = Parent()
    (fence,) = fenced([Addon("mine", Match(), parent)])
    child: Any = fence.addons[0]
    child.request(flow("other"))
    child.request(flow("mine"))
    assert parent.addons[0].heard == ["request"]
    assert (fence.name, child.name) == ("hubgate-mine", "hubgate-mine-1")
