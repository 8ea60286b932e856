"""What a request says of itself: which shapes are refused, and what the others mean."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.errors import BadInput
from gateway.model import checked_name
from gateway.proxy.facts import Facts, Head, Refuse, navigation, read
from gateway.routes import Route, RouteTable, server_url
from tests.gateway.proxy.values import ALICE, HOST, ORIGIN, PEER, SITE, TOKEN, facts, head, refusal, site

NAMES = ["a@b.c", "x y", "ünï", "n" * 255, "alice", "alicex", "bob", "~a", "a+b", "a&b=c", "%", "日本"]


def status(line: str, headers: dict[str, str] | list[tuple[str, str]] | None = None, version: str = "1.1") -> int:
    found = read(head(line, headers, version), PEER, SITE, secure=False)
    return found.status if isinstance(found, Refuse) else 200


# ── the head ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"Host": "HUB.example.org"}, 200),
        ({"Host": "-"}, 400),
        ({"Host": ""}, 400),
        ({"Host": "evil.example"}, 421),
        ({"Host": f"{HOST}@evil.example"}, 400),
        ({"Host": f"{HOST}/"}, 400),
        ({"Host": f"{HOST} "}, 400),
        ({"Host": f"{HOST}, {HOST}"}, 400),
        ({"Host": f"{HOST}:x"}, 400),
        ({"Host": "[::1"}, 400),
        ({"Host": "[::1]:8000"}, 200),
        ([("Host", HOST), ("Host", HOST)], 400),
        ([("Host", HOST), ("host", "evil.example")], 400),
        ([("Host", HOST), ("X-Forwarded-Host", "evil.example")], 200),
        ([("Host", "evil.example"), ("X-Forwarded-Host", HOST)], 421),
        ({"Transfer-Encoding": "chunked"}, 200),
        ({"Transfer-Encoding": "Chunked"}, 200),
        ({"Transfer-Encoding": "gzip, chunked"}, 400),
        ({"Transfer-Encoding": "identity"}, 400),
        ({"Transfer-Encoding": "xchunked"}, 400),
        ({"Transfer-Encoding": ""}, 400),
        ({"Transfer-Encoding": "chunked", "Content-Length": "1"}, 400),
        ([("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], 400),
        ({"Content-Length": "0"}, 200),
        ({"Content-Length": "+1"}, 400),
        ({"Content-Length": "1, 1"}, 400),
        ({"Content-Length": "0x1"}, 400),
        ({"Content-Length": "\xb2"}, 400),
        ({"Content-Length": ""}, 400),
        ({"Content-Length": "9" * 19}, 400),
        ([("Content-Length", "1"), ("Content-Length", "1")], 400),
        ({"Expect": "100-continue"}, 200),
        ({"Expect": "100-Continue"}, 200),
        ({"Expect": "a-miracle"}, 417),
        ({"X": "a\r\nX-Hubgate-User: root"}, 400),
        ({"X": "a\nb"}, 400),
        ({"X": "a\0b"}, 400),
        ({"X: Y": "a"}, 400),
        ({"X ": "a"}, 400),
        ({"X\nY": "a"}, 400),
        ({"": "a"}, 400),
        ({"Upgrade": "websocket", "Connection": "Upgrade", "Content-Length": "0"}, 200),
        ({"Upgrade": "websocket", "Connection": "Upgrade", "Content-Length": "9"}, 400),
        ({"Upgrade": "h2c", "Connection": "Upgrade", "Transfer-Encoding": "chunked"}, 400),
        ([("Upgrade", "websocket"), ("Upgrade", "h2c"), ("Connection", "upgrade")], 400),
    ],
)
def test_headers(headers: dict[str, str] | list[tuple[str, str]], expected: int) -> None:
    assert status("GET /user/alice/", headers) == expected


@pytest.mark.parametrize(
    ("line", "version", "expected"),
    [
        ("GET /", "1.0", 200),
        ("GET /", "0.9", 505),
        ("GET /", "2.0", 505),
        ("PROPFIND /", "1.1", 200),
        ("M-SEARCH /", "1.1", 200),
        ("CONNECT hub.example.org:80", "1.1", 405),
        ("TRACE /", "1.1", 405),
        ("TRACK /", "1.1", 405),
        ("get /", "1.1", 400),
        ("G(T /", "1.1", 400),
        (" /", "1.1", 400),
        ("OPTIONS *", "1.1", 400),
        ("GET hub.example.org/", "1.1", 400),
        ("GET ", "1.1", 400),
        ("GET ?a", "1.1", 400),
        ("GET http://hub.example.org/", "1.1", 200),
        ("GET HTTP://HUB.example.org", "1.1", 200),
        ("GET http://evil.example/", "1.1", 400),
        ("GET http://hub.example.org:81/", "1.1", 400),
        ("GET http://alice@hub.example.org/", "1.1", 400),
        ("GET ftp://hub.example.org/", "1.1", 400),
    ],
)
def test_request_lines(line: str, version: str, expected: int) -> None:
    assert status(line, version=version) == expected


def test_chunks_need_http_1_1() -> None:
    assert status("POST /", {"Transfer-Encoding": "chunked"}, "1.0") == 400


def test_absolute_form_becomes_a_path() -> None:
    assert facts(f"GET {ORIGIN}/user/alice/?a=b").target == b"/user/alice/?a=b"
    assert facts(f"GET {ORIGIN}").target == b"/"
    assert facts(f"GET {ORIGIN}?a=b").target == b"/?a=b"


def test_a_body_that_says_it_is_too_large() -> None:
    here = site(max_body=100)
    assert facts("POST /", {"Content-Length": "100"}, here).content_length == 100
    assert refusal("POST /", {"Content-Length": "101"}, here).status == 413


# ── the path ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "target",
    [
        "/user/bob/../alice/",
        "/user/bob/..",
        "/./user/alice/",
        "/user/alice/.",
        "/user/bob/%2e%2e/alice/",
        "/user/bob/%2E./alice/",
        "/user/bob/%252e%252e/alice/",
        "/user/bob/%252e./alice/",
        "/user/alice/lab/a/b/c/../../../../../bob/",
        "/user/alice/lab/a/%2e%2e/b",
        "/user/alice/lab/a/b%2F..%2F..%2Fbob",
        "/user/alice/lab/a/b%5C..%5Cbob",
        "/user/a%2Fb/",
        "/user/a%252Fb/",
        "/user/a%5cb/",
        "/user/a%255cb/",
        "/user/a\\b/",
        "/user/alice/lab/a\\b",
        "/user/a%00b/",
        "/user/a%0d%0ab/",
        "/user/a%c2%85b/",
        "/user/a;b/",
        "/user;x=/alice/",
        "/user/alice/lab;x/",
        "/user/a%3bb/",
        "/user/%ff/",
        "/user/%e2%82/",
        "/user/\xff/",
        "//user/alice/",
        "//evil.example/",
        "/user/alice/#",
        '/user/alice/"',
        "/user/alice/<b>",
        "/user/ali ce/",
        "/user/alice/\t",
        "/user/alice/?a#b",
        "/user/alice/?a\x7f",
        "/user/alice/%2e",
    ],
)
def test_paths_that_could_be_read_in_two_ways_are_refused(target: str) -> None:
    assert status(f"GET {target}") == 400


@pytest.mark.parametrize(
    ("target", "segments"),
    [
        ("/", ("",)),
        ("/user/alice/", ("user", "alice", "")),
        ("/user/alice", ("user", "alice")),
        ("/user//alice/", ("user", "", "alice", "")),
        ("/user/a%40b.c/", ("user", "a@b.c", "")),
        ("/user/a@b.c/", ("user", "a@b.c", "")),
        ("/user/x%20y/", ("user", "x y", "")),
        ("/user/x+y/", ("user", "x+y", "")),
        ("/user/%C3%BCn%C3%AF/", ("user", "ünï", "")),
        ("/user/u%CC%88ni%CC%88/", ("user", "ünï", "")),
        ("/user/%c3%bcn\u00c3\u00af/", ("user", "ünï", "")),
        ("/user/a%25b/", ("user", "a%b", "")),
        ("/user/...alice/", ("user", "...alice", "")),
        ("/user/alice/lab/tree/a%2Fb;c", ("user", "alice", "lab", "tree", "a/b;c")),
        ("/user/alice/files/.hidden/..x", ("user", "alice", "files", ".hidden", "..x")),
        ("/user/alice/lab/tree/%ff", ("user", "alice", "lab", "tree", "\ufffd")),
        ("/hub/api/users/a%2Fb", ("hub", "api", "users", "a/b")),
        ("/USER/Alice/", ("USER", "Alice", "")),
    ],
)
def test_segments(target: str, segments: tuple[str, ...]) -> None:
    found = facts(f"GET {target}")
    assert found.segments == segments
    assert found.target == target.encode("latin-1")


def test_the_base_path_moves_the_segments_that_choose() -> None:
    here = site(base_path="/x/y/")
    assert refusal("GET /x/y/user/alice/gpu%2F/", where=here).status == 400
    assert facts("GET /x/y/user/alice/gpu/a%2F", where=here).segments[-1] == "a/"


def test_the_query_is_free() -> None:
    found = facts("GET /user/alice/?a=../..&b=%2F%00;\\{|}^`")
    assert (found.path, found.query) == ("/user/alice/", b"a=../..&b=%2F%00;\\{|}^`")


ROUTES = RouteTable.of(Route(f"server:{name}/", "server", ("user", name), owner=name) for name in NAMES)
pieces = st.sampled_from([
    "/", "//", ".", "..", "%2e", "%252e", "%2f", "%252F", "%5c", "\\", ";", "%3b", "%00", "%25", "%", "user", "alice",
    "bob", "alicex", "a", "%61", "\xc3\xbc", "%c3%bc", "u%cc%88", "%ff", "?", "#", " ", "@", "~", "hub", "A",
])  # fmt: skip


@given(st.lists(pieces, max_size=10).map("".join))
@example("/user/alice/..%2fbob")
def test_any_target_is_refused_or_routes_to_what_its_decoded_segments_say(rest: str) -> None:
    """Any target is refused, or routes to what its decoded segments say, and never elsewhere."""
    found = read(head(f"GET /user/{rest}"), PEER, SITE, secure=False)
    if isinstance(found, Refuse):
        assert found.status == 400
        return
    # What servers do with a path: decode it, perhaps twice, and resolve its steps.
    raw = found.path.encode("latin-1")
    once, twice = unquote_to_bytes(raw), unquote_to_bytes(unquote_to_bytes(raw))
    for reading in (raw, once, twice):
        assert not any(step in (b".", b"..") for step in reading.replace(b"\\", b"/").split(b"/"))
    if route := ROUTES.find(found.segments):
        assert route.prefix == found.segments[:2]
        assert unicodedata.normalize("NFC", once.split(b"/")[2].decode()) == route.owner


@given(st.text(min_size=1, max_size=60))
def test_any_name_that_is_allowed_is_found_by_its_escaped_path(name: str) -> None:
    """A name is refused when a user is made, or its escaped path leads to it and to nobody else."""
    try:
        name = checked_name(name)
    except BadInput:
        return
    found = read(head(f"GET {server_url('/', name)}lab"), PEER, SITE, secure=False)
    if ";" in name:
        assert isinstance(found, Refuse)
    else:
        assert isinstance(found, Facts)
        assert found.segments == ("user", name, "lab")


@given(st.binary(max_size=80), st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=6))
def test_no_head_breaks_the_reading(target: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Whatever bytes a parser hands over, the answer is facts or a refusal below 600, never an error."""
    found = read(Head(b"GET", target, b"1.1", ((b"Host", HOST.encode()), *headers)), PEER, SITE, secure=False)
    assert isinstance(found, Facts) or 400 <= found.status < 600


# ── who and where from ───────────────────────────────────────────────────────

FRONT = "10.0.0.1"
BEHIND = site(trusted_proxies=["10.0.0.0/8"], public_url="https://hub.example.org")


@pytest.mark.parametrize(
    ("peer", "chain", "client"),
    [
        (FRONT, [], FRONT),
        (FRONT, ["203.0.113.5"], "203.0.113.5"),
        (FRONT, ["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
        (FRONT, ["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
        (FRONT, ["203.0.113.5, 10.0.0.2"], "203.0.113.5"),
        (FRONT, ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (FRONT, ["203.0.113.5, nonsense"], FRONT),
        (FRONT, ["1.1.1.1, nonsense, 10.0.0.2"], "10.0.0.2"),
        (FRONT, [""], FRONT),
        (FRONT, ["203.0.113.5:4711"], "203.0.113.5"),
        (FRONT, ["[2001:db8::1]:4711"], "2001:db8::1"),
        (FRONT, ["2001:db8::1"], "2001:db8::1"),
        (FRONT, ["::ffff:203.0.113.5"], "203.0.113.5"),
        (PEER, ["203.0.113.5"], PEER),
        (PEER, ["10.0.0.2"], PEER),
        ("::ffff:10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
    ],
)
def test_the_clients_address(peer: str, chain: list[str], client: str) -> None:
    headers = [("Host", HOST), *(("X-Forwarded-For", line) for line in chain)]
    found = read(head("GET /", headers), peer, BEHIND, secure=False)
    assert isinstance(found, Facts)
    assert found.client == client


addresses = st.ip_addresses().map(str)


@given(st.lists(st.one_of(addresses, st.text(alphabet="0123456789.:abx[], ", max_size=12)), max_size=5))
def test_no_chain_makes_up_an_address_for_the_last_proxy(chain: list[str]) -> None:
    """Behind a proxy that appends what it saw, the client is that, whatever stood there before."""
    headers = [("Host", HOST), ("X-Forwarded-For", ", ".join([*chain, "203.0.113.5"]))]
    found = read(head("GET /", headers), FRONT, BEHIND, secure=False)
    assert isinstance(found, Facts)
    assert found.client == "203.0.113.5"


@pytest.mark.parametrize(
    ("peer", "headers", "origin"),
    [
        (PEER, {}, "https://hub.example.org"),
        (PEER, {"Host": "localhost:8000"}, "http://localhost:8000"),
        (PEER, {"Host": "localhost:8000", "X-Forwarded-Proto": "https"}, "http://localhost:8000"),
        (FRONT, {"Host": "localhost:8000", "X-Forwarded-Proto": "https"}, "https://localhost:8000"),
        (FRONT, {"Host": "localhost:8000", "X-Forwarded-Proto": "http, https"}, "https://localhost:8000"),
        (FRONT, {"Host": "localhost:8000", "X-Forwarded-Proto": "gopher"}, "http://localhost:8000"),
        (FRONT, {"Host": "localhost:8000", "X-Forwarded-Host": HOST}, "https://hub.example.org"),
        (FRONT, {"Host": "inner:9", "X-Forwarded-Host": f"evil, {HOST}"}, "https://hub.example.org"),
        (PEER, {"Host": "localhost:8000", "X-Forwarded-Host": HOST}, "http://localhost:8000"),
    ],
)
def test_the_public_origin(peer: str, headers: dict[str, str], origin: str) -> None:
    found = read(head("GET /", headers), peer, BEHIND, secure=False)
    assert isinstance(found, Facts)
    assert found.origin == origin
    assert found.scheme == origin.partition(":")[0]


def test_a_forwarded_host_must_be_ours_too() -> None:
    found = read(head("GET /", {"X-Forwarded-Host": "evil.example"}), FRONT, BEHIND, secure=False)
    assert isinstance(found, Refuse)
    assert found.status == 421


def test_tls_on_this_connection() -> None:
    found = read(head("GET /"), PEER, SITE, secure=True)
    assert isinstance(found, Facts)
    assert (found.scheme, found.origin) == ("https", f"https://{HOST}")


@pytest.mark.parametrize(
    ("line", "headers", "expected"),
    [
        ("GET /", {"Sec-Fetch-Mode": "navigate"}, True),
        ("HEAD /", {"Sec-Fetch-Mode": "navigate"}, True),
        ("POST /", {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}, False),
        ("GET /", {"Sec-Fetch-Mode": "cors", "Accept": "text/html"}, False),
        ("GET /", {"Accept": "text/html,application/xhtml+xml;q=0.9"}, True),
        ("GET /", {"Accept": "application/json"}, False),
        ("GET /", {}, False),
    ],
)
def test_navigations(line: str, headers: dict[str, str], expected: bool) -> None:
    assert facts(line, headers).navigation is expected
    assert navigation(head(line, headers)) is expected


@pytest.mark.parametrize(
    ("line", "headers", "protocol"),
    [
        ("GET /", {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"}, "websocket"),
        ("GET /", {"Upgrade": "websocket"}, ""),
        ("GET /", {"Connection": "upgrade"}, ""),
        ("GET /", {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings"}, "h2c"),
        ("GET /", {"Upgrade": "h2c, websocket", "Connection": "Upgrade"}, "h2c, websocket"),
    ],
)
def test_upgrades(line: str, headers: dict[str, str], protocol: str) -> None:
    assert facts(line, headers).upgrade == protocol


def test_http_1_0_has_no_upgrade() -> None:
    found = read(head("GET /", {"Upgrade": "websocket", "Connection": "upgrade"}, "1.0"), PEER, SITE, secure=False)
    assert isinstance(found, Facts)
    assert found.upgrade == ""


def test_repeated_headers_are_joined() -> None:
    found = facts("GET /", [("Cookie", "a=1"), ("X", "1"), ("cookie", "b=2"), ("x", "2")])
    assert (found.fields[b"cookie"], found.fields[b"x"]) == (b"a=1; b=2", b"1, 2")


def test_a_token_in_the_url_counts_below_user_where_it_is_allowed() -> None:
    here = site(token_in_url=True)
    assert facts(f"GET /user/alice/?token={TOKEN}", where=here).found.explicit is not None
    assert facts(f"GET /user/alice/?token={TOKEN}").found.explicit is None
    assert facts(f"GET /hub/api/user?token={TOKEN}", where=here).found.explicit is None


def test_two_sessions_clear_each_other() -> None:
    found = facts("GET /", [("Cookie", f"hubgate-session={ALICE}"), ("Cookie", "hubgate-session=x")])
    assert found.clear_cookies
    assert found.found.session is None
