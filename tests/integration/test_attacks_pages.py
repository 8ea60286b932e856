"""Attacks 2, 3, 4, 22: what pages of other sites, and of other users, make a browser send; what servers set.

The headers are those that browsers add. `tests/browser/test_attacks.py` does the same with a real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway
from tests.integration.hostile import MARK, Hostile
from tests.integration.wire import Reply, Wire, ask, cookie, people, start, upgrade

pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), hostile.settings("alice")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def alice(gateway: Gateway) -> Iterator[Client]:
    with people(gateway, "alice") as clients:
        start(clients, "alice", "alice/gpu")
        yield clients["alice"]


# ── 2: a page of another user, on our own origin ─────────────────────────────

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Referer": "http://{host}/user/mallory/"}
SCRIPTS = {
    "fetch": {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    "fetch-no-cors": {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"},
    "fetch-same-origin": {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty"},
    "fetch-as-page": {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"},
    "frame": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Accept": "text/html"},
    "object": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object", "Accept": "text/html"},
    "embed": {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "embed"},
    "script": {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    "worker": {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "worker"},
    "image": {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
}
PAGES = ["home", "spawn", "spawn/alice", "spawn-pending/alice", "login", "logout"]


@pytest.mark.parametrize("how", SCRIPTS)
@pytest.mark.parametrize("page", PAGES)
def test_no_script_and_no_frame_gets_a_page_of_the_hub(gateway: Gateway, alice: Client, page: str, how: str) -> None:
    """2. Not even from our own origin: a visitor's `_xsrf` stands in these pages."""
    reply = ask(gateway, f"/hub/{page}", {"Cookie": cookie(alice)} | SAME_ORIGIN | SCRIPTS[how])
    assert reply.status == 403
    assert b"_xsrf" not in reply.body
    assert not reply.all("set-cookie")
    assert "frame-ancestors 'none'" in reply["content-security-policy"]


@pytest.mark.parametrize("how", ["fetch", "fetch-no-cors", "frame"])
@pytest.mark.parametrize("path", ["hub/spawn", "hub/spawn/alice", "hub/stop/alice", "hub/api/users/alice/tokens",
                                  "hub/api/users/alice/server", "hub/api/users/mallory", "hub/login"])  # fmt: skip
def test_a_script_changes_nothing_at_the_hub(gateway: Gateway, alice: Client, path: str, how: str) -> None:
    """2. The origin is right, and the cookie is there; the form's `_xsrf` is not, and cannot be read."""
    for kind in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        headers = {"Cookie": cookie(alice), "Origin": gateway.origin, "Content-Type": kind} | SAME_ORIGIN | SCRIPTS[how]
        with Wire(gateway) as wire:
            assert wire.ask(f"/{path}", headers, "POST", b"{}").status == 403
            # Without a credential a token may be asked for by `auth` in the body, so there the body is read.
            refused = (403, 400) if path.endswith("tokens") else (403,)
            assert wire.ask(f"/{path}?_xsrf=x", headers | {"X-XSRFToken": "x"}, "POST", b"_xsrf=x").status in refused
    assert alice.http.get("hub/api/users/alice/tokens").json() == {"api_tokens": []}
    assert alice.http.get("user/alice/x").status_code == 200


@pytest.mark.parametrize("path", ["user", "users", "users/alice", "users/alice/tokens", "users/alice/server", "info"])
def test_a_script_reads_nothing_from_the_api(gateway: Gateway, alice: Client, path: str) -> None:
    """2. By the cookie alone, in no mode that a script can choose and then read."""
    for how in ("fetch", "fetch-no-cors", "fetch-same-origin", "fetch-as-page"):
        reply = ask(gateway, f"/hub/api/{path}", {"Cookie": cookie(alice)} | SAME_ORIGIN | SCRIPTS[how])
        assert reply.status == 403, how
        assert b"admin" not in reply.body


PERSON = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
OF_THE_PROXY = {
    "nothing there": ("/nothing", 404, {}),
    "somebody else's": ("/user/mallory/", 403, {}),
    "nonsense of a server": ("/user/alice/nonsense", 502, {}),
    "a path that is none": ("/user/alice/%2e%2e/", 400, {}),
    "another host": ("/hub/home", 421, {"Host": "evil.example"}),
    "from another site": ("/user/alice/x", 403, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}),
    "a token that is none": ("/user/alice/x", 403, {"Authorization": "token x"}),
    "not logged in": ("/user/alice/x", 302, {"Cookie": ""}),
}


@pytest.mark.parametrize("name", OF_THE_PROXY)
def test_what_the_proxy_itself_says_is_guarded_as_the_hubs_pages_are(
    gateway: Gateway, alice: Client, hostile: Hostile, name: str
) -> None:
    """2. Of the hub's pages, each is looked at in `tests/api/test_headers_pages.py`."""
    path, status, more = OF_THE_PROXY[name]
    hostile.raw("nonsense", b"good morning\r\n\r\n")
    reply = ask(gateway, path, PERSON | {"Cookie": cookie(alice)} | more)
    assert reply.status == status
    policy = reply["content-security-policy"]
    assert policy.startswith("default-src 'none'; ") and policy.endswith("frame-ancestors 'none'")
    assert "unsafe" not in policy and "script-src" not in policy
    assert reply["x-frame-options"] == "DENY"
    assert reply["x-content-type-options"] == "nosniff"
    assert reply["referrer-policy"] == "same-origin"
    assert reply["cross-origin-opener-policy"] == "same-origin"
    assert reply["cache-control"] == "no-store"


# ── 3: WebSockets from elsewhere ─────────────────────────────────────────────

ORIGINS = ["http://evil.example", "http://127.0.0.1", "http://127.0.0.1:{other}", "http://localhost:{other}",
           "https://{host}", "http://{host}.evil.example", "http://evil.example/{host}", "http://{host}/", "null", "",
           "http://sub.{host}", "file://", "http://{host}@evil.example", "http://evil.example#{host}", "{host}",
           "http://127.0.0.1:{port}0", "http://{host}, http://evil.example"]  # fmt: skip


@pytest.mark.parametrize("server", ["", "gpu/"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_no_websocket_from_another_origin(
    gateway: Gateway, alice: Client, hostile: Hostile, origin: str, server: str
) -> None:
    """3. With her cookie, at her own server. Jupyter would not refuse it: the secret switches its own check off."""
    said = origin.format(host=gateway.authority, port=gateway.port, other=gateway.port + 1)
    mark = hostile.mark()
    for site in ("cross-site", "same-site", "same-origin", None):
        headers = upgrade(gateway) | {"Cookie": cookie(alice), "Origin": said}
        headers |= {"Sec-Fetch-Mode": "websocket", "Sec-Fetch-Site": site} if site else {}
        with Wire(gateway) as wire:
            assert wire.ask(f"/user/alice/{server}api/kernels/1/channels", headers).status == 403
    assert hostile.bytes_since(mark) == ""


def test_no_websocket_without_an_origin(gateway: Gateway, alice: Client, hostile: Hostile) -> None:
    """3. A cookie is a browser's, and browsers say where a WebSocket comes from."""
    headers = upgrade(gateway) | {"Cookie": cookie(alice)}
    mark = hostile.mark()
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}):
        without = {name: value for name, value in headers.items() if name != "Origin"} | site
        with Wire(gateway) as wire:
            assert wire.ask("/user/alice/gpu/x", without).status == 403
    assert hostile.bytes_since(mark) == ""
    with Wire(gateway) as wire:
        assert wire.ask("/user/alice/gpu/x", headers).status == 101


# ── 4: forms and calls from elsewhere ────────────────────────────────────────


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("server", ["", "gpu/"])
def test_no_call_from_another_origin(
    gateway: Gateway, alice: Client, hostile: Hostile, method: str, server: str
) -> None:
    """4. A form needs no permission to be sent across sites: `text/plain`, with her cookie."""
    mark = hostile.mark()
    for origin in ORIGINS:
        said = origin.format(host=gateway.authority, port=gateway.port, other=gateway.port + 1)
        assert sent(gateway, alice, server, method, {"Origin": said}).status == 403
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}):
        assert sent(gateway, alice, server, method, site).status == 403
    assert hostile.bytes_since(mark) == ""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_at_a_server_with_a_secret_the_double_submit_is_asked_for(
    gateway: Gateway, alice: Client, hostile: Hostile, method: str
) -> None:
    """4. A page of another user has the right origin, but cannot read this server's `_xsrf` cookie."""
    ours = {"Origin": gateway.origin}
    mark = hostile.mark()
    for wrong in ({}, {"X-XSRFToken": "b"}, {"X-XSRFToken": ""}):
        assert sent(gateway, alice, "gpu/", method, ours | wrong).status == 403
        assert sent(gateway, alice, "gpu/", method, ours | wrong, "; _xsrf=a").status == 403
    assert sent(gateway, alice, "gpu/", method, ours | {"X-XSRFToken": ""}, "; _xsrf=").status == 403
    assert hostile.bytes_since(mark) == ""
    assert sent(gateway, alice, "gpu/", method, ours | {"X-XSRFToken": "a"}, "; _xsrf=a").status == 200
    assert sent(gateway, alice, "", method, ours).status == 200


def sent(
    gateway: Gateway, alice: Client, server: str, method: str, headers: Mapping[str, str], more: str = ""
) -> Reply:
    fields = {"Cookie": cookie(alice) + more, "Content-Type": "text/plain", **headers}
    with Wire(gateway) as wire:
        return wire.ask(f"/user/alice/{server}api/contents", fields, method, b'{"type": "notebook"}')


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_can_lead_here_but_not_look_in(
    gateway: Gateway, alice: Client, hostile: Hostile, site: str
) -> None:
    """3, 4. A link works; an image, a frame, a script and a fetch do not."""
    mine = {"Cookie": cookie(alice), "Sec-Fetch-Site": site}
    mark = hostile.mark()
    for how in SCRIPTS.values():
        assert ask(gateway, "/user/alice/x", mine | how).status == 403
    assert hostile.bytes_since(mark) == ""
    link = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert MARK.encode() in ask(gateway, "/user/alice/x", mine | link).body


# ── 22: cookies that servers set ─────────────────────────────────────────────

OURS = ["hubgate-session", "__host-hubgate-session"]
SET = [
    b"hubgate-session=evil", b"hubgate-session=evil; Path=/", b"HubGate-Session=evil", b" hubgate-session=evil",
    b"\thubgate-session=evil", b"hubgate-session\t=evil", b"hubgate-session =evil; Path=/user/alice/",
    b"__Host-hubgate-session=evil; Secure; Path=/", b"__host-hubgate-session=evil; Secure; Path=/",
    b"=hubgate-session=evil", b"=hubgate-session=evil; Path=/", b"; hubgate-session=evil", b"hubgate-session",
    b"hubgate-session; Path=/", b"hubgate-session=; Max-Age=0; Path=/",
    b"hubgate-session=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    b"hubgate-session=evil; Domain=127.0.0.1", b"\"hubgate-session\"=evil", b"hubgate\x00-session=evil",
    b"__Host-other=evil; Secure; Path=/", b"\x01hubgate-session=evil", b"a\x7fb=c", b"\x0bhubgate-session=evil",
    b"hubgate-session=" + b"e" * 5000, b"=", b"", b";", b"hubgate-session=evil, hubgate-session=evil2; Path=/",
]  # fmt: skip
"""Dropped: a browser would file these under our names, or keep them for the whole host, or cannot tell."""

KEPT = {
    b"a=b": b"/user/alice/",
    b"a=b; Path=/": b"/user/alice/",
    b"a=b; path=/user": b"/user/alice/",
    b"a=b; Path=/user/bob/": b"/user/alice/",
    b"a=b; Path=/user/alicex/": b"/user/alice/",
    b"a=b; Path=/hub/": b"/user/alice/",
    b"a=b; Path=/user/alice/../bob/": b"/user/alice/",
    b"a=b; Path=/user/alice/%2e%2e/bob/": b"/user/alice/",
    b"a=b; Path=/user/alice/\\..\\bob": b"/user/alice/",
    b"a=b; Path=/user/alice/; Path=/": b"/user/alice/",
    b"a=b; Path=/user/alice/deep/": b"/user/alice/deep/",
    b"a=b; PATH =/": b"/user/alice/",
    b"a=b; Path=": b"/user/alice/",
    b"a=b; Domain=127.0.0.1; Path=/": b"/user/alice/",
    b"a=b; domain=.example.org; HttpOnly": b"/user/alice/",
    b"_xsrf=evil; Path=/hub/": b"/user/alice/",
    b"hubgate-sessions=fine": b"/user/alice/",
    b"a=hubgate-session=evil": b"/user/alice/",
    b"__Secure-a=b; Secure; Path=/": b"/user/alice/",
    b"a=b; Path=/user/alice/; SameSite=None; Secure; Max-Age=9": b"/user/alice/",
}


def kept(gateway: Gateway, alice: Client, hostile: Hostile, *lines: bytes) -> list[str]:
    """What is left of these `Set-Cookie` headers of her own server."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"".join(b"Set-Cookie: " + line + b"\r\n" for line in lines)
    hostile.raw("cookies", head + b"\r\n")
    reply = ask(gateway, "/user/alice/cookies", {"Cookie": cookie(alice)})
    # A header that is no header at all makes the whole answer one that cannot be read.
    assert reply.status in (200, 502)
    return reply.all("set-cookie")


@pytest.mark.parametrize("line", SET)
def test_no_server_sets_a_cookie_of_ours(gateway: Gateway, alice: Client, hostile: Hostile, line: bytes) -> None:
    """22."""
    for left in kept(gateway, alice, hostile, line):
        name, equals, value = left.partition(";")[0].partition("=")
        assert equals
        assert name.strip()
        assert name.strip().lower() not in OURS
        assert name.strip().lower().startswith("hubgate") is False
        assert "hubgate-session" not in value
    assert alice.page("hub/home").status_code == 200


@pytest.mark.parametrize("line", KEPT)
def test_a_servers_cookie_stays_in_its_place(gateway: Gateway, alice: Client, hostile: Hostile, line: bytes) -> None:
    """22. One path, within the server's own; no domain."""
    (left,) = kept(gateway, alice, hostile, line)
    attributes = [part.strip() for part in left.split(";")[1:]]
    assert [part for part in attributes if part.lower().startswith("path")] == [f"Path={KEPT[line].decode()}"]
    assert not [part for part in attributes if part.lower().startswith("domain")]
    assert left.partition(";")[0].encode() == line.partition(b";")[0]


def test_many_at_once_are_judged_one_by_one(gateway: Gateway, alice: Client, hostile: Hostile) -> None:
    left = kept(gateway, alice, hostile, b"a=1", b"hubgate-session=evil; Path=/", b"b=2; Path=/", b"=hubgate-session=x")
    assert left == ["a=1; Path=/user/alice/", "b=2; Path=/user/alice/"]


def test_no_server_speaks_for_the_whole_origin(gateway: Gateway, alice: Client, hostile: Hostile) -> None:
    """1, 22. Nor in our name."""
    dropped = {
        "Service-Worker-Allowed": "/", "Clear-Site-Data": '"cookies"', "Strict-Transport-Security": "max-age=9",
        "Alt-Svc": 'h3=":443"', "X-Hubgate-User": "admin", "X_Hubgate_User": "admin", "NEL": "{}", "Report-To": "{}",
        "Clear-Site-Data ": "*",
    }  # fmt: skip
    for name, value in dropped.items():
        hostile.answer("whole", headers=[f"{name}: {value}", "X-Other: 1"])
        reply = ask(gateway, "/user/alice/whole", {"Cookie": cookie(alice)})
        assert reply.all(name.strip()) == []
        assert (reply.status, reply["x-other"]) in ((200, "1"), (502, ""))
    hostile.answer("whole", headers=["Service-Worker-Allowed: /user/alice/app/"])
    reply = ask(gateway, "/user/alice/whole", {"Cookie": cookie(alice)})
    assert reply["service-worker-allowed"] == "/user/alice/app/"
