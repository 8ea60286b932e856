"""A plugin's addon sees its own flows, and nothing else."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from mitmproxy import http
from mitmproxy.test import tflow, tutils

from gateway.hookspecs import Addon, Match
from gateway.proxy import (
    addons,
    exchange,  # noqa: F401  # importing it registers our hook, which no addon gets
)
from gateway.proxy.addons import LIMIT, METADATA, REST, Care, Fence, fenced


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
    fence: Any = Fence(Addon("mine", Match(), noisy))
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


def test_response_types_are_known_once_there_is_a_response() -> None:
    class Hears:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def request(self, flow: Any) -> None:
            self.heard.append("request")

        def response(self, flow: Any) -> None:
            self.heard.append(flow.response.headers["content-type"])

        error = websocket_start = response

    hears = Hears()
    fence: Any = Fence(Addon("mine", Match(response_types=("text/html", "image/*")), hears))
    for kind in ("text/html; charset=utf-8", "IMAGE/png", "application/json"):
        made = flow("mine")
        made.response = tutils.tresp(headers=http.Headers(content_type=kind))
        fence.request(made)
        fence.response(made)
    made.response = None
    fence.error(made)
    assert hears.heard == ["request", "text/html; charset=utf-8", "request", "IMAGE/png", "request"]


class Broken:
    """Fails in each hook in a way of its own."""

    calls = 0

    def load(self, loader: Any) -> None:
        raise ZeroDivisionError("at once")

    async def configure(self, updated: Any) -> None:
        """Must not be async."""

    def request(self, flow: Any) -> None:
        self.calls += 1
        time.sleep(30)

    async def response(self, flow: Any) -> None:
        raise SystemExit(3)

    async def error(self, flow: Any) -> None:
        while True:
            pass


async def test_failures_are_named_and_nobody_elses(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addons, "LIMIT", 0.05)
    now = [100.0]
    broken = Broken()
    owner = Addon("mine", Match(), broken)
    fence: Any = Fence(owner, care=Care("mine", lambda: now[0]))

    def said() -> str:
        text, now[0] = caplog.text, now[0] + REST + 1
        caplog.clear()
        return text

    caplog.set_level(logging.ERROR)
    fence.load(None)
    assert "addon 'mine' failed in load: ZeroDivisionError('at once')" in said()
    fence.configure(set())
    assert "must not be async" in said()
    await fence.response(flow("mine"))
    assert "failed in response: SystemExit(3)" in said()
    await fence.error(flow("mine"))
    assert "failed in error" in said()
    fence.request(flow("mine"))
    fence.request(flow("mine"))
    assert broken.calls == 1
    assert "failed in request" in caplog.text
    assert "it is left out for 10 s" in said()
    fence.request(flow("mine"))
    assert broken.calls == 2


def test_the_log_is_not_flooded(caplog: pytest.LogCaptureFixture) -> None:
    def fail(flow: Any) -> None:
        raise ZeroDivisionError

    care = Care("mine", lambda: 100.0)
    for _ in range(50):
        care.call("request", fail, None)
    assert caplog.text.count("addon 'mine' failed") == 1
    assert LIMIT == 1
