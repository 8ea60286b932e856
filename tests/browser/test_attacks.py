"""Attacks 1-4, 22, 25, 29 by a real browser: pages of other sites and of other users, against people who are logged in.

`hub.site.localhost` is the gateway, `evil.site.localhost` a sibling host (same site, so it gets Lax
cookies sent), `evil.other.localhost` another site, `/user/mallory/` a page on the gateway's own origin.
Browsers trust `*.localhost` as they trust TLS; elsewhere over plain HTTP they send no
`Sec-Fetch-*` and ignore COOP (docs/security.md).
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page

from api.urls import Urls
from tests.integration.client import Client
from tests.integration.harness import Gateway
from tests.integration.hostile import MARK, PASSWORD, Hostile
from tests.integration.wire import people, start

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

HOST = "hub.site.localhost"
SIBLING, STRANGER = "evil.site.localhost", "evil.other.localhost"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    settings = hostile.settings("alice", "mallory", gateway={"allowed_hosts": [HOST]})
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def servers(gateway: Gateway) -> Iterator[dict[str, Client]]:
    with people(gateway, "alice", "mallory") as clients:
        start(clients, "alice", "mallory")
        yield clients


class Evil(BaseHTTPRequestHandler):
    """Another site: its one page is what a test put there."""

    html = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(type(self).html.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def evil() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def log_in(page: Page, gateway: Gateway, name: str) -> str:
    """Give the origin at which `name` is logged in."""
    origin = f"http://{HOST}:{gateway.port}"
    page.goto(f"{origin}/hub/login")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    return origin


def session(page: Page) -> list[tuple[str, str]]:
    return [(each["path"], each["value"]) for each in page.context.cookies() if each["name"] == "hubgate-session"]


def said(page: Page) -> Any:
    """What the page's script found out: it puts JSON into the title."""
    page.wait_for_function("document.title.startsWith('{') || document.title.startsWith('[')")
    return json.loads(page.title())


# ── 2: a page in /user/mallory/, visited by an admin ─────────────────────────

TRAP = """
<button>free cookies</button><iframe id=frame></iframe>
<form id=form method=post target=sink></form><iframe name=sink></iframe>
<script>
const loot = {};
const wait = ms => new Promise(done => setTimeout(done, ms));
async function steal() {
  for (const url of ["/hub/home", "/hub/token", "/hub/spawn", "/hub/login"])
    loot[url] = await fetch(url, {headers: {accept: "text/html"}}).then(r => r.text(), String);
  loot.list = await fetch("/hub/api/users/admin/tokens").then(r => r.text(), String);
  const tokens = "/hub/api/users/admin/tokens";
  const body = JSON.stringify({note: "stolen"});
  for (const [how, init] of Object.entries({
    json: {body, headers: {"content-type": "application/json"}},
    text: {body, headers: {"content-type": "text/plain"}},
    none: {body: new Blob([body])},
    form: {body: new URLSearchParams({note: "stolen"})},
  })) loot["post " + how] = await fetch(tokens, {method: "POST", ...init}).then(r => r.text(), String);
  for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    form.action = tokens; form.enctype = enctype; form.submit(); await wait(300);
  }
  frame.src = "/hub/home"; await wait(1000);
  try { loot.frame = frame.contentDocument.documentElement.innerHTML; } catch (e) { loot.frame = String(e); }
  await wait(1000);
  try { loot.opened = opened.closed ? "closed" : opened.document.documentElement.innerHTML; }
  catch (e) { loot.opened = String(e); }
  document.title = JSON.stringify(loot);
}
let opened;
document.querySelector("button").onclick = () => { opened = window.open("/hub/home"); steal(); };
</script>
"""


def test_a_page_of_another_user_gets_nothing_of_an_admin(
    page: Page, gateway: Gateway, servers: dict[str, Client], hostile: Hostile
) -> None:
    """`window.open`, frames, `fetch` and forms: no page of the hub is read, and no token is made."""
    hostile.page("trap", TRAP)
    origin = log_in(page, gateway, "admin")
    page.goto(f"{origin}/user/mallory/trap")
    with page.context.expect_page() as opened:
        page.click("button")
    opened.value.wait_for_url("**/hub/home")
    loot = said(page)
    assert len(loot) == 11
    for how, text in loot.items():
        # The log-in page is for anybody, but its `_xsrf` would be one for nobody.
        assert "_xsrf" not in text or "argument missing" in text, (how, text)
        assert '"token"' not in text, (how, text)
    assert loot["opened"] == "closed"
    token = gateway.run("token", "admin", "--note", "mine").stdout.strip()
    with Client(gateway) as client:
        kept = client.http.get("hub/api/users/admin/tokens", headers={"Authorization": f"token {token}"}).json()
    assert [each["note"] for each in kept["api_tokens"]] == ["mine"]


# ── 3, 4: WebSockets, forms and calls of other hosts, with alice's cookie ────

REACH = """<form id=form method=post target=sink></form><iframe name=sink></iframe>
<script>
const target = "%(origin)s/user/alice/api/contents";
const results = {};
const done = (name, value) => { results[name] = value; if (Object.keys(results).length == 3) finish(); };
const socket = new WebSocket("%(ws)s/user/alice/api/kernels/1/channels");
socket.onopen = () => done("socket", "open");
socket.onerror = () => done("socket", "refused");
fetch(target, {method: "POST", mode: "no-cors", credentials: "include", body: "x"})
  .then(r => done("fetch", r.type), e => done("fetch", "refused"));
fetch(target, {credentials: "include"}).then(r => r.text()).then(t => done("read", t), e => done("read", "refused"));
function finish() {
  document.getElementsByName("sink")[0].onload = () => { document.title = JSON.stringify(results); };
  form.action = target; form.enctype = "text/plain";
  form.innerHTML = "<input name='{\\"type\\":\\"notebook\\",\\"x\\":\\"' value='\\"}'>";
  form.submit();
}
</script>"""


@pytest.mark.parametrize("host", [SIBLING, STRANGER])
def test_another_host_reaches_nothing_with_a_visitors_cookie(
    page: Page, gateway: Gateway, servers: dict[str, Client], hostile: Hostile, evil: ThreadingHTTPServer, host: str
) -> None:
    origin = log_in(page, gateway, "alice")
    # Her own page may: so what is refused below is refused for where it comes from.
    hostile.page("own", "<title>[]</title>")
    page.goto(f"{origin}/user/alice/own")
    ws = f"ws://{HOST}:{gateway.port}"
    opened = "url => new Promise(done => { new WebSocket(url).onmessage = event => done(event.data) })"
    assert page.evaluate(opened, f"{ws}/user/alice/api/kernels/1/channels") == MARK
    mark = hostile.mark()
    Evil.html = REACH % {"origin": origin, "ws": ws}
    page.goto(f"http://{host}:{evil.server_port}/")
    assert said(page) == {"socket": "refused", "fetch": "opaque", "read": "refused"}
    assert [head for received in hostile.since(mark) for head in received.heads] == []


# ── 1, 22, 25: what a server plants in the browser ───────────────────────────


def test_a_server_plants_no_cookie_of_ours(
    page: Page, gateway: Gateway, servers: dict[str, Client], hostile: Hostile
) -> None:
    origin = log_in(page, gateway, "admin")
    before = session(page)
    assert len(before) == 1
    value = "A" * 43
    hostile.answer(
        "plant",
        headers=[
            "Content-Type: text/html",
            f"Set-Cookie: hubgate-session={value}; Path=/",
            f"Set-Cookie: hubgate-session={value}; Path=/hub/",
            f"Set-Cookie: hubgate-session={value}; Domain=site.localhost; Path=/",
            f"Set-Cookie: =hubgate-session={value}; Path=/",
            f"Set-Cookie: \thubgate-session={value}; Path=/",
            "Set-Cookie: hubgate-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "Set-Cookie: other=1; Domain=site.localhost; Path=/",
        ],
        body="<title>[]</title>",
    )
    page.goto(f"{origin}/user/mallory/plant")
    assert session(page) == before
    other = [(each["domain"], each["path"]) for each in page.context.cookies() if each["name"] == "other"]
    assert other == [(HOST, "/user/mallory")] or other == [(HOST, "/user/mallory/")]
    page.goto(f"{origin}/hub/home")
    assert page.url == f"{origin}/hub/home"


def test_a_tossed_xsrf_cookie_is_worth_nothing_and_locks_nobody_out(
    page: Page, gateway: Gateway, servers: dict[str, Client], hostile: Hostile
) -> None:
    hostile.page("toss", "<script>document.cookie = '_xsrf=evil; path=/hub/'; document.title = '[]'</script>")
    hostile.page(
        "forge",
        "<form id=f method=post action=/hub/stop/admin><input name=_xsrf value=evil></form><script>f.submit()</script>",
    )
    origin = log_in(page, gateway, "admin")
    page.goto(f"{origin}/user/mallory/toss")
    said(page)
    with page.expect_response("**/hub/stop/admin") as answer:
        page.goto(f"{origin}/user/mallory/forge")
    assert answer.value.status == 403
    # Her own forms still work.
    page.goto(f"{origin}/hub/home")
    page.get_by_role("link", name="Start My server").click()
    with page.expect_response(lambda reply: reply.request.method == "POST") as answer:
        page.get_by_role("button", name="Start open").click()
    assert answer.value.status == 302


def test_no_service_worker_reaches_beyond_its_server(
    page: Page, gateway: Gateway, servers: dict[str, Client], hostile: Hostile
) -> None:
    script = "self.addEventListener('fetch', e => e.respondWith(new Response('captured')))"
    types = ["Content-Type: text/javascript", "Service-Worker-Allowed: /"]
    hostile.answer("sw.js", headers=types, body=script)
    hostile.page("register", "<title>[]</title>")
    origin = log_in(page, gateway, "admin")
    page.goto(f"{origin}/user/mallory/register")
    register = "navigator.serviceWorker.register('sw.js', {scope: %s}).then(() => 'taken', e => e.name)"
    assert page.evaluate(register % "'/'") == "SecurityError"
    assert page.evaluate(register % "'/hub/'") == "SecurityError"
    assert page.evaluate(register % "'/user/mallory/'") == "taken"
    page.goto(f"{origin}/hub/home")
    assert "captured" not in page.content()


# ── 29: where `next` leads ───────────────────────────────────────────────────

PIECES = [
    "/", "//", "\\", "\t", "\n", "\r", "%09", "%0a", "%5c", "%2f", ".", "..", "%2e", "@", ":", ":80", "https:",
    "javascript:", "evil.example", "hub", "?", "#", ";", " ", "\x00", "\u3000", "\uff0f", "\u2215", "\u202e", "~", "é",
]  # fmt: skip


def test_what_passes_as_next_is_a_path_of_ours_to_a_browser_too(page: Page, gateway: Gateway) -> None:
    """Tens of thousands of spellings; the browser resolves what our own rule has let pass."""
    page.goto(f"http://{HOST}:{gateway.port}/hub/login")
    leaving = "all => all.filter(each => new URL(each, location.href).origin !== location.origin)"
    assert page.evaluate(leaving, ["//evil.example", "/\\evil.example", "/\t/evil.example", "/fine"]) != []
    urls = Urls("/")
    spelled = ["".join(parts) for parts in itertools.product(["", "/"], PIECES, PIECES, PIECES)]
    passed = sorted({urls.safe_next(each) for each in spelled} - {""})
    assert len(passed) > 1000
    assert page.evaluate(leaving, passed) == []
