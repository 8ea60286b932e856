"""Heads: what is taken, what is not, and how long the body is."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.bodies import Chunked, Empty, Sized, UntilClose
from gateway.proxy.facts import Refuse, read
from gateway.proxy.http1 import Malformed, Request, next_request, next_response, parse_request, parse_response
from tests.gateway.proxy.values import SITE


def parsed(line: str, *lines: str) -> Request:
    return parse_request("\r\n".join([line, "Host: a", *lines]).encode("latin-1") + b"\r\n\r\n")


def test_a_head_is_kept_as_it_was_sent() -> None:
    request = parsed("GET /a%20b?c=%2F HTTP/1.1", "X-Empty:", "x-B:  one\ttwo \t", "X-b: three", "Cookie: \xe9=1")
    assert request.head.method == b"GET"
    assert request.head.target == b"/a%20b?c=%2F"
    assert request.head.version == b"1.1"
    assert request.head.headers == (
        (b"Host", b"a"), (b"X-Empty", b""), (b"x-B", b"one\ttwo"), (b"X-b", b"three"), (b"Cookie", b"\xe9=1"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "kind", "length"),
    [
        ((), Empty, 0),
        (("Content-Length: 0",), Empty, 0),
        (("Content-Length: 007",), Sized, 7),
        (("Transfer-Encoding: Chunked",), Chunked, None),
    ],
)
def test_how_long_a_body_is(lines: tuple[str, ...], kind: type, length: int | None) -> None:
    request = parsed("POST / HTTP/1.1", *lines)
    assert isinstance(request.body, kind)
    assert request.length == length


@pytest.mark.parametrize(
    ("version", "lines", "keeps"),
    [
        ("1.1", (), True),
        ("1.1", ("Connection: close",), False),
        ("1.1", ("Connection: Keep-Alive, CLOSE",), False),
        ("1.1", ("Connection: close", "Connection: keep-alive"), False),
        ("1.0", (), False),
        ("1.0", ("connection: keep-alive",), True),
    ],
)
def test_who_wants_to_stay(version: str, lines: tuple[str, ...], keeps: bool) -> None:
    assert parsed(f"GET / HTTP/{version}", *lines).keep_alive is keeps


def test_expectations() -> None:
    assert parsed("PUT / HTTP/1.1", "Content-Length: 1", "Expect: 100-continue").expects
    assert not parsed("PUT / HTTP/1.1", "Content-Length: 1").expects


def test_one_request_at_a_time_is_taken_off_the_buffer() -> None:
    buffer = bytearray(b"\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n")
    first = next_request(buffer, 1000)
    assert first is not None
    assert first.head.target == b"/1"
    assert next_request(buffer, 1000) is None
    scanned = len(buffer)
    buffer += b"\r\n"
    second = next_request(buffer, 1000, scanned)
    assert second is not None
    assert second.head.target == b"/2"
    assert buffer == b""


def test_the_limit_counts_one_head_only() -> None:
    head = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
    assert next_request(bytearray(head * 100), len(head)) is not None
    with pytest.raises(Malformed) as caught:
        next_request(bytearray(head), len(head) - 1)
    assert caught.value.status == 431


@pytest.mark.parametrize("start", [b"\x16\x03", b" GET", b"\n", b"get"])
def test_what_is_not_http_is_noticed_at_once(start: bytes) -> None:
    with pytest.raises(Malformed):
        next_request(bytearray(start), 1000)


# ── responses ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "status", "lines", "kind", "length"),
    [
        ("GET", "200 OK", "Content-Length: 5", Sized, 5),
        ("GET", "200 OK", "Transfer-Encoding: chunked", Chunked, None),
        ("GET", "200 OK", "X: y", UntilClose, None),
        ("HEAD", "200 OK", "Content-Length: 5", Empty, 0),
        ("HEAD", "200 OK", "Transfer-Encoding: chunked", Empty, 0),
        ("GET", "204 No Content", "Content-Length: 5", Empty, 0),
        ("GET", "304 Not Modified", "Content-Length: 5", Empty, 0),
        ("GET", "103 Early Hints", "X: y", Empty, 0),
        ("GET", "426 Upgrade Required", "Upgrade: websocket", UntilClose, None),
    ],
)
def test_how_long_a_response_is(method: str, status: str, lines: str, kind: type, length: int | None) -> None:
    response = parse_response(f"HTTP/1.1 {status}\r\n{lines}\r\n\r\n".encode(), method)
    assert isinstance(response.body, kind)
    assert response.length == length
    assert response.keep_alive is (kind is not UntilClose)


def test_the_reason_is_kept_where_it_is_one() -> None:
    assert parse_response(b"HTTP/1.1 404 Not \xe9 Found\r\n\r\n", "GET").reason == b"Not \xe9 Found"
    assert parse_response(b"HTTP/1.1 404\r\n\r\n", "GET").reason == b""
    assert parse_response(b"HTTP/1.1 404 a\x07b\r\n\r\n", "GET").reason == b""


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 600 High\r\n\r\n",
        b"HTTP/1.1 2000 Long\r\n\r\n",
        b"HTTP/1.1 200OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Nothing named\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    ],
)
def test_responses_that_are_none(head: bytes) -> None:
    with pytest.raises(Malformed):
        parse_response(head, "GET")


def test_an_interim_response_is_a_head_of_its_own() -> None:
    buffer = bytearray(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    statuses = []
    while (response := next_response(buffer, "GET")) is not None:
        statuses.append(response.status)
    assert statuses == [100, 200]
    assert buffer == b"hi"


# ── the invariant ────────────────────────────────────────────────────────────

NAMES = st.sampled_from(
    ["X-A", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Host", "x_a", "Cookie"]
)
VALUES = st.one_of(
    st.sampled_from(["5", "0", "chunked", "close", "upgrade", "websocket", "identity", "a, b", "", "\t x ", "5,5"]),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=8),
)
LINES = st.sampled_from(
    ["GET / HTTP/1.1", "POST /x HTTP/1.1", "GET  / HTTP/1.1", "GET / HTTP/1.0", "OPTIONS * HTTP/1.1"]
)


@given(LINES, st.lists(st.tuples(NAMES, VALUES), max_size=5), st.sampled_from(["\r\n", "\n", "\r"]))
def test_whatever_is_taken_means_the_same_to_another_parser(
    line: str, fields: list[tuple[str, str]], ending: str
) -> None:
    """If we take a head, h11 takes it too, with the same headers and the same body length.

    (But for a second `Host`: that is for `gateway.proxy.facts.read` to refuse, for both lanes.)
    """
    lines = [line, "Host: a", *(f"{name}: {value}" for name, value in fields)]
    head = ending.join(lines).encode("latin-1") + b"\r\n\r\n"
    if head.find(b"\r\n\r\n") != len(head) - 4:
        return
    try:
        request = parse_request(head)
    except Malformed:
        return
    if sum(name.lower() == b"host" for name, _ in request.head.headers) > 1:
        assert isinstance(read(request.head, "127.0.0.1", SITE, secure=False), Refuse)
        return
    peer = h11.Connection(h11.SERVER)
    peer.receive_data(head)
    theirs = peer.next_event()
    assert isinstance(theirs, h11.Request)
    assert theirs.target == request.head.target
    assert [value for _, value in theirs.headers.raw_items()] == [value for _, value in request.head.headers]
    chunked = any(name == b"transfer-encoding" for name, _ in theirs.headers)
    length = next((int(value) for name, value in theirs.headers if name == b"content-length"), 0)
    assert request.length == (None if chunked else length)
