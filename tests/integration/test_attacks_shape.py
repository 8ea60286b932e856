"""Attacks 11, 12, 14, 15, 26, 39: requests that two parsers could read differently, or that lie about who sent them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway
from tests.integration.hostile import MARK, Hostile
from tests.integration.wire import Wire, ask, cookie, people, start, upgrade

pytestmark = pytest.mark.sockets

TRUSTED = "127.0.0.2"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    settings = hostile.settings("alice", "alicex", "bob", gateway={"trusted_proxies": [TRUSTED]})
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="people")
def _people(gateway: Gateway) -> Iterator[dict[str, Client]]:
    with people(gateway, "alice", "alicex", "bob") as clients:
        start(clients, "alice", "alicex", "bob", "alice/gpu")
        yield clients


# ── 11, 12: where does the body end ──────────────────────────────────────────

LINE = "POST /user/alice/x HTTP/1.1"
HOST = "Host: {host}"
CHUNKED = "Transfer-Encoding: chunked"
SMUGGLED = "GET /user/alice/smuggled HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"

HEADS: dict[str, list[str]] = {
    "length-and-chunked": [LINE, HOST, "Content-Length: 5", CHUNKED],
    "chunked-and-length": [LINE, HOST, CHUNKED, "Content-Length: 5"],
    "two-lengths": [LINE, HOST, "Content-Length: 0", "Content-Length: 5"],
    "same-length-twice": [LINE, HOST, "Content-Length: 0", "Content-Length: 0"],
    "list-of-lengths": [LINE, HOST, "Content-Length: 0, 0"],
    "signed-length": [LINE, HOST, "Content-Length: +0"],
    "negative-length": [LINE, HOST, "Content-Length: -1"],
    "hexadecimal-length": [LINE, HOST, "Content-Length: 0x0"],
    "empty-length": [LINE, HOST, "Content-Length: "],
    "arabic-length": [LINE, HOST, "Content-Length: \xd9\xa5"],
    "huge-length": [LINE, HOST, "Content-Length: 99999999999999999999999"],
    "identity": [LINE, HOST, "Transfer-Encoding: identity"],
    "xchunked": [LINE, HOST, "Transfer-Encoding: xchunked"],
    "chunked-identity": [LINE, HOST, "Transfer-Encoding: chunked, identity"],
    "gzip-chunked": [LINE, HOST, "Transfer-Encoding: gzip, chunked"],
    "chunked-chunked": [LINE, HOST, "Transfer-Encoding: chunked, chunked"],
    "chunked-twice": [LINE, HOST, CHUNKED, CHUNKED],
    "chunked-and-cow": [LINE, HOST, CHUNKED, "Transfer-Encoding: cow"],
    "vertical-tab": [LINE, HOST, "Transfer-Encoding: \x0bchunked"],
    "quoted": [LINE, HOST, 'Transfer-Encoding: "chunked"'],
    "empty-coding": [LINE, HOST, "Transfer-Encoding: "],
    "coding-in-1.0": ["POST /user/alice/x HTTP/1.0", HOST, CHUNKED],
    "space-before-colon": [LINE, HOST, "Transfer-Encoding : chunked"],
    "folded": [LINE, HOST, "Transfer-Encoding:\r\n chunked"],
    "folded-other": [LINE, HOST, "X-A: b\r\n\tTransfer-Encoding: chunked"],
    "bare-lf": [LINE, HOST, "X-A: b\nTransfer-Encoding: chunked"],
    "bare-cr": [LINE, HOST, "X-A: b\rTransfer-Encoding: chunked"],
    "nul": [LINE, HOST, "X-A: b\0"],
    "nul-in-name": [LINE, HOST, "X-\0A: b"],
    "no-name": [LINE, HOST, ": b"],
    "no-colon": [LINE, HOST, "Content-Length"],
    "leading-space": [LINE, " Content-Length: 5", HOST],
    "no-host": [LINE],
    "two-hosts": [LINE, HOST, HOST],
    "empty-host": [LINE, "Host:"],
    "host-list": [LINE, "Host: {host}, {host}"],
    "host-with-path": [LINE, "Host: {host}/x"],
    "host-with-user": [LINE, "Host: evil@{host}"],
    "http-0.9": ["GET /user/alice/x"],
    "http-1.2": ["GET /user/alice/x HTTP/1.2", HOST],
    "http-2": ["PRI * HTTP/2.0"],
    "rtsp": ["GET /user/alice/x RTSP/1.0", HOST],
    "two-spaces": ["GET  /user/alice/x HTTP/1.1", HOST],
    "tab": ["GET\t/user/alice/x HTTP/1.1", HOST],
    "space-in-target": ["GET /user/alice/x y HTTP/1.1", HOST],
    "fragment": ["GET /user/alice/x#y HTTP/1.1", HOST],
    "quote": ['GET /user/alice/x"y HTTP/1.1', HOST],
    "angle": ["GET /user/alice/x<y HTTP/1.1", HOST],
    "high-byte": ["GET /user/alice/x\xff HTTP/1.1", HOST],
    "no-slash": ["GET user/alice/x HTTP/1.1", HOST],
    "asterisk": ["OPTIONS * HTTP/1.1", HOST],
    "lower-case-method": ["get /user/alice/x HTTP/1.1", HOST],
    "connect": ["CONNECT {host} HTTP/1.1", HOST],
    "trace": ["TRACE /user/alice/x HTTP/1.1", HOST],
    "upgrade-with-body": ["GET /user/alice/x HTTP/1.1", HOST, "Connection: Upgrade", "Upgrade: websocket",
                          "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                          "Content-Length: 5"],
    "proxy-line": ["PROXY TCP4 6.6.6.6 127.0.0.1 1 80", LINE, HOST, "Content-Length: 0"],
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_ambiguous_heads_reach_nobody(gateway: Gateway, people: dict[str, Client], hostile: Hostile, name: str) -> None:
    """11. Refused, the connection closed, and the upstream sees zero bytes: of it, and of what hides behind it."""
    mine = [f"Cookie: {cookie(people['alice'])}", f"Origin: {gateway.origin}"]
    text = "\r\n".join([*HEADS[name], *mine]) + "\r\n\r\n" + "0\r\n\r\n" + SMUGGLED
    mark = hostile.mark()
    with Wire(gateway) as wire:
        wire.send(text.format(host=gateway.authority, cookie=cookie(people["alice"])).encode("latin-1"))
        # Where only the host is wrong, what follows is read as a request of its own, which it is none either.
        while (reply := wire.read()) is not None:
            assert reply.status in (400, 405, 501, 505), reply
            assert MARK.encode() not in reply.raw
    assert only_the_next(gateway, people["alice"], hostile, mark)


BODIES = {
    "hexadecimal-prefix": "0x3\r\nabc\r\n0\r\n\r\n",
    "negative": "-3\r\nabc\r\n0\r\n\r\n",
    "plus": "+3\r\nabc\r\n0\r\n\r\n",
    "empty-size": "\r\nabc\r\n0\r\n\r\n",
    "space-first": " 3\r\nabc\r\n0\r\n\r\n",
    "too-large": "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "bare-lf": "3\nabc\r\n0\r\n\r\n",
    "lf-in-extension": "3;a\nb\r\nabc\r\n0\r\n\r\n",
    "more-than-said": "3\r\nabcdef\r\n0\r\n\r\n",
    "no-end": "3\r\nabc0\r\n\r\n",
    "underscore": "1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("together", [True, False], ids=["at-once", "later"])
@pytest.mark.parametrize("name", BODIES)
def test_broken_chunks_never_become_requests(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, name: str, together: bool
) -> None:
    """11. At once: zero bytes. Later, after the head has gone: it stays one request, and without an end."""
    fields = f"{LINE}\r\n{HOST}\r\n{CHUNKED}\r\nCookie: {{cookie}}\r\nOrigin: {gateway.origin}\r\n\r\n"
    values = {"host": gateway.authority, "cookie": cookie(people["alice"])}
    mark = hostile.mark()
    with Wire(gateway) as wire:
        parts = [fields, BODIES[name] + SMUGGLED]
        for part in ["".join(parts)] if together else parts:
            wire.send(part.format(**values).encode())
            if not together:
                time.sleep(0.05)
        reply = wire.read()
        assert reply is None or reply.status == 400, reply
        assert wire.closed()
    if together:
        assert only_the_next(gateway, people["alice"], hostile, mark)
    else:
        seen = hostile.bytes_since(mark)
        assert "smuggled" not in seen
        _, _, body = seen.partition("\r\n\r\n")
        assert not body.endswith("0\r\n\r\n")


def only_the_next(gateway: Gateway, alice: Client, hostile: Hostile, mark: int) -> bool:
    """Nothing has come since then but a good request, sent now."""
    assert ask(gateway, "/user/alice/good", {"Cookie": cookie(alice)}).status == 200
    (received,) = hostile.since(mark)
    return received.text.startswith("GET /user/alice/good HTTP/1.1\r\n") and len(received.heads) == 1


def test_a_refused_upgrade_does_not_open_a_tunnel(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile
) -> None:
    """12. The server says 426; what follows is a request of its own, judged as one."""
    hostile.answer("no-upgrade", "426 Upgrade Required", ["Upgrade: websocket", "Connection: Upgrade"])
    mark = hostile.mark()
    with Wire(gateway) as wire:
        mine = {"Cookie": cookie(people["alice"])}
        assert wire.ask("/user/alice/no-upgrade", upgrade(gateway) | mine).status == 426
        assert wire.ask("/user/bob/smuggled", mine).status == 403
    assert "smuggled" not in hostile.bytes_since(mark)


def test_a_101_that_nobody_asked_for_opens_no_tunnel(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile
) -> None:
    hostile.raw("tunnel", b"HTTP/1.1 101 Go on\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    for headers in ({}, upgrade(gateway)):
        mark = hostile.mark()
        with Wire(gateway) as wire:
            reply = wire.ask("/user/alice/tunnel", {"Cookie": cookie(people["alice"])} | headers)
            assert reply.status == 502
            wire.send(b"GET /smuggled HTTP/1.1\r\n\r\n")
        assert "smuggled" not in hostile.bytes_since(mark)


# ── 14, 15: headers that speak in our name ───────────────────────────────────


def test_our_headers_cannot_be_said_by_clients(gateway: Gateway, people: dict[str, Client], hostile: Hostile) -> None:
    """14. Twice, with `_`, in any case, in trailers, nominated by `Connection`."""
    mark = hostile.mark()
    fields = [
        "POST /user/alice/x HTTP/1.1", HOST, "Cookie: {cookie}", "Origin: {origin}", CHUNKED, "TE: trailers",
        "Trailer: X-Hubgate-User, X-Kept", "Connection: X-Hubgate-User, x_hubgate_user, x-forwarded-for",
        "X-Hubgate-User: admin", "X-Hubgate-User: root", "X_Hubgate_User: admin", "x-HUBGATE_user: admin",
        "X-Hubgate-Identity: admin", "X-Hubgate-Anything: admin", "Forwarded: for=admin",
    ]  # fmt: skip
    text = "\r\n".join(fields) + "\r\n\r\n3\r\nabc\r\n0\r\nX-Hubgate-User: admin\r\nX_Hubgate_User: admin\r\n\r\n"
    values = {"host": gateway.authority, "cookie": cookie(people["alice"]), "origin": gateway.origin}
    with Wire(gateway) as wire:
        wire.send(text.format(**values).encode())
        reply = wire.read()
        assert reply is not None
        assert reply.status == 200
    (received,) = hostile.since(mark)
    assert received.values("x-hubgate-user") == ["alice"]
    assert "admin" not in received.text
    assert "root" not in received.text
    assert received.text.endswith("\r\n\r\n3\r\nabc\r\n0\r\n\r\n")


@pytest.mark.parametrize("upgraded", [False, True], ids=["http", "websocket"])
def test_connection_cannot_strip_our_own_headers(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, upgraded: bool
) -> None:
    """15. `Connection: authorization, x-hubgate-identity, cookie, …`"""
    mark = hostile.mark()
    nominated = "authorization, x-hubgate-identity, x-hubgate-user, cookie, host, x-forwarded-for, x-forwarded-prefix"
    headers = {"Cookie": f"{cookie(people['alice'])}; other=1"} | (upgrade(gateway) if upgraded else {})
    headers["Connection"] = ", ".join(filter(None, [headers.get("Connection", ""), nominated]))
    with Wire(gateway) as wire:
        assert wire.ask("/user/alice/gpu/x", headers).status == (101 if upgraded else 200)
    (received,) = hostile.since(mark)
    secret = hostile.start("/user/alice/gpu/")["environ"]["JUPYTER_TOKEN"]
    assert received.values("authorization") == [f"token {secret}"]
    assert received.values("x-hubgate-user") == ["alice"]
    assert len(received.values("x-hubgate-identity")) == 1
    assert received.values("x-forwarded-for") == ["127.0.0.1"]
    assert received.values("x-forwarded-prefix") == ["/user/alice/gpu"]
    assert received.values("host") == [gateway.authority]
    assert "hubgate-session" not in received.text


# ── 39: forwarding headers ───────────────────────────────────────────────────

SPOOFED = {
    "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil", "X-Forwarded-Port": "666", "X-Forwarded-Anything": "evil", "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;host=evil.example", "X-Client-IP": "6.6.6.6", "True-Client-IP": "6.6.6.6",
    "X-Original-URL": "/user/bob/", "X-Rewrite-URL": "/user/bob/", "X_Forwarded_For": "6.6.6.6",
}  # fmt: skip


def test_forwarding_headers_of_anybody_are_replaced(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile
) -> None:
    """39. Also when they come twice."""
    mark = hostile.mark()
    twice = {f"{name.upper()}": value for name, value in SPOOFED.items()}
    assert ask(gateway, "/user/alice/x", {"Cookie": cookie(people["alice"])} | SPOOFED | twice).status == 200
    (received,) = hostile.since(mark)
    assert received.values("x-forwarded-for") == ["127.0.0.1"]
    assert received.values("x-forwarded-proto") == ["http"]
    assert received.values("x-forwarded-host") == [gateway.authority]
    assert received.values("x-forwarded-prefix") == ["/user/alice"]
    assert not any(lie in received.text for lie in ("6.6.6.6", "evil", "666", "bob"))


def test_a_spoofed_host_makes_no_other_origin_ours(gateway: Gateway, people: dict[str, Client]) -> None:
    lie = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Origin": "http://evil.example"}
    headers = {"Cookie": cookie(people["alice"])} | lie
    assert ask(gateway, "/user/alice/x", headers, "POST").status == 403
    assert ask(gateway, "/hub/home", {"Accept": "text/html"} | SPOOFED)["location"] == "/hub/login?next=%2Fhub%2Fhome"
    reply = ask(gateway, "/hub/login", {"Accept": "text/html"} | SPOOFED)
    assert b"evil" not in reply.raw
    assert all("secure" not in value.lower() for value in reply.all("set-cookie"))


def test_a_trusted_peer_vouches_for_one_address_only(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile
) -> None:
    """39. What the client put in front of the chain is not believed, whoever forwards it."""
    mark = hostile.mark()
    headers = {
        "Cookie": cookie(people["alice"]),
        "X-Forwarded-For": f"6.6.6.6, 10.0.0.7, {TRUSTED}",
        "X-Forwarded-Proto": "https",
    }
    with Wire(gateway, source=TRUSTED) as wire:
        assert wire.ask("/user/alice/x", headers).status == 200
        assert wire.ask("/user/alice/x", headers | {"X-Forwarded-Host": "evil.example"}).status == 421
    (received,) = hostile.since(mark)
    assert received.values("x-forwarded-for") == ["10.0.0.7"]
    assert received.values("x-forwarded-proto") == ["https"]


# ── 26: which route is it ────────────────────────────────────────────────────

TO_ALICE = [
    "/user/bob/../alice/x", "/user/bob/./../alice/x", "/user/bob/%2e%2e/alice/x", "/user/bob/.%2E/alice/x",
    "/user/bob/%252e%252e/alice/x", "/user/bob/..%2falice/x", "/user/bob%2f..%2falice/x", "/user/bob/..%5calice/x",
    "/user/bob/..%252falice/x", "/user/bob/deep/down/../../../alice/x", "/user/bob/deep/%2e%2e/%2e%2e/alice/x",
    "/user/bob/..;/alice/x", "/user/bob/..\\alice/x", "/user/bob\\..\\alice/x", "/user/bob/%c0%ae%c0%ae/alice/x",
    "//user/alice/x", "///user/alice/x", "/\\user/alice/x", "\\user\\alice\\x", "/./user/alice/x", "/%2e/user/alice/x",
    "/user//alice/x", "/user;x/alice/x", "/user/alice;x/x", "/user/alice%3bx/x", "/user/alice%253bx/x",
    "/user/alice%00/x", "/user/alice%2500/x", "/user/alice%5c/x", "/user/alice%2f/x", "/user/alice%2fx",
    "/user/alice%252f/x", "/user/alice%0a/x", "/user/alice%20/x", "/user/alice./x", "/USER/alice/x", "/User/alice/x",
    "/user/ALICE/x", "/user/Alice/x", "/user/al%69ce/x", "/%75ser/alice/x", "/user/alice%/x", "/user/alice%zz/x",
    "/user/%e2%80%8balice/x", "/user/al\u0131ce/x".encode().decode("latin-1"), "/user/alice?/../bob/",
    "/user/alice/?/x", "/user/alice/gpu/x", "/user/alice/%67pu/x", "/user/alice%2fgpu/x", "/hub/../user/alice/x",
    "/hub/%2e%2e/user/alice/x", "http://{host}/user/alice/x", "http://evil.example/user/alice/x", "http://evil@{host}/user/alice/x",
    "http://{host}/user/bob/../alice/x", "https:///user/alice/x", "http:/user/alice/x",
]  # fmt: skip
"""All that could be taken for a way to alice, by somebody who may go to bob only."""


@pytest.mark.parametrize("target", TO_ALICE)
def test_no_spelling_leads_to_somebody_elses_server(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, target: str
) -> None:
    """26. Not for bob, not for alicex, not for nobody; and alice's name is no prefix of alicex's."""
    mark = hostile.mark()
    for headers in ({}, {"Cookie": cookie(people["bob"])}, {"Cookie": cookie(people["alicex"])}):
        reply = ask(gateway, target.format(host=gateway.authority), headers)
        assert reply.status in (400, 403, 404), reply
        assert MARK.encode() not in reply.raw
    assert hostile.bytes_since(mark) == ""


@pytest.mark.parametrize("target", TO_ALICE)
def test_what_alice_reaches_by_it_is_her_own(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, target: str
) -> None:
    """26. Forwarded means: byte for byte what was judged, to the server whose prefix it begins with."""
    mark = hostile.mark()
    reply = ask(gateway, target.format(host=gateway.authority), {"Cookie": cookie(people["alice"])})
    assert reply.status < 500
    for received in hostile.since(mark):
        line = received.text.partition("\r\n")[0]
        assert received.url in ("/user/alice/", "/user/alice/gpu/")
        assert line == f"GET {target.removeprefix('http://{host}')} HTTP/1.1"
        assert reply.status == 200


def test_names_that_begin_alike(gateway: Gateway, people: dict[str, Client], hostile: Hostile) -> None:
    for path, who, url in (
        ("alicex/", "alicex", "/user/alicex/"),
        ("alice/x", "alice", "/user/alice/"),
        ("alice/gpux", "alice", "/user/alice/"),
        ("alice/gpu/", "alice", "/user/alice/gpu/"),
    ):
        mark = hostile.mark()
        assert ask(gateway, f"/user/{path}", {"Cookie": cookie(people[who])}).status == 200
        assert [received.url for received in hostile.since(mark)] == [url]
