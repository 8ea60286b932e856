"""What passes through a lane is byte for byte what a direct connection would have brought, by an independent parser.

`HYPOTHESIS_PROFILE=deep` looks for longer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hookspecs import Addon, Match
from gateway.proxy.exchange import Question
from tests.gateway.proxy.messages import Message, damaged, packets, requests, responses
from tests.gateway.proxy.playbook import Talk, get, status
from tests.gateway.proxy.test_lanes_smuggling import judged
from tests.gateway.proxy.values import ME, OWN_TOKEN
from tests.gateway.proxy.witness import Witness

OURS = {
    "host", "authorization", "connection", "content-length", "transfer-encoding", "x-request-id", "x-forwarded-for",
    "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix", "x-real-ip", "x-hubgate-user",
    "x-scheme", "forwarded",
}  # fmt: skip
"""Headers that the gateway sets itself, or that frame a message."""

pytestmark = pytest.mark.parametrize("lane", ["express", "flow"])


def talk(lane: str) -> Talk:
    return Talk(known=[ME, OWN_TOKEN], addons=[Addon("all", Match(path="/"), object())] if lane == "flow" else [])


def stranger(t: Talk) -> Callable[[Question], None]:
    """The hub knows nobody else."""

    def answer(question: Question) -> None:
        question.answered = t.replica.keep(question.credential, None, 1, t.now)

    return answer


def plain(headers: Any, without: set[str]) -> list[tuple[str, str]]:
    """Lower-case names, and what a direct connection would have said alike."""
    pairs = [(name.lower(), value) for name, value in headers]
    return [(name, value) for name, value in pairs if name not in without]


@given(data=st.data())
def test_requests_arrive_as_they_were_sent(lane: str, data: st.DataObject) -> None:
    """Any methods, headers and bodies, pipelined, in any packets; the next one is judged by itself."""
    sent: list[Message] = data.draw(st.lists(requests(), min_size=1, max_size=3))
    made = Witness(talk(lane))
    made.send(*data.draw(packets(b"".join(message.data for message in sent))))
    assert len(made.whole) == len(sent)
    for message, seen in zip(sent, made.seen, strict=True):
        assert f"{seen.method} {seen.target} HTTP/1.1" == message.line
        assert plain(seen.headers, OURS) == plain(message.headers, message.nominated)
        assert seen.body == message.body
    assert [seen.values("x-request-id")[0] for seen in made.seen] == judged(made)
    assert made.talk.answer().count(b"HTTP/1.1 200 OK\r\n") == len(sent)
    assert not made.talk.closed


@given(data=st.data())
def test_responses_arrive_as_they_were_sent(lane: str, data: st.DataObject) -> None:
    """Any statuses, interim ones, bodies by length, in chunks or up to the end, in any packets."""
    t, client = talk(lane), h11.Connection(h11.CLIENT)
    for turn in range(count := data.draw(st.integers(1, 3))):
        method = data.draw(st.sampled_from(["GET", "HEAD"]))
        sent: Message = data.draw(responses(method, turn == count - 1))
        t.client(get(method=method))
        client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        client.send(h11.EndOfMessage())
        for packet in data.draw(packets(sent.data)):
            t.upstream().send(packet)
        if sent.closes:
            t.upstream().end()
        client.receive_data(t.answer())
        head, body, interim = read(client)
        assert (head.status_code, interim) == (sent.status, sent.interim if lane == "express" else 0)
        assert plain(decoded(head), OURS) == plain(sent.headers, set())
        assert body == sent.body
        assert client.trailing_data[0] == b""
        client.start_next_cycle()
    assert not t.closed


@given(data=st.data())
def test_damaged_requests_never_become_others(lane: str, data: st.DataObject) -> None:
    """Whatever comes, each request that a server sees is one that the gate has judged; nothing fails."""
    sent: list[Message] = data.draw(st.lists(requests(), min_size=1, max_size=3))
    made = Witness(talk(lane))
    made.talk.on_ask = stranger(made.talk)
    for packet in data.draw(packets(data.draw(damaged(b"".join(message.data for message in sent))))):
        if not made.talk.closed:
            made.send(packet)
    made.talk.client_leaves()
    ids = [seen.values("x-request-id")[0] for seen in made.seen]
    assert ids == [each for each in judged(made) if each in ids]
    assert all(seen.target.startswith("/user/alice") for seen in made.seen)
    assert all(upstream.closed for upstream in made.talk.upstreams)
    assert len(made.talk.desk.live) == 0


@given(data=st.data())
def test_damaged_responses_are_cut_off_or_whole(lane: str, data: st.DataObject) -> None:
    """A client can read each answer, or sees that it was cut off; never a part of one as the next."""
    t, client = talk(lane), h11.Connection(h11.CLIENT)
    sent: Message = data.draw(responses("GET", last=True))
    t.client(get() + get())
    for packet in data.draw(packets(data.draw(damaged(sent.data)))):
        if not t.upstreams[0].closed:
            t.upstreams[0].send(packet)
    if not t.upstreams[0].closed:
        t.upstreams[0].end()
    for upstream in t.upstreams[1:]:
        assert upstream.take().count(b"HTTP/1.1\r\n") <= 1
        upstream.leave()
    answer = t.answer()
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(answer)
    if t.closed or t.half_closed:
        client.receive_data(b"")
    try:
        head, _, _ = read(client)
    except h11.RemoteProtocolError:
        assert t.closed or t.half_closed  # in the middle of a body
    else:
        assert head.status_code < 600
        rest = client.trailing_data[0]
        assert not rest or status(rest) in (502, 503)


def decoded(head: h11.Response) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]


def read(client: h11.Connection) -> tuple[h11.Response, bytes, int]:
    """The next final response, its body, and how many interim ones came before."""
    interim, body = 0, b""
    while isinstance(event := client.next_event(), h11.InformationalResponse):
        interim += 1
    if not isinstance(head := event, h11.Response):
        raise h11.RemoteProtocolError(f"cut off: {event}")
    while isinstance(event := client.next_event(), h11.Data):
        body += bytes(event.data)
    if not isinstance(event, h11.EndOfMessage):
        raise h11.RemoteProtocolError(f"cut off: {event}")
    return head, body, interim
