"""Refusals by the hundred for one credential become a shorter answer; nothing else does."""

from __future__ import annotations

from gateway.proxy.facts import Refuse
from gateway.proxy.gate import ANONYMOUS, HUB_AWAY, UNKNOWN_TOKEN, Redirect
from gateway.proxy.shield import TOO_OFTEN, Shield
from tests.gateway.proxy.playbook import Talk, get, status
from tests.gateway.proxy.values import BEARER, COOKIE, NOW, ORIGIN, PAGE, facts, server

TAB = facts("GET /user/alice/api/status", COOKIE)


def test_a_tab_gets_its_answer_until_it_is_too_many() -> None:
    shield = Shield(burst=3, per_second=1)
    answers = [shield.tempered(ANONYMOUS, TAB, NOW) for _ in range(5)]
    assert answers == [ANONYMOUS] * 3 + [TOO_OFTEN] * 2
    assert shield.tempered(ANONYMOUS, TAB, NOW + 1) is ANONYMOUS


def test_each_credential_counts_by_itself() -> None:
    shield = Shield(burst=1, per_second=0)
    assert shield.tempered(ANONYMOUS, TAB, NOW) is ANONYMOUS
    token = facts("GET /user/alice/api", BEARER | COOKIE)
    assert shield.tempered(UNKNOWN_TOKEN, token, NOW) is UNKNOWN_TOKEN
    assert shield.tempered(UNKNOWN_TOKEN, token, NOW) is TOO_OFTEN
    bare = facts("GET /user/alice/api")
    assert {shield.tempered(ANONYMOUS, bare, NOW) for _ in range(9)} == {ANONYMOUS}


def test_pages_and_what_is_nobodys_fault_are_spared() -> None:
    shield = Shield(burst=0, per_second=0)
    assert shield.tempered(ANONYMOUS, TAB, NOW) is TOO_OFTEN
    assert shield.tempered(HUB_AWAY, TAB, NOW) is HUB_AWAY
    foreign = Refuse(403, "Not a page of ours.", "source")
    assert shield.tempered(foreign, TAB, NOW) is foreign
    redirect = Redirect("/hub/login")
    assert shield.tempered(redirect, TAB, NOW) is redirect
    assert shield.tempered(ANONYMOUS, facts("GET /user/alice/", COOKIE | PAGE), NOW) is ANONYMOUS


def test_a_tab_with_pipelined_posts_costs_no_upstream_and_no_question() -> None:
    """Attack 37."""
    t = Talk(server("alice", state="stopped", url="", auth="none", secret=""))
    for _ in range(50):
        t.client(get("/user/alice/api/x", f"Origin: {ORIGIN}", "Content-Length: 3", method="POST", body=b"abc") * 4)
    answer = t.answer()
    assert (answer.count(b"HTTP/1.1 424 "), answer.count(b"HTTP/1.1 429 ")) == (100, 100)
    assert t.upstreams == []
    assert not t.closed
    t.client(get("/user/alice/", "Sec-Fetch-Mode: navigate"))
    assert status(t.answer()) == 424
