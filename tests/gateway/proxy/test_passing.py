"""What both lanes do with heads and bodies; the rest is in their own tests."""

from __future__ import annotations

import pytest

from gateway.proxy.gate import Forward
from gateway.proxy.http1 import parse_request, parse_response
from gateway.proxy.passing import Answered, Ended, assembled, interim, request_body, unreachable
from tests.gateway.proxy.playbook import Talk, get
from tests.gateway.proxy.values import facts, server

GET = parse_request(get())


def test_a_status_without_a_reason_gets_one() -> None:
    assert assembled(parse_response(b"HTTP/1.1 404\r\n\r\n", "GET"), []) == b"HTTP/1.1 404 Not Found\r\n\r\n"
    assert assembled(parse_response(b"HTTP/1.1 499\r\n\r\n", "GET"), []) == b"HTTP/1.1 499 Unknown\r\n\r\n"


def test_an_interim_response_has_no_length_and_nothing_of_the_gateways() -> None:
    response = parse_response(
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 3\r\nX-Hubgate-A: 1\r\n\r\n", "GET"
    )
    assert interim(response, server()) == b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"


@pytest.mark.parametrize(("problem", "status"), [("timed out", 504), ("Connection refused", 503), (None, 503)])
def test_unreachable(problem: str | None, status: int) -> None:
    assert unreachable(problem).refuse.status == status


def test_more_than_the_response_is_noticed() -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "GET")
    answered = Answered(Talk().lane, GET, facts("GET /"), Forward(server(), None, None, upgrade=False), response)
    assert answered.keep
    assert answered.body(b"abc") == (b"ab", 2)
    assert answered.done
    assert not answered.reusable


def test_what_is_not_the_body_waits() -> None:
    lane = Talk().lane
    request = parse_request(get("/x", "Content-Length: 2", method="POST"))
    assert request_body(lane, request, b"abGET /") == b"ab"
    assert request_body(lane, request, b"next") == b""
    assert lane.inbox == b"GET /next"


def test_a_broken_body_ends_it() -> None:
    request = parse_request(get("/x", "Transfer-Encoding: chunked", method="POST"))
    with pytest.raises(Ended) as caught:
        request_body(Talk().lane, request, b"zz\r\n")
    assert caught.value.refuse.status == 400
