"""Policies refuse, and nothing else; their failures refuse, too."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from gateway.hookspecs import Denial, NoOptions, Place, Visit
from gateway.model import Identity
from gateway.pluginmanager import Policy
from gateway.proxy import policies
from gateway.proxy.credentials import Credential
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Refuse
from gateway.proxy.gate import Forward
from gateway.proxy.policies import AT_A_TIME, BROKEN, LOOK, REST, SAID, WITHOUT_WORDS, Policies
from gateway.routes import Route
from tests.gateway.proxy.playbook import Talk, bearer, get, request, response, status
from tests.gateway.proxy.test_flows import Addon, Match
from tests.gateway.proxy.values import COOKIE, ME, NOW, OWN_TOKEN, TOKEN, WEBSOCKET, facts, head, server, user

SHOP = Route("service:shop", "service", ("services", "shop"), url="http://127.0.0.1:9")


def policy(function: Callable[..., Any], *asks_for: str) -> Policy:
    return Policy("rule", function, asks_for, NoOptions())


def noting(seen: list[Any], what: str) -> Policy:
    """One that has nothing against anything."""

    def note(**given: Any) -> None:
        seen.append(given[what])

    return policy(note, what)


def closed(*_: object, **__: object) -> Denial:
    return Denial("closed", "Come back tomorrow.")


def test_what_a_policy_sees() -> None:
    seen: list[Any] = []

    def looks(request: Visit, identity: Identity, route: Place, options: object) -> None:
        seen.extend((request, identity, route, options))

    found = Policies([policy(looks, "request", "identity", "route", "options")])
    asked = facts(
        "POST /user/alice/gpu/api%20x?token=secret",
        {**COOKIE, "Authorization": f"token {TOKEN}", "X-XSRFToken": "x", "Content-Type": "TEXT/plain; charset=x"},
    )
    assert found.refusal(asked, ME, server("alice", "gpu", owner_groups=("students",)), NOW) is None
    visit, identity, place, options = seen
    assert (visit.method, visit.path, visit.now, visit.content_type) == (
        "POST",
        "/user/alice/gpu/api x",
        NOW,
        "text/plain",
    )
    assert set(visit.headers) == {"host", "content-type"}
    assert "secret" not in repr(visit)
    assert (identity, options) == (ME, NoOptions())
    assert place == Place("server", "/user/alice/gpu", "alice", "gpu", "", ("students",))
    Policies([noting(seen, "route")]).refusal(asked, None, SHOP, NOW)
    assert seen[-1] == Place("service", "/services/shop", service="shop")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Denial("closed", "Come back."), Refuse(403, "Come back.", "policy-closed")),
        (Denial("closed"), Refuse(403, WITHOUT_WORDS, "policy-closed")),
        (Denial("NO WAY\r\n", "x\r\ny"), Refuse(403, WITHOUT_WORDS, "policy-denied")),
        (Denial(None, 3), Refuse(403, WITHOUT_WORDS, "policy-denied")),  # type: ignore[arg-type]
        (Denial("long", "x" * 1000), Refuse(403, "x" * 300, "policy-long")),
        (True, BROKEN),
        (False, BROKEN),
        (0, BROKEN),
        ("", BROKEN),
        (ME, BROKEN),
        (Forward(server("alice"), ME, None, upgrade=False), BROKEN),
        (None, None),
    ],
)
def test_what_a_policy_says(said: object, expected: object) -> None:
    found = Policies([policy(lambda: None), policy(lambda: said), policy(lambda: None)])
    assert found
    assert found.refusal(facts("GET /user/alice/"), ME, server("alice"), NOW) == expected
    assert not Policies()


def test_a_late_policy_refuses_everything_for_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(policies, "LIMIT", 0.05)
    calls: list[int] = []

    def late() -> None:
        calls.append(1)
        while len(calls) == 1:
            pass

    found = Policies([policy(late)])

    def ask(now: float) -> object:
        return found.refusal(facts("GET /user/alice/"), ME, server("alice"), now)

    assert [ask(NOW), ask(NOW + 1), ask(NOW + REST - 1)] == [BROKEN] * 3
    assert len(calls) == 1
    assert "policy 'rule' has failed" in caplog.text
    assert ask(NOW + REST + 1) is None


def test_the_log_is_not_flooded_by_failures(caplog: pytest.LogCaptureFixture) -> None:
    found = Policies([policy(lambda: 1 / 0)])
    for later in (*[0.0] * 50, SAID + 1):
        assert found.refusal(facts("GET /user/alice/"), ME, server("alice"), NOW + later) == BROKEN
    assert caplog.text.count("policy 'rule' has failed") == 2
    assert "ZeroDivisionError" in caplog.text
    assert "(49 more failures before)" in caplog.text


# ── in the lanes ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lane", ["express", "flow"])
def test_a_refusal_comes_before_either_lane(lane: str, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[object] = []

    class Hears:
        def request(self, flow: object) -> None:
            heard.append(flow)

    addons = [Addon("hears", Match(), Hears())] if lane == "flow" else []
    open_at = [False]
    t = Talk(policies=[policy(lambda: None if open_at[0] else closed())], addons=addons)
    with caplog.at_level(logging.INFO):
        t.client(get())
    answer = t.answer()
    assert status(answer) == 403
    assert b"Come back tomorrow." in answer
    assert (t.upstreams, heard) == ([], [])
    assert "policy 'rule' refuses GET /user/alice: closed" in caplog.text
    open_at[0] = True
    t.client(get())
    t.upstream().send(response())
    assert status(t.answer()) == 200
    assert [json.loads(line)["lane"] for line in t.book.lines] == ["gate", lane]


def test_what_the_gate_refuses_no_policy_sees() -> None:
    t = Talk(policies=[policy(lambda: pytest.fail("asked"))])
    t.client(get("/user/bob/") + request("GET /user/alice/") + request("GET /nowhere"))
    assert [int(part[:3]) for part in t.answer().split(b"HTTP/1.1 ")[1:]] == [403, 403, 404]


def test_on_the_hubs_pages_it_is_told_who_comes() -> None:
    seen: list[Identity | None] = []
    t = Talk(policies=[noting(seen, "identity")], known=[ME, OWN_TOKEN])
    t.client(get("/hub/home") + request("GET /hub/login"))
    t.upstream().send(response())
    t.upstream().send(response())
    t.client(bearer("GET /hub/api/user"))
    assert seen == [ME, None, OWN_TOKEN]


def test_whose_session_is_over_is_nobody() -> None:
    seen: list[Identity | None] = []
    old = user("alice", expires_at=NOW - 1)
    t = Talk(policies=[noting(seen, "identity")], known=[old])
    t.client(get("/hub/home"))
    assert seen == [None]


def test_open_websockets_are_looked_at_again() -> None:
    state = [None]
    found = Policies([policy(lambda: state[0])])
    client: Any = None
    live = []
    for number in range(AT_A_TIME + 5):
        exchange = Exchange(str(number), client, head("GET /user/alice/x", WEBSOCKET), NOW, "192.0.2.7")
        exchange.facts = facts("GET /user/alice/x", {**COOKIE, **WEBSOCKET})
        exchange.forward = Forward(server("alice"), ME, Credential("session", ME.digest), upgrade=True)
        exchange.upgraded = number > 0
        live.append(exchange)
    assert list(found.refused_by_now(live, NOW)) == []
    list(found.refused_by_now(live, NOW))
    state[0] = Denial("closed")  # type: ignore[call-overload]
    assert list(found.refused_by_now(live, NOW + 1)) == [], "not at each look"
    first = list(found.refused_by_now(live, NOW + LOOK))
    rest = list(found.refused_by_now(live, NOW + LOOK))
    assert first + rest == live[1:]
    assert (len(first), len(rest)) == (AT_A_TIME, 4)
    assert list(Policies().refused_by_now(live, NOW)) == []
