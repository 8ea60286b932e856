"""Repeated lines make no difference: whatever came before, a request means what it means alone."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from gateway.proxy import facts, rewrite
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.http1 import Malformed, Request, parse_request
from gateway.proxy.repeats import LONGEST, Repeats
from gateway.proxy.site import Site
from tests.gateway.proxy.values import ALICE, HOST, PEER, SITE

OTHER = replace(SITE, hosts=frozenset({"other.example"}), names=frozenset(), public_host="other.example")
URL_SITE = replace(SITE, token_in_url=True)

methods = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "CONNECT", "TRACE", "G=T"])
targets = st.sampled_from(
    [
        "/", "/user/alice/api", "/user/alice/api?x=1", "/user/alice/api?token=" + "t" * 43, "/user/bob/../alice/",
        "/user/alice/%2e%2e/", "/user/alice/files/%2F", "//x", f"http://{HOST}/user/alice/", "*", "/a b", '/"', "/a#b",
        "/ü", "/" + "x" * 20000, "/user/alice/" + "y" * 600,
    ]
)  # fmt: skip
versions = st.sampled_from(["1.1", "1.0", "2.0"])
blocks = st.sampled_from(
    [
        f"Host: {HOST}\r\nCookie: hubgate-session={ALICE}; a=b\r\n",
        f"Host: {HOST}\r\nCookie: hubgate-session={ALICE}; a=b\r\nConnection: close, X-Foo\r\nX-Foo: 1\r\n",
        f"Host: {HOST}\r\nReferer: http://{HOST}/user/alice/lab?token=abcdefgh\r\nSec-Fetch-Mode: navigate\r\n",
        f"Host: {HOST}\r\nContent-Length: 5\r\n",
        f"Host: {HOST}\r\nTransfer-Encoding: chunked\r\n",
        f"Host: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        f"Host: {HOST}\r\nContent-Length: 0\r\nExpect: 100-continue\r\n",
        f"Host: {HOST}\r\nHost: {HOST}\r\n",
        "Host: elsewhere.example\r\n",
        "X: no host\r\n",
        "broken line\r\n",
        f"Host: {HOST}\r\nX-Long: {'z' * LONGEST}\r\n",
    ]
)
requests = st.tuples(methods, targets, versions, blocks, st.sampled_from([SITE, URL_SITE]), st.booleans())


def parsed(parse: object, head: bytes) -> Request | str:
    assert callable(parse)
    try:
        found = parse(head)
    except Malformed as bad:
        return f"{bad.status} {bad.message}"
    assert isinstance(found, Request)
    return found


@given(st.lists(requests, min_size=1, max_size=8))
def test_any_sequence_means_what_each_request_means_alone(
    sequence: list[tuple[str, str, str, str, Site, bool]],
) -> None:
    repeats = Repeats()
    for method, target, version, block, site, strip in sequence:
        head = f"{method} {target} HTTP/{version}\r\n{block}\r\n".encode("latin-1")
        mine, alone = parsed(repeats.parse, head), parsed(parse_request, head)
        if isinstance(mine, str) or isinstance(alone, str):
            assert mine == alone
            continue
        assert (mine.head, mine.keep_alive, mine.length, mine.expects) == (
            alone.head, alone.keep_alive, alone.length, alone.expects,
        )  # fmt: skip
        assert type(mine.body) is type(alone.body)
        mine_read, alone_read = repeats.read(mine.head, PEER, site, False), facts.read(alone.head, PEER, site, False)
        assert mine_read == alone_read
        if isinstance(mine_read, Facts) and isinstance(alone_read, Facts):
            got = repeats.passed_lines(mine_read, mine.head.headers, strip, frozenset())
            assert got == rewrite.passed_lines(alone_read, alone.head.headers, strip, frozenset())


def head(target: str, *lines: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", f"Host: {HOST}", *lines, "", ""]).encode()


def test_the_same_lines_are_parsed_once() -> None:
    repeats = Repeats()
    first, second = repeats.parse(head("/user/alice/a")), repeats.parse(head("/user/alice/b?c=d"))
    assert second.head.headers is first.head.headers
    assert second.head.target == b"/user/alice/b?c=d"
    one, two = repeats.read(first.head, PEER, SITE, False), repeats.read(second.head, PEER, SITE, False)
    assert isinstance(one, Facts)
    assert isinstance(two, Facts)
    assert two.fields is one.fields
    assert (two.path, two.query) == ("/user/alice/b", b"c=d")


def test_other_lines_are_not() -> None:
    repeats = Repeats()
    first = repeats.parse(head("/user/alice/a", "Cookie: a=b"))
    assert repeats.parse(head("/user/alice/a", "Cookie: a=c")).head.headers != first.head.headers


def test_new_settings_count_at_once() -> None:
    repeats = Repeats()
    request = repeats.parse(head("/user/alice/a"))
    assert isinstance(repeats.read(request.head, PEER, SITE, False), Facts)
    elsewhere = repeats.read(request.head, PEER, OTHER, False)
    assert isinstance(elsewhere, Refuse)
    assert elsewhere.status == 421


def test_bodies_are_never_shared() -> None:
    repeats = Repeats()
    lines = head("/user/alice/a", "Transfer-Encoding: chunked")
    assert repeats.parse(lines).body is not repeats.parse(lines).body


def test_what_is_forgotten_is_parsed_again() -> None:
    repeats = Repeats()
    first = repeats.parse(head("/user/alice/a"))
    repeats.forget()
    again = repeats.parse(head("/user/alice/a"))
    assert again.head == first.head
    assert again.head.headers is not first.head.headers
