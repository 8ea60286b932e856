"""What an upstream sees of a request, and a client of a response."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import digest
from gateway.proxy.credentials import Credential
from gateway.proxy.facts import Facts, read
from gateway.proxy.gate import Forward
from gateway.proxy.rewrite import request_head, response_headers
from gateway.proxy.site import Site
from gateway.routes import Route
from tests.gateway.proxy.values import ALICE, HOST, HUB, ORIGIN, PEER, SECRET, SITE, TOKEN, head, server, site, user

SESSION = Credential("session", digest(ALICE))
Headers = dict[str, str] | list[tuple[str, str]]


def sent(
    line: str,
    headers: Headers | None = None,
    route: Route | None = None,
    where: Site = SITE,
    upgrade: bool = False,
    **more: Any,
) -> tuple[str, list[tuple[str, str]]]:
    """(request line, headers) as the upstream gets them."""
    asked = head(line, headers)
    found = read(asked, PEER, where, secure=False)
    assert isinstance(found, Facts), found
    route = route or server()
    identity = None if route.kind == "hub" else more.pop("identity", user("alice"))
    forward = Forward(route, identity, SESSION, upgrade)
    raw = request_head(found, asked, forward, request_id="r-1", **more)
    assert raw.endswith(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1")[:-4].split("\r\n")
    return first, [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


def values(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]


def test_a_request_to_a_server() -> None:
    first, headers = sent(
        "GET /user/alice/api/contents?x=%20",
        {
            "accept": "*/*",
            "Accept-Encoding": "gzip",
            "Cookie": f"hubgate-session={ALICE}; _xsrf=1",
            "Authorization": f"token {TOKEN}",
            "connection": "keep-alive",
        },
        identity_token="e.y.J",
    )
    assert first == "GET /user/alice/api/contents?x=%20 HTTP/1.1"
    assert headers == [
        ("Host", HOST),
        ("accept", "*/*"),
        ("Accept-Encoding", "gzip"),
        ("Cookie", "_xsrf=1"),
        ("X-Forwarded-For", PEER),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", HOST),
        ("X-Forwarded-Prefix", "/user/alice"),
        ("Authorization", f"token {SECRET}"),
        ("X-Hubgate-User", "alice"),
        ("X-Hubgate-Identity", "e.y.J"),
        ("X-Request-Id", "r-1"),
    ]


def test_a_request_to_the_hub() -> None:
    _, headers = sent(
        "GET /hub/api/user",
        {"Cookie": f"hubgate-session={ALICE}", "Authorization": f"token {TOKEN}", "X-Hubgate-Secret": "guessed"},
        HUB[0],
        channel_secret="s3cret",
        identity_token="e.y.J",
    )
    assert headers == [
        ("Host", HOST),
        ("X-Forwarded-For", PEER),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", HOST),
        ("x-hubgate-secret", "s3cret"),
        ("x-hubgate-credential", f"session {digest(ALICE)}"),
        ("X-Request-Id", "r-1"),
    ]


@pytest.mark.parametrize(
    "route",
    [
        server(auth="none", secret=SECRET),
        Route("service:culler", "service", ("services", "culler"), secret=SECRET),
        Route("custom:/docs/", "custom", ("docs",)),
    ],
)
def test_a_secret_goes_only_where_it_belongs(route: Route) -> None:
    _, headers = sent(
        "GET /docs/", {"Authorization": f"token {TOKEN}"}, route, channel_secret="s3cret", identity_token="e.y.J"
    )
    assert values(headers, "authorization") == []
    assert values(headers, "x-hubgate-identity") == ["e.y.J"]
    text = repr(headers)
    assert SECRET not in text
    assert "s3cret" not in text
    assert digest(ALICE) not in text


FORGED = [
    "X-Hubgate-User", "x-hubgate-identity", "X-HUBGATE-SECRET", "X_Hubgate_User", "x-hubgate_user", "X-Hubgate",
    "X-Forwarded-For", "X_Forwarded_For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix",
    "X-Forwarded-Port", "X-Forwarded-User", "Forwarded", "X-Real-Ip", "X-Scheme", "X-Request-Id", "X-Original-Url",
    "X-Rewrite-Url", "True-Client-Ip", "Proxy", "Proxy-Authorization", "Authorization",
]  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("route", [server(), HUB[0]])
def test_nobody_says_it_in_our_name(name: str, route: Route) -> None:
    asked = [(name, "forged"), (name.lower(), "forged"), ("Accept", "*/*")]
    _, headers = sent("GET /", asked, route, channel_secret="s", identity_token="e")
    assert "forged" not in [value for _, value in headers]
    assert len(values(headers, name)) <= 1


HOP_BY_HOP = [
    ("Connection", "close"), ("Keep-Alive", "timeout=5"), ("Proxy-Connection", "keep-alive"), ("TE", "trailers"),
    ("Trailer", "X-Hubgate-User"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABk"), ("Proxy-Authenticate", "Basic"),
]  # fmt: skip


def test_what_concerns_one_connection_stays_there() -> None:
    _, headers = sent("GET /user/alice/", [*HOP_BY_HOP, ("X-Mine", "1")])
    assert [name for name, _ in headers if name in dict(HOP_BY_HOP)] == []
    assert values(headers, "X-Mine") == ["1"]


def test_what_connection_nominates_goes_but_nothing_of_ours() -> None:
    nominated = (
        "x-mine, Authorization, X-Hubgate-Identity, X-Hubgate-User, cookie, host, content-length, X-Forwarded-For, "
        "X-Request-Id"
    )
    _, headers = sent(
        "POST /user/alice/",
        [
            ("Connection", "close"),
            ("connection", nominated),
            ("X-Mine", "1"),
            ("X-Other", "2"),
            ("Content-Length", "3"),
        ],
        identity_token="e.y.J",
    )
    assert values(headers, "x-mine") == []
    assert values(headers, "x-other") == ["2"]
    assert values(headers, "host") == [HOST]
    assert values(headers, "content-length") == ["3"]
    assert values(headers, "authorization") == [f"token {SECRET}"]
    assert values(headers, "x-hubgate-user") == ["alice"]
    assert values(headers, "x-hubgate-identity") == ["e.y.J"]
    assert values(headers, "x-forwarded-for") == [PEER]
    assert values(headers, "x-request-id") == ["r-1"]


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ([("Cookie", f"hubgate-session={ALICE}")], []),
        ([("Cookie", "a=b"), ("cookie", f"hubgate-session={ALICE}")], ["a=b"]),
        ([("Cookie", f"__Host-hubgate-session={ALICE}; a=b; hubgate-session=x")], ["a=b"]),
        ([("Cookie", "_xsrf=1; username-x=2")], ["_xsrf=1; username-x=2"]),
    ],
)
@pytest.mark.parametrize("route", [server(), HUB[0], Route("custom:/x/", "custom", ("x",))])
def test_the_gateways_cookies_stay_here(headers: Headers, left: list[str], route: Route) -> None:
    assert values(sent("GET /", headers, route)[1], "cookie") == left


@pytest.mark.parametrize(
    ("headers", "framing"),
    [
        ({}, []),
        ({"Content-Length": "007"}, [("Content-Length", "7")]),
        ({"Content-Length": "0"}, [("Content-Length", "0")]),
        ({"Transfer-Encoding": "Chunked"}, [("Transfer-Encoding", "chunked")]),
        ({"Expect": "100-continue", "Content-Length": "1"}, [("Expect", "100-continue"), ("Content-Length", "1")]),
    ],
)
def test_framing(headers: Headers, framing: list[tuple[str, str]]) -> None:
    _, got = sent("POST /user/alice/", headers)
    assert [pair for pair in got if pair[0] in ("Content-Length", "Transfer-Encoding", "Expect")] == framing


def test_an_upgrade_passes_only_when_the_gate_says_so() -> None:
    asked = {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13"}
    _, headers = sent("GET /user/alice/x", asked, upgrade=True)
    assert (values(headers, "connection"), values(headers, "upgrade")) == (["Upgrade"], ["websocket"])
    _, headers = sent("GET /user/alice/x", asked)
    assert (values(headers, "connection"), values(headers, "upgrade")) == ([], [])


@pytest.mark.parametrize(
    ("route", "allowed", "target", "expected"),
    [
        (server(), False, "/user/alice/lab?token=x&a=1", "/user/alice/lab?a=1"),
        (server(), False, "/user/alice/lab?%74oken=x", "/user/alice/lab"),
        (server(), False, "/user/alice/lab?a=%20", "/user/alice/lab?a=%20"),
        (server(), False, "/user/alice/lab?", "/user/alice/lab?"),
        (server(auth="none"), False, "/user/alice/app?token=x", "/user/alice/app?token=x"),
        (server(auth="none"), True, "/user/alice/app?token=x", "/user/alice/app"),
        (Route("custom:/x/", "custom", ("x",)), True, "/x/?token=x", "/x/?token=x"),
    ],
)
def test_a_token_leaves_the_url(route: Route, allowed: bool, target: str, expected: str) -> None:
    where = site(token_in_url=allowed)
    referer = {"Referer": f"{ORIGIN}{target}#here"}
    first, headers = sent(f"GET {target}", referer, route, where)
    assert first == f"GET {expected} HTTP/1.1"
    assert values(headers, "referer") == [f"{ORIGIN}{expected}#here"]


def test_names_are_escaped_as_in_paths() -> None:
    route = server("ü n")
    _, headers = sent("GET /user/%C3%BC%20n/", route=route, identity=user("ü n"))
    assert values(headers, "x-hubgate-user") == ["%C3%BC%20n"]
    assert values(headers, "x-forwarded-prefix") == ["/user/%C3%BC%20n"]


def test_a_service_is_no_user() -> None:
    _, headers = sent("GET /user/alice/", identity=user("culler", kind="service"))
    assert values(headers, "x-hubgate-user") == []


def test_absolute_form_is_sent_as_a_path() -> None:
    assert sent(f"GET {ORIGIN}/user/alice/?a=b")[0] == "GET /user/alice/?a=b HTTP/1.1"


names = st.one_of(st.sampled_from([*FORGED, *dict(HOP_BY_HOP), "Cookie", "Host2"]), st.text("abXY_-", min_size=1))


@given(
    st.lists(st.tuples(names, st.sampled_from(["forged", f"hubgate-session={ALICE}", "x-hubgate-user"])), max_size=8)
)
def test_no_header_of_a_client_speaks_for_the_gateway(headers: list[tuple[str, str]]) -> None:
    """Whatever a client sends, names of ours stand there once, with our value, and the session never."""
    asked = head("GET /user/alice/", headers)
    found = read(asked, PEER, SITE, secure=False)
    if not isinstance(found, Facts):
        return
    raw = request_head(found, asked, Forward(server(), user("alice"), SESSION, False), request_id="r-1")
    got: dict[str, list[str]] = {}
    for line in raw.decode().split("\r\n")[1:-2]:
        name, _, value = line.partition(": ")
        got.setdefault(name.lower().replace("_", "-"), []).append(value)
    assert not any(ALICE in value for value in got.get("cookie", []))
    assert got["x-hubgate-user"] == ["alice"]
    assert got["x-forwarded-for"] == [PEER]
    assert got["authorization"] == [f"token {SECRET}"]
    assert got["host"] == [HOST]


# ── to the client ────────────────────────────────────────────────────────────


def received(headers: Headers, route: Route | None = None, status: int = 200) -> list[tuple[str, str]]:
    pairs = headers.items() if isinstance(headers, dict) else headers
    got = response_headers(status, [(name.encode(), value.encode()) for name, value in pairs], route or server())
    return [(name.decode(), value.decode()) for name, value in got]


def test_a_response_of_a_server() -> None:
    assert received([
        ("Server", "TornadoServer/6.5"),
        ("Content-Length", "3"),
        ("Connection", "keep-alive, X-Gone"),
        ("X-Gone", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Clear-Site-Data", '"cookies"'),
        ("Strict-Transport-Security", "max-age=1"),
        ("Alt-Svc", 'h3=":9"'),
        ("NEL", "{}"),
        ("Report-To", "{}"),
        ("X-Hubgate-User", "root"),
        ("x_hubgate_user", "root"),
        ("Set-Cookie", "a=b; Path=/"),
        ("set-cookie", "hubgate-session=x"),
        ("ETag", '"x"'),
    ]) == [
        ("Server", "TornadoServer/6.5"),
        ("Content-Length", "3"),
        ("Set-Cookie", "a=b; Path=/user/alice/"),
        ("ETag", '"x"'),
    ]  # fmt: skip


def test_a_response_of_the_hub_passes() -> None:
    headers = [
        ("Set-Cookie", "hubgate-session=x; Path=/"),
        ("Strict-Transport-Security", "max-age=1"),
        ("X-Hubgate-Version", "1"),
    ]
    assert received([*headers, ("Connection", "close"), ("Keep-Alive", "timeout=1")], HUB[0]) == headers


def test_a_response_cannot_nominate_its_length_away() -> None:
    assert received([("Connection", "content-length"), ("Content-Length", "3")]) == [("Content-Length", "3")]


@pytest.mark.parametrize(
    ("scope", "passes"),
    [
        ("/user/alice/", True),
        ("/user/alice/lab/", True),
        ("/user/alice", False),
        ("/user/alicex/", False),
        ("/", False),
        ("/hub/", False),
        ("//evil.example/", False),
        ("/user/alice/../", False),
        ("/user/alice/%2e%2e/", False),
        ("http://hub.example.org/", False),
        ("./", False),
        ("", False),
    ],
)
def test_service_workers_stay_inside(scope: str, passes: bool) -> None:
    assert bool(received({"Service-Worker-Allowed": scope})) is passes


def test_an_accepted_upgrade() -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "x"}
    assert received(headers, status=101) == [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Accept", "x"),
    ]
    assert received(headers, status=426) == [("Sec-WebSocket-Accept", "x")]


def test_a_name_that_is_too_long_to_mean_anything() -> None:
    assert received([("X" * 129, "1"), ("X" * 128, "2")]) == [("X" * 128, "2")]


# ── for apps that do not know their path ─────────────────────────────────────

AT_ROOT = server(strip_prefix=True, auth="none")


def test_an_app_at_its_own_root_is_asked_without_the_prefix() -> None:
    first, headers = sent("GET /user/alice/static/x.js?v=1", {"Accept": "*/*"}, AT_ROOT)
    assert first == "GET /static/x.js?v=1 HTTP/1.1"
    assert values(headers, "x-forwarded-prefix") == ["/user/alice"]
    assert sent("GET /user/alice/", {"Accept": "*/*"}, AT_ROOT)[0] == "GET / HTTP/1.1"


def test_what_it_says_of_paths_gets_the_prefix() -> None:
    headers = [
        ("Location", "/login"),
        ("Content-Location", "http://127.0.0.1:9/a"),
        ("Set-Cookie", "a=b; Path=/app/"),
        ("Set-Cookie", "c=d; Path=/"),
        ("Set-Cookie", "e=f; Path=/../../hub/"),
        ("Set-Cookie", "hubgate-session=x; Path=/"),
    ]
    assert received(headers, AT_ROOT) == [
        ("Location", "/user/alice/login"),
        ("Content-Location", "/user/alice/a"),
        ("Set-Cookie", "a=b; Path=/user/alice/app/"),
        ("Set-Cookie", "c=d; Path=/user/alice/"),
        ("Set-Cookie", "e=f; Path=/user/alice/"),
    ]


def test_what_others_say_of_paths_is_theirs() -> None:
    assert received([("Location", "/login"), ("Content-Location", "/a")]) == [
        ("Location", "/login"),
        ("Content-Location", "/a"),
    ]
