"""What a trusted proxy says of who the client is: who gets it, who does not, and which sessions hang on it."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from gateway.model import digest
from gateway.proxy.facts import Facts, read
from gateway.proxy.gate import Forward, Redirect, decide
from gateway.proxy.rewrite import request_head
from gateway.proxy.site import Site
from gateway.routes import Route, RouteTable
from gateway.settings import Settings
from tests.gateway.proxy.values import COOKIE, HOST, NOW, PEER, facts, head, refusal, server, user

PROXIED = Site.of(
    Settings.model_validate({"gateway": {"allowed_hosts": [HOST], "trusted_proxies": [PEER]}}),
    [("127.0.0.1", 8000)],
    proxy_headers=["remote-user", "x-forwarded-email"],
)
HUB = Route("hub", "hub", ("hub",), url="unix:/x")


def test_headers_that_name_a_person_are_hidden_in_every_spelling() -> None:
    settings = Settings.model_validate({})
    found = Site.of(settings, [("127.0.0.1", 80)], proxy_headers=["x-remote-user", "groups"])
    assert found.proxy_headers == (b"x-remote-user", b"groups")
    assert found.hidden == {b"x-remote-user", b"x_remote-user", b"x-remote_user", b"x_remote_user", b"groups"}
    assert Site.of(settings, []).hidden == frozenset()


def test_a_trusted_proxy_names_somebody() -> None:
    found = facts("GET /", {"Remote-User": "alice", "X-Forwarded-Email": "a,b"}, PROXIED)
    assert found.by_proxy
    assert found.vouched == {"remote-user": b"alice", "x-forwarded-email": b"a,b"}
    assert found.unbelieved == ""
    assert facts("GET /", {}, PROXIED).vouched == {}


def test_nobody_else_does() -> None:
    where = replace(PROXIED, trusted=())
    found = facts("GET /", {"Remote-User": "alice"}, where)
    assert (found.by_proxy, found.vouched, found.unbelieved) == (False, {}, "remote-user")
    spoofed = {"Remote-User": "alice", "X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
    elsewhere = replace(PROXIED, trusted=(ipaddress.ip_network("10.0.0.1"),))
    assert facts("GET /", spoofed, elsewhere).vouched == {}, "it is the peer that counts, not what it says it is"


def test_a_proxy_that_adds_its_header_to_the_clients_own_is_refused() -> None:
    twice = [("Remote-User", "admin"), ("remote-user", "alice")]
    assert refusal("GET /", twice, PROXIED).status == 400
    assert facts("GET /", twice, replace(PROXIED, trusted=())).vouched == {}


PROXIED = Site.of(
    Settings.model_validate({"gateway": {"allowed_hosts": [HOST], "trusted_proxies": [PEER]}}),
    [("127.0.0.1", 8000)],
    proxy_headers=["remote-user", "x-forwarded-email"],
)
NAMED = {"Remote-User": "alice", "X-Forwarded-Email": "a@b.c", "remote_user": "mallory", "X-Other": "1"}


def rewritten(where: Site, route: Route) -> bytes:
    asked = head("GET /x", NAMED)
    found = read(asked, PEER, where, secure=False)
    assert isinstance(found, Facts)
    forward = Forward(route, None, None, False)
    return request_head(found, asked, forward, request_id="r", channel_secret="s", without=where.hidden)


def test_the_hub_alone_gets_what_a_trusted_proxy_says() -> None:
    raw = rewritten(PROXIED, HUB)
    assert raw.count(b"remote-user: alice") == raw.count(b"x-forwarded-email: a@b.c") == 1
    assert b"x-hubgate-proxy: trusted" in raw
    assert b"mallory" not in raw
    raw = rewritten(PROXIED, server())
    assert b"alice" not in raw.replace(b"/user/alice", b"") and b"a@b.c" not in raw and b"mallory" not in raw
    assert b"X-Other: 1" in raw


def test_from_anybody_else_nobody_gets_it() -> None:
    where = replace(PROXIED, trusted=())
    raw = rewritten(where, HUB)
    assert b"alice" not in raw and b"mallory" not in raw and b"a@b.c" not in raw
    assert b"x-hubgate-unbelieved: remote-user" in raw
    assert b"x-hubgate-proxy" not in raw


@pytest.mark.parametrize(
    ("headers", "passes"),
    [({"Remote-User": "alice"}, True), ({"Remote-User": "bob"}, False), ({}, False), ({"Remote_User": "alice"}, False)],
    ids=str,
)
def test_it_counts_only_while_the_proxy_names_the_same_person(headers: dict[str, str], passes: bool) -> None:
    who = replace(user("alice"), bound=f"remote-user:{digest('alice')}")
    route = RouteTable.of([server()]).find(("user", "alice", "lab"))
    asked = facts("GET /user/alice/lab", {**COOKIE, **headers, "Accept": "text/html"}, PROXIED)
    verdict = decide(asked, who, route, NOW, PROXIED)
    if passes:
        assert isinstance(verdict, Forward) and verdict.identity == who
    else:
        assert verdict == Redirect("/hub/login?next=%2Fuser%2Falice%2Flab")
    untrusted = replace(PROXIED, trusted=())
    asked = facts("GET /user/alice/lab", {**COOKIE, **headers, "Accept": "text/html"}, untrusted)
    assert isinstance(decide(asked, who, route, NOW, untrusted), Redirect)
