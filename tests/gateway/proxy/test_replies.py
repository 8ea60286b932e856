"""Verdicts become answers, and are noted."""

from __future__ import annotations

import json

import pytest

from gateway.proxy.credentials import Credential
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Refuse
from gateway.proxy.gate import Ask, Health, Redirect
from gateway.proxy.passing import REFUSED, SILENT
from gateway.proxy.replies import reply
from tests.gateway.proxy.playbook import Talk, fields, status
from tests.gateway.proxy.values import PAGE, PEER, facts, head

REFUSE = Refuse(424, "It is not running.", "stopped", retry_after=30)


def exchange(talk: Talk, line: str = "GET /x", headers: dict[str, str] | None = None) -> Exchange:
    made = talk.desk.exchange(talk.client_connection, PEER, head(line, headers))
    made.facts = facts(line, headers)
    return made


def test_a_page_for_a_person_and_json_for_a_program() -> None:
    t = Talk()
    page = reply(REFUSE, exchange(t, headers=PAGE), t.desk, close=False)
    assert fields(page)["content-type"].startswith("text/html")
    made = exchange(t)
    answer = reply(REFUSE, made, t.desk, close=True)
    assert fields(answer)["retry-after"] == "30"
    assert fields(answer)["connection"] == "close"
    assert fields(answer)["x-request-id"] == made.id
    body = answer.partition(b"\r\n\r\n")[2]
    assert json.loads(body)["message"].startswith(REFUSE.message)
    assert (made.status, made.sent) == (424, len(body))


def test_before_there_are_facts_the_head_tells_who_waits() -> None:
    t = Talk()
    made = t.desk.exchange(t.client_connection, PEER, head("GET /x", {"Accept": "text/html"}))
    assert b"<!doctype html>" in reply(REFUSE, made, t.desk, close=False)


def test_head_has_no_body() -> None:
    t = Talk()
    made = exchange(t, "HEAD /x")
    assert reply(REFUSE, made, t.desk, close=False).endswith(b"\r\n\r\n")
    assert made.sent == 0


def test_redirects_and_health() -> None:
    t = Talk()
    answer = reply(Redirect("/hub/login?next=%2F"), exchange(t), t.desk, close=False)
    assert (status(answer), fields(answer)["location"]) == (302, "/hub/login?next=%2F")
    assert status(reply(Health(), exchange(t), t.desk, close=False)) == 200


def test_two_session_cookies_are_cleared() -> None:
    t = Talk()
    double = {"Cookie": f"hubgate-session={'a' * 43}; hubgate-session={'b' * 43}"}
    answer = reply(Redirect("/hub/login"), exchange(t, "GET /user/x", double), t.desk, close=False)
    assert answer.count(b"Set-Cookie: hubgate-session=;") >= 2


def test_a_question_is_no_answer() -> None:
    t = Talk()
    with pytest.raises(TypeError):
        reply(Ask(Credential("session", "x")), exchange(t), t.desk, close=False)


@pytest.mark.parametrize("refuse", [REFUSED, SILENT])
def test_a_server_that_does_not_work_has_a_way_on(refuse: Refuse) -> None:
    t = Talk()
    page = reply(refuse, exchange(t, headers=PAGE), t.desk, close=False)
    assert b'<a href="/hub/home">Your servers</a>' in page
    assert b"stop the server on your home page and start it anew" in page
