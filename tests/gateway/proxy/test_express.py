"""The express lane, as conversations: what the client sends, what the upstream sees, and back."""

from __future__ import annotations

import pytest
from mitmproxy.proxy import commands

from tests.gateway.proxy.playbook import Talk, bearer, fields, get, response, status
from tests.gateway.proxy.values import ME, OWN_TOKEN, SECRET, server

MINE = [ME, OWN_TOKEN]


def talk() -> Talk:
    return Talk(known=MINE)


def body(message: bytes) -> bytes:
    return message.partition(b"\r\n\r\n")[2]


def test_the_head_is_rewritten_both_ways() -> None:
    t = talk()
    t.client(get())
    got = t.upstream().take()
    assert got.startswith(b"GET /user/alice/api HTTP/1.1\r\n")
    assert fields(got)["authorization"] == f"token {SECRET}"
    assert "cookie" not in fields(got)
    t.upstream().send(response("200 Fine", "Set-Cookie: hubgate-session=x", "X-Hubgate-User: bob", body=b"hello"))
    assert t.answer() == b"HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nhello"
    assert not t.closed


def test_the_upstream_is_used_again() -> None:
    t = talk()
    for number in range(3):
        t.client(get(f"/user/alice/{number}"))
        t.upstream().send(response(body=b"x"))
    assert len(t.upstreams) == 1
    assert t.answer().count(b"200 OK") == 3


def test_pipelined_requests_wait_for_their_turn() -> None:
    t = talk()
    t.client(get("/user/alice/1") + get("/user/alice/2") + get("/user/alice/3")[:20])
    assert t.upstream().take().startswith(b"GET /user/alice/1 ")
    t.upstream().send(response(body=b"one"))
    assert t.upstream().take().startswith(b"GET /user/alice/2 ")
    t.upstream().send(response(body=b"two"))
    assert t.upstream().take() == b""
    t.client(get("/user/alice/3")[20:])
    assert t.upstream().take().startswith(b"GET /user/alice/3 ")
    assert [line.strip() for line in t.answer().split(b"\r\n") if line.startswith((b"one", b"two"))] == [
        b"oneHTTP/1.1 200 OK",
        b"two",
    ]


def test_a_body_with_a_length_is_streamed() -> None:
    t = talk()
    head = bearer("PUT /user/alice/file", "Content-Length: 10")
    t.client(head + b"0123")
    assert body(t.upstream().take()) == b"0123"
    t.client(b"45678")
    assert t.upstream().take() == b"45678"
    t.client(b"9" + get("/user/alice/next"))
    assert t.upstream().take() == b"9"
    t.upstream().send(response("201 Created"))
    assert t.upstream().take().startswith(b"GET /user/alice/next ")


def test_a_chunked_body_is_framed_anew() -> None:
    t = talk()
    head = bearer("POST /user/alice/file", "Transfer-Encoding: chunked")
    t.client(head + b"5;name=x\r\nhel")
    got = t.upstream().take()
    assert fields(got)["transfer-encoding"] == "chunked"
    assert body(got) == b"3\r\nhel\r\n"
    t.client(b"lo\r\n3\r\n wo\r\n0\r\nX-Hubgate-User: bob\r\n\r\n" + get("/user/alice/next"))
    assert t.upstream().take() == b"5\r\nlo wo\r\n0\r\n\r\n"
    t.upstream().send(response())
    assert t.upstream().take().startswith(b"GET /user/alice/next ")


def test_a_chunked_response_is_framed_anew() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response("200 OK", "Transfer-Encoding: chunked", length=False, body=b"5\r\nhello\r\n"))
    assert body(t.answer()) == b"5\r\nhello\r\n"
    t.upstream().send(b"3;x=y\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n")
    assert t.answer() == b"3\r\nabc\r\n0\r\n\r\n"
    t.client(get())
    assert len(t.upstreams) == 1


def test_head_and_bodiless_statuses() -> None:
    t = talk()
    t.client(get(method="HEAD"))
    t.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    assert t.answer() == b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    t.client(get())
    t.upstream().send(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n")
    assert status(t.answer()) == 304
    t.client(get())
    t.upstream().send(b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n")
    assert t.answer() == b"HTTP/1.1 204 No Content\r\n\r\n"
    assert len(t.upstreams) == 1


def test_interim_responses_pass() -> None:
    t = talk()
    t.client(bearer("PUT /user/alice/file", "Content-Length: 3", "Expect: 100-continue"))
    assert fields(t.upstream().take())["expect"] == "100-continue"
    t.upstream().send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    assert t.answer() == b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    t.client(b"abc")
    assert t.upstream().take() == b"abc"
    t.upstream().send(response("201 Created"))
    assert status(t.answer()) == 201


def test_a_response_that_ends_with_its_connection_keeps_the_clients() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(length=False, body=b"part"))
    assert body(t.answer()) == b"4\r\npart\r\n"
    t.upstream().end()
    assert t.answer() == b"0\r\n\r\n"
    assert t.upstream().closed
    t.client(get())
    assert len(t.upstreams) == 2
    assert not t.closed


def test_an_old_client_gets_no_chunks() -> None:
    t = talk()
    t.client(bearer("GET /user/alice/x", version="1.0"))
    assert b" HTTP/1.1\r\n" in t.upstream().take()
    t.upstream().send(
        response(length=False, body=b"3\r\nabc\r\n0\r\n\r\n").replace(b"OK", b"OK\r\nTransfer-Encoding: chunked")
    )
    assert t.answer() == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"
    assert t.closed


def test_an_old_client_may_stay_where_the_length_is_known() -> None:
    t = talk()
    t.client(bearer("GET /user/alice/x", "Connection: keep-alive", version="1.0"))
    t.upstream().send(response(body=b"abc"))
    assert fields(t.answer())["connection"] == "keep-alive"
    assert not t.closed


def test_connection_close_is_the_clients_own() -> None:
    t = talk()
    t.client(get("/user/alice/x", "Connection: close"))
    assert "connection" not in fields(t.upstream().take())
    t.upstream().send(response(body=b"abc"))
    assert fields(t.answer())["connection"] == "close"
    assert t.closed
    assert t.upstream().closed


def test_an_upstream_that_wants_to_close_is_not_used_again() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response("200 OK", "Connection: close", body=b"x"))
    assert t.upstream().closed
    t.client(get())
    assert len(t.upstreams) == 2
    assert not t.closed


# ── hostile upstreams ────────────────────────────────────────────────────────


def test_an_idle_upstream_must_be_silent() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(body=b"x"))
    t.answer()
    t.upstream().send(response("200 Poison"))
    assert t.upstream().closed
    assert t.answer() == b""
    t.client(get())
    assert len(t.upstreams) == 2


def test_a_doubled_response_is_dropped_with_its_connection() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(body=b"x") + response("200 Poison"))
    assert b"Poison" not in t.answer()
    assert t.upstream().closed
    t.client(get())
    assert len(t.upstreams) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
    ],
)
def test_answers_that_nobody_should_believe(answer: bytes) -> None:
    t = talk()
    t.client(get())
    t.upstream().send(answer)
    assert status(t.answer()) == 502
    assert t.upstream().closed
    assert not t.closed


def test_a_broken_chunk_cuts_the_response_off() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response("200 OK", "Transfer-Encoding: chunked", length=False, body=b"2\r\nab\r\n"))
    t.upstream().send(b"zz\r\n")
    assert not t.answer().endswith(b"0\r\n\r\n")
    assert t.closed


def test_a_cut_off_response_is_cut_off_for_the_client() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    t.upstream().end()
    assert t.closed


# ── connects ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("problem", "expected"), [("Connection refused", 503), ("timed out", 504)])
def test_an_upstream_that_cannot_be_reached(problem: str, expected: int) -> None:
    t = talk()
    t.connect_problem = problem
    t.client(get())
    assert status(t.answer()) == expected
    assert not t.closed


def test_what_the_client_sends_meanwhile_waits() -> None:
    t = talk()
    t.hold = (commands.OpenConnection,)
    t.client(bearer("PUT /user/alice/file", "Content-Length: 100000"))
    t.client(b"x" * 70_000)
    assert t.lane.full
    t.connect()
    assert body(t.upstream().take()) == b"x" * 70_000
    assert not t.lane.full


def test_no_second_connect_for_a_client_that_left() -> None:
    t = talk()
    t.hold = (commands.OpenConnection,)
    t.client(get())
    t.client_leaves()
    assert t.closed
    assert '"status":0' in t.book.lines[0]


def test_a_dead_kept_connection_is_tried_once_more() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(body=b"x"))
    t.answer()
    t.client(get("/user/alice/again"))
    t.upstream().end()
    assert len(t.upstreams) == 2
    assert t.upstreams[0].closed
    assert t.upstream().take().startswith(b"GET /user/alice/again ")
    t.upstream().end()
    assert status(t.answer()) == 502


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200"])
def test_what_may_have_been_done_is_not_tried_again(begun: bytes) -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(body=b"x"))
    t.answer()
    t.client(get() if begun else bearer("POST /user/alice/api", "Content-Length: 0"))
    if begun:
        t.upstream().send(begun)
    t.upstream().end()
    assert status(t.answer()) == 502
    assert len(t.upstreams) == 1


def test_a_new_generation_is_another_upstream() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(body=b"old"))
    t.replica.table = t.replica.table.changed(put=[server("alice", generation=2, url="http://127.0.0.1:10")])
    t.client(get())
    assert t.upstreams[0].closed
    assert t.upstream().address == ("127.0.0.1", 10)


# ── ends ─────────────────────────────────────────────────────────────────────


def test_a_client_that_leaves_takes_its_upstreams_along() -> None:
    t = talk()
    t.client(get())
    t.upstream().send(response(body=b"x"))
    t.client(get("/user/alice/slow"))
    t.client_leaves()
    assert t.upstream().closed
    assert t.closed
    assert len(t.book.lines) == 2
    assert len(t.desk.live) == 0


def test_an_early_answer_does_not_wait_for_the_body() -> None:
    t = talk()
    t.client(bearer("PUT /user/alice/file", "Content-Length: 10") + b"01")
    t.upstream().send(response("413 Content Too Large"))
    assert status(t.answer()) == 413
    assert t.upstream().closed
    t.client(b"23456789" + get())
    assert len(t.upstreams) == 2


def test_an_early_answer_to_an_endless_body_ends_the_connection() -> None:
    t = talk()
    t.client(bearer("PUT /user/alice/file", "Transfer-Encoding: chunked") + b"2\r\n01\r\n")
    t.upstream().send(response("413 Content Too Large"))
    assert fields(t.answer())["connection"] == "close"
    assert t.half_closed
    t.client(b"x" * 2_000_000)
    assert t.closed
