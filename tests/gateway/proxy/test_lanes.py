"""The life of a client connection: heads, judgement, the gateway's own answers, and how it ends."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.channel.messages import Invalidate, Welcome
from gateway.model import Identity
from gateway.proxy.credentials import Credential
from gateway.proxy.exchange import HubgateAskHook, Question
from gateway.proxy.lanes import BACKLOG, HEAD_TIMEOUT, IDLE_TIMEOUT, LINGER
from gateway.proxy.quota import Quota
from tests.gateway.proxy.playbook import Talk, bearer, fields, get, request, response, status
from tests.gateway.proxy.values import ME, OWN_TOKEN, site, user


def asking(talk: Talk, identity: Identity | None) -> list[Question]:
    """Have the hub answer with `identity`."""
    asked: list[Question] = []

    def answer(question: Question) -> None:
        asked.append(question)
        question.answered = talk.replica.keep(question.credential, identity, 1, talk.now)

    talk.on_ask = answer
    return asked


# ── heads ────────────────────────────────────────────────────────────────────


def test_a_head_may_come_in_pieces() -> None:
    t = Talk()
    for byte in get():
        t.client(bytes([byte]))
    assert t.upstream().take().startswith(b"GET /user/alice/api ")


def test_empty_lines_between_requests_are_old_manners() -> None:
    t = Talk()
    t.client(b"\r\n")
    t.client(b"\r\n" + get())
    assert len(t.upstreams) == 1


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (get("/user/alice/" + "x" * 20_000), 414),
        (b"GET /user/alice/" + b"x" * 20_000, 414),
        (get("/user/alice/x", "X-Big: " + "x" * 70_000), 431),
        (get("/user/alice/x")[:-2] + b"X: " + b"x" * 70_000, 431),
        (get("/user/alice/x", *(f"X-{number}: 1" for number in range(300))), 431),
    ],
)
def test_heads_have_limits(sent: bytes, expected: int) -> None:
    t = Talk()
    t.client(sent)
    assert status(t.answer()) == expected
    assert t.half_closed or t.closed
    assert t.upstreams == []


def test_a_slow_head_gets_a_408() -> None:
    t = Talk()
    t.later(HEAD_TIMEOUT + 1)
    assert not t.closed
    t.client(b"GET /user/ali")
    t.later(HEAD_TIMEOUT / 2)
    t.client(b"ce/ HTTP/1.1\r\n")
    t.later(HEAD_TIMEOUT / 2 + 1)
    assert status(t.answer()) == 408
    t.later(LINGER + 1)
    assert t.closed


def test_an_idle_connection_is_closed_without_a_word() -> None:
    t = Talk()
    t.client(get())
    t.upstream().send(response())
    t.answer()
    t.later(IDLE_TIMEOUT + 1)
    assert t.closed
    assert t.upstream().closed
    assert t.answer() == b""


def test_a_request_in_flight_may_take_its_time() -> None:
    t = Talk()
    t.client(get())
    t.later(100_000)
    assert not t.closed


def test_a_client_that_sends_ahead_is_not_read_for_ever() -> None:
    t = Talk()
    t.client(get())
    t.client(get() + b"x" * BACKLOG)
    assert t.lane.full


# ── judgement ────────────────────────────────────────────────────────────────


def test_refusals_are_answered_from_memory() -> None:
    t = Talk()
    t.client(get("/user/bob/") + request("GET /user/alice/") + request("GET /nowhere") + get("/", "Host: evil"))
    answer = t.answer()
    assert [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]] == [403, 403, 404, 400]
    assert t.upstreams == []
    assert [json.loads(line)["lane"] for line in t.book.lines] == ["gate"] * 4


def test_two_session_cookies_are_cleared() -> None:
    t = Talk()
    t.client(request("GET /hub/login", f"Cookie: hubgate-session={'a' * 43}; hubgate-session={'b' * 43}"))
    t.upstream().send(response(body=b"page"))
    assert b"hubgate-session=; Path=/; Max-Age=0" in t.answer()
    t.client(request("GET /user/alice/", f"Cookie: hubgate-session={'a' * 43}; hubgate-session={'b' * 43}"))
    answer = t.answer()
    assert status(answer) == 403
    assert b"hubgate-session=; Path=/user/alice/; Max-Age=0" in answer


def test_the_hub_is_asked_once_about_a_stranger() -> None:
    t = Talk(known=[])
    asked = asking(t, ME)
    t.client(get())
    assert asked[0].credential == Credential("session", ME.digest)
    assert t.upstream().take().startswith(b"GET /user/alice/api ")
    t.upstream().send(response())
    t.client(get())
    assert len(asked) == 1


def test_nobody_stands_behind_it() -> None:
    t = Talk(known=[])
    asked = asking(t, None)
    t.client(get() + get())
    assert len(asked) == 1
    assert t.answer().count(b"HTTP/1.1 403") == 2


def test_what_comes_while_the_hub_is_asked_is_kept_in_bounds() -> None:
    """Attack 36: nothing is queued in the layer, and the handler is told to stop reading."""
    t = Talk(known=[])
    t.hold = (HubgateAskHook,)
    asking(t, OWN_TOKEN)
    t.client(bearer("PUT /user/alice/file", "Content-Length: 70000"))
    t.client(b"x" * 70_000)
    assert t.lane.full
    t.answer_question()
    assert t.upstream().take().endswith(b"x" * 70_000)
    assert not t.lane.full


def test_a_change_between_answer_and_verdict_counts() -> None:
    """Attack 16: the answer is looked up again, not believed as it was."""
    t = Talk(known=[])
    answers = [ME, None]

    def answer(question: Question) -> None:
        identity = answers.pop(0)
        question.answered = t.replica.keep(question.credential, identity, 1, t.now)
        if identity:
            t.replica.invalidate(Invalidate(1, 2, owners=("user:alice",)))
            assert not t.replica.keep(question.credential, identity, 1, t.now)
        else:
            assert t.replica.keep(question.credential, None, 2, t.now)

    t.on_ask = answer
    t.client(get())
    assert status(t.answer()) == 403
    assert t.upstreams == []


def test_an_endless_doubt_is_no_permission() -> None:
    t = Talk(known=[])

    def answer(question: Question) -> None:
        question.answered = True

    t.on_ask = answer
    t.client(get())
    assert status(t.answer()) == 503


def test_too_many_guesses_from_an_address() -> None:
    t = Talk(known=[])

    def answer(question: Question) -> None:
        question.limited = True

    t.on_ask = answer
    t.client(get())
    answer_sent = t.answer()
    assert status(answer_sent) == 429
    assert "retry-after" in fields(answer_sent)


def test_a_credential_may_come_so_often_and_no_more() -> None:
    t = Talk()
    t.desk.quota = Quota(0.2)
    for _ in range(2):
        t.client(get())
        t.upstream().send(response(body=b"x"))
        assert status(t.answer()) == 200
    t.client(get())
    answer = t.answer()
    assert status(answer) == 429
    assert fields(answer)["retry-after"] == "5"
    assert "[limits] requests_per_second" in json.loads(answer.partition(b"\r\n\r\n")[2])["message"]
    t.client(get("/user/alice/api", value=""))
    assert status(t.answer()) == 403
    t.later(5)
    t.client(get())
    t.upstream().send(response(body=b"x"))
    assert status(t.answer()) == 200


def test_what_the_hub_judges_is_counted_too() -> None:
    t = Talk(known=())
    t.desk.quota = Quota(0.1)
    asked = asking(t, replace(OWN_TOKEN, revision=1))
    t.client(bearer("GET /hub/api/user"))
    t.upstream().send(response(body=b"x"))
    assert status(t.answer()) == 200
    t.client(bearer("GET /hub/api/user"))
    assert status(t.answer()) == 429
    assert len(asked) == 1


def test_a_token_that_nobody_has_is_for_the_hub_to_refuse() -> None:
    t = Talk(known=())
    t.desk.quota = Quota(0.1)
    asked = asking(t, None)
    for _ in range(3):
        t.client(bearer("GET /hub/api/user"))
        t.upstream().send(response("403 Forbidden", body=b"x"))
        assert status(t.answer()) == 403
    assert len(asked) == 1


def test_guesses_are_limited_by_address_where_there_is_a_quota() -> None:
    t = Talk(known=())
    t.desk.quota = Quota(10)

    def too_many(question: Question) -> None:
        question.limited = True

    t.on_ask = too_many
    t.client(bearer("GET /hub/api/user"))
    assert status(t.answer()) == 429


def test_a_client_that_leaves_while_the_hub_is_asked() -> None:
    t = Talk(known=[])
    t.hold = (HubgateAskHook,)
    t.client(get())
    t.client_leaves()
    assert t.closed
    assert json.loads(t.book.lines[0])["status"] == 0


# ── the hub is away ──────────────────────────────────────────────────────────


def test_without_the_hub_known_people_are_served() -> None:
    t = Talk(known=[ME])
    t.replica.lost(t.now)
    t.client(get())
    t.upstream().send(response(body=b"served"))
    assert t.answer().endswith(b"served")
    t.client(get(value="b" * 43) + request("GET /hub/home"))
    answers = t.answer().split(b"HTTP/1.1 ")[1:]
    assert [int(answer[:3]) for answer in answers] == [503, 503]
    assert all(b"Retry-After" in answer for answer in answers)


def test_a_hub_that_does_not_answer() -> None:
    t = Talk(known=[])
    t.on_ask = lambda question: None
    t.client(get())
    assert status(t.answer()) == 503


def test_the_health_of_the_worker_alone() -> None:
    t = Talk()
    t.client(request("GET /hub/health?worker=1"))
    assert status(t.answer()) == 200
    t.replica.lost(t.now)
    t.client(request("GET /hub/health?worker=1"))
    assert status(t.answer()) == 503
    t.client(request("GET /hub/health"))
    assert status(t.answer()) == 503


def test_before_the_first_table_everything_waits_for_the_hub() -> None:
    t = Talk(connected=False)
    t.client(request("GET /user/alice/") + request("GET /somewhere"))
    assert t.answer().count(b"HTTP/1.1 503") == 2


def test_after_a_gap_people_are_asked_for_anew() -> None:
    t = Talk(known=[ME])
    asked = asking(t, ME)
    t.replica.lost(t.now)
    t.replica.welcome(Welcome("other boot", 7, False, "", ""))
    t.client(get())
    assert asked == []  # the table is not complete yet, so this is still the grace
    t.upstream().send(response())
    t.replica.connected = True
    t.client(get())
    assert len(asked) == 1


# ── bodies that nobody wants ─────────────────────────────────────────────────


def test_a_refused_body_is_skipped() -> None:
    t = Talk(known=[ME, OWN_TOKEN])
    t.client(bearer("POST /user/bob/api", "Content-Length: 10") + b"01234")
    assert status(t.answer()) == 403
    t.client(b"56789" + get())
    assert t.upstream().take().startswith(b"GET /user/alice/api ")


@pytest.mark.parametrize(
    "lines",
    [("Content-Length: 100000000",), ("Transfer-Encoding: chunked",), ("Content-Length: 5", "Expect: 100-continue")],
)
def test_a_body_that_is_too_much_ends_the_connection(lines: tuple[str, ...]) -> None:
    t = Talk(known=[ME, OWN_TOKEN])
    t.client(bearer("POST /user/bob/api", *lines))
    answer = t.answer()
    assert status(answer) == 403
    assert fields(answer)["connection"] == "close"
    assert t.half_closed
    t.client(b"x" * 1000)
    assert not t.closed  # heard out, so that no reset eats the answer
    t.later(LINGER + 1)
    assert t.closed


def test_the_longest_body() -> None:
    t = Talk(known=[ME, OWN_TOKEN], site=site(max_body=10))
    t.client(bearer("POST /user/alice/api", "Content-Length: 11"))
    assert status(t.answer()) == 413
    t = Talk(known=[ME, OWN_TOKEN], site=site(max_body=10))
    t.client(bearer("POST /user/alice/api", "Transfer-Encoding: chunked") + b"8\r\n01234567\r\n8\r\n01234567\r\n")
    assert status(t.answer()) == 413
    assert t.upstreams == [] or t.upstream().closed


# ── ends ─────────────────────────────────────────────────────────────────────


def test_a_draining_worker_finishes_what_it_has() -> None:
    t = Talk()
    t.client(get())
    t.leave()
    assert not t.closed
    t.upstream().send(response(body=b"done"))
    assert fields(t.answer())["connection"] == "close"
    assert t.closed


def test_a_draining_worker_closes_what_is_idle() -> None:
    t = Talk()
    t.leave()
    assert t.closed


def test_everything_is_logged_once() -> None:
    t = Talk(known=[ME, user("bob", "b" * 43)])
    t.client(get() + b"broken")
    t.upstream().send(response(body=b"12345"))
    first, second = map(json.loads, t.book.lines)
    assert (first["user"], first["sent"], first["route"], first["lane"]) == ("alice", 5, "server:alice/", "express")
    assert (second["status"], second["method"], second["lane"]) == (400, "-", "gate")
