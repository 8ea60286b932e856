"""The express lane, as conversations."""

from __future__ import annotations

from tests.gateway.proxy.playbook import Talk, fields, get, response


def test_get() -> None:
    talk = Talk()
    talk.client(get())
    got = talk.upstream().take()
    assert got.startswith(b"GET /user/alice/api HTTP/1.1\r\n")
    assert "cookie" not in fields(got)
    talk.upstream().send(response(body=b"hello"))
    assert talk.answer() == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    assert not talk.closed
