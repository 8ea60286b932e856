"""What lanes share."""

from __future__ import annotations

import pytest

from gateway.proxy.gate import Forward
from gateway.proxy.identitytoken import Signer
from tests.gateway.proxy.playbook import SECRET, Talk, fields, get, response
from tests.gateway.proxy.test_hubside import KEY
from tests.gateway.proxy.values import ALL, COOKIE, ME, PEER, facts, head, server


def test_the_channel_secret_goes_to_the_hub_only() -> None:
    """And the identity token to all others only."""
    t = Talk()
    t.desk.signer = Signer(KEY, "k", "http://x/")
    t.client(get("/hub/api/user"))
    hub = fields(t.upstream().take())
    assert hub["x-hubgate-secret"] == SECRET
    assert hub["x-hubgate-credential"] == f"session {ME.digest}"
    assert "x-hubgate-identity" not in hub
    t.upstream().send(response())
    t.client(get("/user/alice/x"))
    mine = t.upstream().take()
    assert SECRET.encode() not in mine
    assert fields(mine)["x-hubgate-identity"].count(".") == 2


def test_without_a_signing_key_nobody_is_vouched_for() -> None:
    t = Talk()
    t.client(get())
    assert "x-hubgate-identity" not in fields(t.upstream().take())


def test_open_until_finished() -> None:
    t = Talk()
    exchange = t.desk.exchange(t.client_connection, PEER, head("GET /user/alice/x", COOKIE))
    exchange.facts = facts("GET /user/alice/x", COOKIE)
    with pytest.raises(ValueError, match="upstream"):
        t.desk.upstream_head(exchange)
    exchange.forward = Forward(server("alice"), ME, exchange.facts.found.session, upgrade=False)
    t.desk.begun(exchange)
    assert list(t.desk.live) == [exchange]
    used = t.desk.used.take()
    assert used is not None
    assert (list(used.credentials), list(used.servers)) == ([ME.digest], ["alice/"])
    t.desk.finished(exchange)
    assert len(t.desk.live) == 0
    assert len(t.book.lines) == 1


@pytest.mark.parametrize(
    ("mode", "counts"), [("navigate", True), ("cors", False)], ids=["a download", "a page's stream"]
)
def test_what_was_asked_for_is_use_while_bytes_pass(mode: str, *, counts: bool) -> None:
    t = Talk()
    t.client(get("/user/alice/x", f"Sec-Fetch-Mode: {mode}"))
    t.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    t.desk.used.take()
    for data in (b"12345", b"", b"67890"):
        t.upstream().send(data)
        t.desk.transfers()
        used = t.desk.used.take()
        assert (used is not None and list(used.servers) == ["alice/"]) is (counts and bool(data))


def test_what_never_passed_was_no_use() -> None:
    t = Talk()
    exchange = t.desk.exchange(t.client_connection, PEER, head("GET /"))
    t.desk.use(exchange)
    assert t.desk.used.take() is None
    assert ALL.by_id
