"""mitmproxy's filter language over records; the same answers as mitmproxy's own where both can be asked."""

from __future__ import annotations

import time
from typing import Any

import pytest
from mitmproxy import flowfilter as theirs

from gateway.errors import BadInput
from gateway.flowfile import flow
from gateway.flowfilter import parse


def record(**more: Any) -> dict[str, Any]:
    return {
        "kind": "flow", "flow": "a-1", "user": "alice", "route": "server:alice/", "owner": "alice",
        "client": "10.0.0.7", "times": {"begin": 1.0, "first": 2.0, "end": 3.0}, "websocket": False, "error": "",
        "request": {
            "method": "POST", "scheme": "http", "host": "hub.example.org:8000", "target": "/user/alice/api/x?y=1",
            "version": "HTTP/1.1", "headers": [["Content-Type", "application/json"], ["X-One", "first"]],
            "body": {"size": 9, "text": '{"a": "b"}'},
        },
        "response": {
            "status": 404, "reason": "Not Found", "version": "HTTP/1.1", "headers": [["Content-Type", "text/html"]],
            "body": {"size": 5, "text": "Hello there"},
        },
        **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "~all", "~http", "~websocket", "!~websocket", "~e", "~q", "~s", "~c 404", "~c 200", "~m POST", "~m GET",
        "~u /api/", "api", "nowhere", "~u 'api/x.y=1'", "~d hub.example", "~hq x-one", "~hs x-one",
        '~h "content-type: text/html"', "~t json", "~tq json", "~ts json", "~b hello", "~bq hello", "~bs hello",
        "~m POST & ~c 404", "~m POST ~c 200", "~m GET | ~c 404", "~m GET & ~c 200 | ~s", "!(~m POST | ~c 404)",
        "! ! ~m POST", "(~m GET | ~m POST) & !(~c 200)", "~src 10.0.0", '"api/x"', "~u ^http", "~u x$",
    ],
)  # fmt: skip
def test_like_mitmproxy(text: str) -> None:
    made = record()
    mitmproxys = theirs.parse(text)
    assert parse(text)(made) is bool(mitmproxys(flow(made, [])))


def test_without_an_answer() -> None:
    made = record(response=None, error="gone")
    assert parse("~q & ~e")(made)
    assert not parse("~s | ~c 404 | ~bs x | ~hs x")(made)


@pytest.mark.parametrize(
    "text",
    ["", " ", "~nothing x", "~c abc", "~c 4040", "~m", "~m &", "(~m GET", "~m GET)", "& ~m GET", "~u '", "~u [",
     "~u (?=x)", r"~u (a)\1", "x" * 301, "(" * 100 + "x" + ")" * 100, "!" * 200 + "x", "~u (\\w{900}){900}"],
)  # fmt: skip
def test_what_means_nothing_is_named(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(x+x+)+y", "a.*a.*a.*b", "(.*)*c"])
def test_no_pattern_takes_its_time(pattern: str) -> None:
    test = parse(f'~b "{pattern}"')
    text = "a" * 100_000 + "x" * 100_000
    made = record(response={**record()["response"], "body": {"size": 1, "text": text}})
    begun = time.process_time()
    test(made)
    assert time.process_time() - begun < 1.0
