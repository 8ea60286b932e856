"""The list of what somebody who looks on may ask, and that nothing else gets by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Admission
from gateway.proxy import rewrite, viewing
from gateway.proxy.gate import Forward, Redirect, Verdict
from gateway.routes import Route
from tests.gateway.proxy.values import ALICE, COOKIE, ORIGIN, SECRET, ask, facts, head, refused, server, table, user

BOB = server("bob")
GUEST = user("alice", ALICE, admissions=(Admission("bob", "", view_only=True),))
KERNEL = "/user/bob/api/kernels/2f/channels"
WEBSOCKET = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Origin": ORIGIN, "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x",
}  # fmt: skip


def asked(line: str, headers: dict[str, str] | None = None, route: Route = BOB) -> Verdict:
    method, _, path = line.partition(" ")
    return ask(f"{method} /user/bob/{path}", headers, GUEST, table(route))


@pytest.mark.parametrize(
    "path",
    [
        "", "lab", "lab/tree/a/b.ipynb", "lab/workspaces/auto-1", "doc/tree/a.ipynb", "tree", "notebooks/a.ipynb",
        "static/x/y.js", "files/a.png", "lab/api/settings", "lab/extensions/a/b.js", "kernelspecs/python3/logo.svg",
        "api", "api/status", "api/me", "api/kernels", "api/kernels/2f", "api/sessions", "api/kernelspecs",
        "api/contents", "api/contents/a/b.ipynb?content=1", "api/contents/a/checkpoints",
    ],
)  # fmt: skip
def test_what_is_shown(path: str) -> None:
    for method in ("GET", "HEAD"):
        verdict = asked(f"{method} {path}")
        assert isinstance(verdict, Forward)
        assert (verdict.right, verdict.upgrade) == ("view", False)


@pytest.mark.parametrize(
    "path",
    [
        "terminals/1", "terminals/new", "api/terminals", "nbconvert/html/a.ipynb", "api/nbconvert", "logout",
        "login?token=x", "proxy/8050/", "lsp/status", "lab/api/extensions", "lab/api/build", "metrics", "view/a.html",
        "api/collaboration/room/x", "api/kernels/2f/channels", "api/events/subscribe", "api/config/x", "files2/a",
        "api/kernels//channels", "api/kernels/2f/restart", "edit/a", "api/contents%2Fa", "api/shutdown", "labx",
        "api/contents/a%2Fb", "api/contents/a;b", "x", "api/kernels/2f/", "kernelspecs",
    ],
)  # fmt: skip
def test_what_is_not_shown(path: str) -> None:
    assert refused(asked(f"GET {path}")).reason in (viewing.WORD, "path", "not-allowed")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_nothing_is_changed(method: str) -> None:
    answer = refused(asked(f"{method} api/contents/a.ipynb", {"Origin": ORIGIN, "X-XSRFToken": "x"}))
    assert answer.status == 403


def test_a_body_has_no_purpose() -> None:
    for framing in ({"Content-Length": "3"}, {"Transfer-Encoding": "chunked"}):
        assert refused(asked("GET lab", framing)) == viewing.CHANGES
    assert isinstance(asked("GET lab", {"Content-Length": "0"}), Forward)


# ── WebSockets: attack 5 ─────────────────────────────────────────────────────


def test_two_kinds_of_websockets_pass() -> None:
    for path, kind in (("api/kernels/2f/channels?session_id=s", "kernel"), ("api/events/subscribe", "events")):
        verdict = asked(f"GET {path}", WEBSOCKET)
        assert isinstance(verdict, Forward)
        assert verdict.upgrade and verdict.right == "view"
        assert viewing.socket(facts(f"GET /user/bob/{path}"), BOB) == kind
    assert viewing.socket(facts("GET /user/bob/lab"), BOB) is None


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("terminals/websocket/1", {}),
        ("lsp/ws/pyright", {}),
        ("api/collaboration/room/x", {}),
        ("proxy/8050/ws", {}),
        ("api/kernels/a/b/channels", {}),
        ("api/kernels//channels", {}),
        ("lab", {}),
        ("api/kernels/2f/channels", {"Sec-WebSocket-Version": "8"}),
        ("api/kernels/2f/channels", {"Sec-WebSocket-Version": "7"}),
        ("api/kernels/2f/channels", {"Sec-WebSocket-Version": "13, 8"}),
        ("api/kernels/2f/channels", {"Upgrade": "h2c"}),
        ("api/kernels/2f/channels", {"Upgrade": "websocket, h2c"}),
        ("api/kernels/2f/channels", {"Upgrade": "tcp"}),
    ],
)
def test_others_do_not(path: str, change: dict[str, str]) -> None:
    for route in (BOB, server("bob", upgrades=("websocket", "h2c", "tcp"))):
        assert refused(asked(f"GET {path}", WEBSOCKET | change, route)).status == 403


def test_head_is_no_handshake() -> None:
    assert refused(asked("HEAD api/kernels/2f/channels", WEBSOCKET)) == viewing.NO_SOCKET


def test_a_profile_without_websockets_has_none_for_guests() -> None:
    assert refused(asked("GET api/kernels/2f/channels", WEBSOCKET, server("bob", upgrades=()))) == viewing.NO_SOCKET


# ── what the server gets, and gives ──────────────────────────────────────────


def sent(line: str, headers: dict[str, str]) -> bytes:
    forward = asked(line, headers)
    assert isinstance(forward, Forward)
    method, _, path = line.partition(" ")
    parsed = head(f"{method} /user/bob/{path}", COOKIE | headers)
    return rewrite.request_head(facts(f"{method} /user/bob/{path}", COOKIE | headers), parsed, forward, request_id="r1")


def test_only_listed_headers_pass() -> None:
    odd = {
        "X-HTTP-Method-Override": "DELETE", "Cookie": f"{COOKIE['Cookie']}; username-x=y; _xsrf=z",
        "Range": "bytes=0-3", "Accept-Encoding": "gzip", "Accept": "text/html", "X-XSRFToken": "z", "If-Range": "x",
    }  # fmt: skip
    said = sent("GET lab", odd).lower()
    assert b"accept: text/html" in said and SECRET.lower().encode() in said
    for name in (b"override", b"cookie", b"range", b"accept-encoding", b"xsrf"):
        assert name not in said


def test_nobody_chooses_the_session_of_a_kernel_connection() -> None:
    """With the owner's, which stands in each message, a guest would end the owner's connection."""
    said = sent("GET api/kernels/2f/channels?session_id=the-owners&x=1", WEBSOCKET)
    assert said.startswith(b"GET /user/bob/api/kernels/2f/channels?session_id=view-r1 HTTP/1.1\r\n")
    assert b"the-owners" not in said


@pytest.mark.parametrize("spelled", ["format=base64", "f%6Frmat=base64", "format=text&format=base64"])
def test_no_text_is_asked_for_in_base64(spelled: str) -> None:
    """The server's secret in it would not be found."""
    for query, left in ((f"type=file&{spelled}&content=1", "?type=file&content=1"), (spelled, "")):
        said = sent(f"GET api/contents/a.txt?{query}", {})
        assert said.startswith(f"GET /user/bob/api/contents/a.txt{left} HTTP/1.1\r\n".encode())


def test_no_cookie_of_the_server_reaches_a_guest_who_looks_on() -> None:
    given_ = [(b"Set-Cookie", b"username-x=2|1:0|login; Path=/user/bob/"), (b"Set-Cookie", b"_xsrf=1"), (b"A", b"b")]
    assert rewrite.response_headers(200, given_, BOB, right="view") == [(b"A", b"b")]
    part = dict(rewrite.response_headers(200, given_, BOB, right="part"))
    assert part[b"Set-Cookie"].startswith(b"_xsrf=")


def test_a_redirect_to_the_slash_is_still_one() -> None:
    assert isinstance(ask("GET /user/bob", known=GUEST, routes=table(BOB)), Redirect)


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]),
    st.lists(
        st.sampled_from([
            "api", "kernels", "channels", "lab", "terminals", "websocket", "contents", "files", "", "x", "%2e", "proxy",
        ]),
        max_size=5,
    ),
    st.sampled_from([{}, WEBSOCKET, WEBSOCKET | {"Sec-WebSocket-Version": "8"}, WEBSOCKET | {"Upgrade": "h2c"}]),
)  # fmt: skip
def test_an_upgrade_passes_to_a_listed_socket_alone(method: str, path: list[str], headers: dict[str, str]) -> None:
    try:
        verdict = asked(f"{method} {'/'.join(path)}", headers)
    except AssertionError:
        return  # refused for its shape, before anybody asks who it is
    if isinstance(verdict, Forward):
        assert method in ("GET", "HEAD")
        listens = headers == WEBSOCKET and method == "GET" and path[::3] == ["api", "channels"] and len(path) == 4
        assert verdict.upgrade is listens
        assert not {"terminals", "proxy"} & set(path[:1])
