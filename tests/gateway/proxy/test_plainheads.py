"""Heads that pass as they are: what comes out is what the long way would give, byte by byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy import http1
from gateway.proxy.passing import assembled
from gateway.proxy.plainheads import plain_response
from gateway.proxy.rewrite import response_headers
from tests.gateway.proxy.values import ALL, server

JUPYTER = (
    b"HTTP/1.1 200 OK",
    b"Server: TornadoServer/6.4",
    b"Content-Type: application/json",
    b"Date: Thu, 26 Nov 2026 01:00:00 GMT",
    b"Content-Security-Policy: frame-ancestors 'self'; default-src 'none'",
    b'Etag: "abc"',
    b"Content-Length: 20",
)


def head(*lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b"", b""))


def test_what_a_jupyter_server_says() -> None:
    response = plain_response(head(*JUPYTER) + b"the body", "GET")
    assert response is not None
    assert response.plain == head(*JUPYTER)
    assert (response.status, response.reason, response.length, response.keep_alive) == (200, b"OK", 20, True)
    assert response.headers == http1.parse_response(head(*JUPYTER), "GET").headers


@pytest.mark.parametrize(
    "line",
    [
        b"Set-Cookie: a=b", b"Location: /x", b"Service-Worker-Allowed: /", b"Clear-Site-Data: x", b"X-Hubgate-User: x",
        b"Connection: close", b"Connection: x-own", b"Keep-Alive: timeout=5", b"Transfer-Encoding: chunked",
        b"Upgrade: h2c", b"Strict-Transport-Security: max-age=1", b"Content-Length: 20", b"content-length: 20",
        b"Content-Length: 020", b"Content-Length: +20", b"Content-Length:20", b"Trailer: x", b"x_hubgate_user: x",
        b"X:no-space", b"X:  two", b"X: behind ", b"X: ", b"X:\tx", b" folded", b"\tfolded", b"X : x", b"no colon",
        b"X: \x00", b"X: a\rb", b"X: a\nb", b": x", b"X\x80: x", b"A" * 129 + b": x",
    ],
)  # fmt: skip
def test_whatever_else_it_says_is_looked_at_closely(line: bytes) -> None:
    assert plain_response(head(*JUPYTER, line), "GET") is None


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.0 200 OK", b"HTTP/1.1 100 Continue", b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 Not Modified",
        b"HTTP/1.1 200 ", b"HTTP/1.1 200", b"HTTP/1.1  200 OK", b"HTTP/1.1 99 OK", b"HTTP/1.1 600 OK",
        b"HTTP/1.1 20x OK",
    ],
)  # fmt: skip
def test_of_first_lines_the_usual_ones(first: bytes) -> None:
    assert plain_response(head(first, *JUPYTER[1:]), "GET") is None


def test_not_for_head_not_without_a_length_not_by_halves_and_not_for_long() -> None:
    assert plain_response(head(*JUPYTER), "HEAD") is None
    assert plain_response(head(*JUPYTER[:-1]), "GET") is None
    assert plain_response(head(*JUPYTER)[:-1], "GET") is None
    assert plain_response(head(*JUPYTER, b"X: " + b"x" * 9000), "GET") is None


LINES = st.lists(
    st.sampled_from(
        (*JUPYTER[1:], b"Set-Cookie: a=b", b"X: y", b"X:y", b"Connection: close", b"Vary: Accept", b"X: \xff")
    )
    | st.from_regex(re.compile(rb"[A-Za-z-]{1,12}: ?[ -~]{0,12}"), fullmatch=True)
    | st.binary(max_size=20),
    max_size=8,
)


@given(st.sampled_from((b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 200 ", b"HTTP/1.0 200 OK")), LINES)
def test_both_ways_come_to_the_same_end(first: bytes, lines: list[bytes]) -> None:
    """Where one takes the short way, the long one neither refuses nor changes anything."""
    short = plain_response(head(first, *lines), "GET")
    if short is None:
        return
    long = http1.parse_response(short.plain, "GET")
    assert (short.status, short.length, short.keep_alive, type(short.body)) == (
        long.status, long.length, long.keep_alive, type(long.body),
    )  # fmt: skip
    for route in (server("alice"), ALL.by_id["hub"]):
        assert short.plain == assembled(long, response_headers(long.status, long.headers, route))
