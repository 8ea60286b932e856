"""The corpus of `smuggling.toml`, in both lanes, at once, in pieces and byte by byte.

The invariant: what reaches a server is exactly what the gate has judged, request by
request, in a form that every server reads alike.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

import pytest

from gateway.hookspecs import Addon, Match
from tests.gateway.proxy.playbook import Talk, status
from tests.gateway.proxy.values import HOST, ME, OWN_TOKEN, TOKEN
from tests.gateway.proxy.witness import Witness

CORPUS = tomllib.loads(Path(__file__).with_name("smuggling.toml").read_text("utf-8"))
FIELDS = f"Host: {HOST}\r\nAuthorization: Bearer {TOKEN}\r\n"
SMUGGLED = f"GET /user/bob/secret HTTP/1.1\r\n{FIELDS}\r\n".encode()


def cases(kind: str) -> list[object]:
    return [
        pytest.param(message, id=f"{part}: {name}") for part, of in CORPUS[kind].items() for name, message in of.items()
    ]


def filled(message: str) -> bytes:
    lines = {"{p}": "POST /user/alice/x HTTP/1.1\r\n", "{g}": "GET /user/alice/x HTTP/1.1\r\n", "{h}": ""}
    for mark, line in lines.items():
        message = message.replace(mark, line + FIELDS)
    return message.encode("latin-1")


def ways(data: bytes) -> Iterator[list[bytes]]:
    """At once; in two at the end of the head; in pieces; byte by byte."""
    yield [data]
    head, end, rest = data.partition(b"\r\n\r\n")
    yield [head + end, rest] if rest else [head, end]
    for size in (7, 1):
        yield [bytes(piece) for piece in batched(data, size)]


def witness(lane: str) -> Witness:
    addons = [Addon("all", Match(path="/"), object())] if lane == "flow" else []
    return Witness(Talk(known=[ME, OWN_TOKEN], addons=addons))


def told(made: Witness, parts: list[bytes]) -> bytes:
    """Send it all, or as much as the gateway wants to hear."""
    for part in parts:
        if made.talk.closed:
            break
        made.send(part)
    return made.talk.answer()


def judged(made: Witness) -> list[str]:
    """The ids of the requests that the gate let pass, as the log has them."""
    return [entry["id"] for entry in map(json.loads, made.talk.book.lines) if entry["lane"] != "gate"]


pytestmark = pytest.mark.parametrize("lane", ["express", "flow"])


@pytest.mark.parametrize("message", cases("refused"))
def test_an_ambiguous_head_reaches_nobody(lane: str, message: str) -> None:
    for parts in ways(filled(message)):
        made = witness(lane)
        answer = told(made, [*parts, SMUGGLED])
        assert 400 <= status(answer) < 506
        assert made.talk.upstreams == []
        assert b"HTTP/1.1 2" not in answer


@pytest.mark.parametrize("message", cases("broken"))
def test_a_body_without_a_clear_end_is_never_whole(lane: str, message: str) -> None:
    for parts in ways(filled(message)):
        made = witness(lane)
        answer = told(made, [*parts, SMUGGLED])
        assert made.whole == []
        assert status(answer) == 400
        assert made.talk.half_closed or made.talk.closed
        assert all(upstream.closed for upstream in made.talk.upstreams)


@pytest.mark.parametrize("message", cases("passes"))
def test_what_is_clear_is_one_request_and_the_next_is_judged_by_itself(lane: str, message: str) -> None:
    for parts in ways(filled(message)):
        made = witness(lane)
        answer = told(made, [*parts, SMUGGLED])
        (seen,) = made.seen
        assert seen.whole
        assert seen.target.startswith("/user/alice/")
        assert seen.values("x-request-id") == judged(made)
        assert seen.values("host") == [HOST]
        assert seen.values("authorization")[0].startswith("token server.")
        assert "h2c" not in str(seen.headers)
        assert answer.count(b"HTTP/1.1 200 OK") == 1
        assert answer.count(b"HTTP/1.1 403 Forbidden") == 1
