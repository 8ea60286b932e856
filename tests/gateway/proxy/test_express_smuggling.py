"""Smuggling: whatever is ambiguous is refused, and the upstream sees not one byte of it."""

from __future__ import annotations

import pytest

from tests.gateway.proxy.playbook import Talk, bearer, get, status
from tests.gateway.proxy.values import ME, OWN_TOKEN, TOKEN

AUTH = f"Authorization: Bearer {TOKEN}".encode()
LINE = b"POST /user/alice/api HTTP/1.1\r\n"
HOST = b"Host: hub.example.org\r\n" + AUTH + b"\r\n"

HEADS = {
    "bare LF": LINE + HOST + b"X: 1\nContent-Length: 0\r\n\r\n",
    "bare LF at the end": LINE + HOST + b"\n\r\n\r\n",
    "bare CR": LINE + HOST + b"X: 1\rContent-Length: 0\r\n\r\n",
    "folded": LINE + HOST + b"X: 1\r\n 2\r\n\r\n",
    "two lengths": LINE + HOST + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "list length": LINE + HOST + b"Content-Length: 3, 3\r\n\r\nabc",
    "signed length": LINE + HOST + b"Content-Length: +3\r\n\r\nabc",
    "length and chunks": LINE + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": LINE + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "identity": LINE + HOST + b"Transfer-Encoding: identity\r\n\r\n",
    "xchunked": LINE + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": LINE + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked": LINE + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked, identity": LINE + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "space before colon": LINE + HOST + b"Content-Length : 3\r\n\r\nabc",
    "NUL": LINE + HOST + b"X: a\x00b\r\n\r\n",
    "chunked in 1.0": LINE.replace(b"1.1", b"1.0") + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no host": LINE + AUTH + b"\r\n\r\n",
    "two hosts": LINE + HOST + b"Host: hub.example.org\r\n\r\n",
    "HTTP/0.9": b"GET /user/alice/\r\n\r\n",
    "HTTP/2.0": b"GET /user/alice/ HTTP/2.0\r\n" + HOST + b"\r\n",
    "RTSP": b"DESCRIBE /user/alice/ RTSP/1.0\r\n" + HOST + b"\r\n",
    "two spaces": b"GET  /user/alice/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "fragment": b"GET /user/alice/#x HTTP/1.1\r\n" + HOST + b"\r\n",
    "quote": b'GET /user/alice/" HTTP/1.1\r\n' + HOST + b"\r\n",
    "backslash": b"GET /user/alice\\x HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form for another": b"GET http://other/user/alice/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT hub.example.org:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "unknown method": b"FOO /user/alice/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "lower case": b"get /user/alice/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("name", HEADS)
def test_an_ambiguous_head_goes_nowhere(name: str) -> None:
    t = Talk(known=[ME, OWN_TOKEN])
    t.client(HEADS[name] + get("/user/bob/secret"))
    assert 400 <= status(t.answer()) < 500
    assert t.upstreams == []
    assert len(t.book.lines) >= 1


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-1\r\n", b"0x5\r\nhello\r\n", b"5 \r\nhello\r\n", b"5\nhello\r\n",
                                    b"2\r\nabc\r\n", b"1" * 16 + b"\r\n", b";x\r\n", b"\r\n"])  # fmt: skip
def test_a_broken_chunk_ends_it(chunks: bytes) -> None:
    t = Talk(known=[ME, OWN_TOKEN])
    t.client(bearer("POST /user/alice/api", "Transfer-Encoding: chunked") + chunks + get("/user/bob/secret"))
    assert status(t.answer()) == 400
    assert t.half_closed
    assert all(b"secret" not in upstream.take() for upstream in t.upstreams)
    assert all(upstream.closed for upstream in t.upstreams)


def test_the_second_of_two_is_judged_by_itself() -> None:
    t = Talk(known=[ME, OWN_TOKEN])
    t.client(get("/user/alice/ok") + LINE + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert t.upstream().take().startswith(b"GET /user/alice/ok ")
    t.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert t.upstream().take() == b""
    assert b"HTTP/1.1 400 Bad Request" in t.answer()


@pytest.mark.parametrize("name", ["X-Hubgate-User", "x_hubgate_user", "X-Hubgate_User", "X_Forwarded_For"])
def test_nobody_speaks_for_the_gateway(name: str) -> None:
    """Attack 14: as it is, with `_`, and nominated."""
    t = Talk(known=[ME, OWN_TOKEN])
    t.client(bearer("GET /user/alice/api", f"{name}: bob", f"Connection: {name}, authorization, cookie"))
    got = t.upstream().take()
    assert b"bob" not in got
    assert b"X-Hubgate-User: alice" in got
    assert b"Authorization: token server." in got
