"""The inspector against what it inspects: whatever a server, its users or their messages say is text there.

A server that reflects what it is sent, a corpus of injections in each place that the pages
show, and a real browser that complains of everything that runs, loads or is blocked.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.sync.client import connect

from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually
from tests.integration.wire import Wire

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

CORPUS = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>',
    "'-window.hit=1-'",
    "</pre></textarea></title><script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "<!--<script>window.hit=1//-->",
    "javascript:window.hit=1",
    "<a href=javascript:window.hit=1>click</a>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=/hub/logout'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    "{{ 7*7 }}{% raw %}${window.hit=1}",
    "<math><mtext><style><img src=x onerror=window.hit=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.hit=1>'>",
    "<form action=/hub/admin/gateway method=post><button autofocus onfocus=window.hit=1>",
    "__proto__",
    "\u202egnp.exe\u2066",
)
WATCH = (
    "document.addEventListener('securitypolicyviolation', e => console.error('CSP', e.blockedURI, e.violatedDirective))"
)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), {"gateway": {"workers": 2}, "profiles": [PROFILE]}) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def capture(gateway: Gateway) -> str:
    """One that has the corpus everywhere."""
    token = gateway.run("token", "admin").stdout.strip()
    headers = {"Host": gateway.authority, "Authorization": f"token {token}"}
    with Client(gateway) as client:
        client.log_in()
        client.start_server()
    with httpx.Client(base_url=gateway.url(), headers=headers, trust_env=False, timeout=30) as http:
        wish = {"reason": CORPUS[0], "user": "admin", "server": "admin/"}
        answer = http.post("hub/api/traffic/captures", json=wish)
        assert answer.status_code == 201, answer.text
        found = str(answer.json()["id"])
        for number, text in enumerate(CORPUS):
            spread(gateway, http, text, number)
        talk(gateway, token)
        log_ins(gateway)
        enough = len(CORPUS) * 2
        eventually(lambda: http.get(f"hub/api/traffic/captures/{found}").json()["flows"] >= enough, 20)
        eventually(lambda: http.get(f"hub/api/traffic/captures/{found}/flows").json()["items"], 20)
    return found


def spread(gateway: Gateway, http: httpx.Client, text: str, number: int) -> None:
    """In path, query, headers both ways, bodies both ways, and a file's name."""
    plain = text.encode("ascii", "ignore").decode()
    header = quote(f"X-Back: {plain}")
    name = quote(f'Content-Disposition: attachment; filename="{plain}"')
    http.get(
        f"user/admin/{quote(text, safe='')}?q={quote(text)}&header={header}&header={name}",
        headers={"User-Agent": plain, "X-Hostile": plain, "Referer": plain},
    )
    http.post("user/admin/body", content=json.dumps({text: text}), headers={"Content-Type": "application/json"})
    http.post("user/admin/form", data={text: text})
    with Wire(gateway) as wire:  # what no library would send
        target = f"/user/admin/raw{number}<script>window.hit=1</script>".encode()
        wire.send(b"GET " + target + b" HTTP/1.1\r\nHost: " + gateway.authority.encode() + b"\r\n\r\n")


def talk(gateway: Gateway, token: str) -> None:
    """A kernel's conversation, in which both sides lie, and one that is none."""
    headers = {"Authorization": f"token {token}"}
    for path in ("api/kernels/x/channels", "plain"):
        url = gateway.url(f"user/admin/{path}").replace("http:", "ws:")
        with connect(url, additional_headers=headers, origin=gateway.origin, proxy=None) as socket:  # type: ignore[arg-type]
            socket.recv(10)
            for text in CORPUS:
                message = {
                    "channel": "shell", "parent_header": {}, "metadata": {text: text}, "buffers": [],
                    "header": {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "x": text},
                    "content": {"code": text, text: [text]},
                }  # fmt: skip
                socket.send(json.dumps(message))
                socket.recv(10)
            socket.close(reason=CORPUS[1])


def log_ins(gateway: Gateway) -> None:
    """For the audit: what strangers type."""
    for text in CORPUS[:4]:
        with Client(gateway) as client:
            client.submit("hub/login", {"username": text, "password": "x"})


@pytest.fixture
def admin(browser: Browser, gateway: Gateway) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (heard.append("a dialog"), dialog.dismiss()))
    page.on("request", lambda request: heard.append(request.url) if gateway.authority not in request.url else None)
    page.goto(gateway.url("hub/login"))
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", gateway.admin_password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    heard.clear()
    yield page, heard
    context.close()


def harmless(page: Page, heard: list[str]) -> None:
    assert heard == []
    assert page.evaluate("window.hit") is None
    assert (
        page.evaluate("document.querySelectorAll('main iframe, main img, main base, main link, main style').length")
        == 0
    )
    assert page.evaluate("document.querySelectorAll('main script, [onerror], [onload], [onfocus]').length") == 0
    assert page.evaluate("[...document.querySelectorAll('a')].every(a => a.protocol == location.protocol)")


def test_a_capture_of_a_hostile_server(gateway: Gateway, capture: str, admin: tuple[Page, list[str]]) -> None:
    page, heard = admin
    page.goto(gateway.url("hub/admin/captures"))
    harmless(page, heard)
    shown = 0
    for path in (f"hub/admin/captures/{capture}", f"hub/admin/captures/{capture}?offset=50"):
        page.goto(gateway.url(path))
        harmless(page, heard)
        links = page.eval_on_selector_all(".path a", "all => all.map(a => a.href)")
        for link in links:
            page.goto(link)
            harmless(page, heard)
            shown += 1
    assert shown >= len(CORPUS) * 2


@pytest.mark.parametrize("path", ["/user/admin/api/kernels/x/channels", "/user/admin/plain"])
def test_a_conversation_is_read_and_runs_nothing(
    gateway: Gateway, capture: str, admin: tuple[Page, list[str]], path: str
) -> None:
    """A kernel's is told in words; one that is none is shown as it came."""
    page, heard = admin
    token = gateway.run("token", "admin").stdout.strip()
    flows = httpx.get(
        gateway.url(f"hub/api/traffic/captures/{capture}/flows"),
        params={"limit": 200}, headers={"Host": gateway.authority, "Authorization": f"token {token}"}, trust_env=False,
    ).json()["items"]  # fmt: skip
    (number,) = (each["number"] for each in flows if each["target"] == path)
    page.goto(gateway.url(f"hub/admin/captures/{capture}/{number}"))
    expect(page.locator(".talk li")).to_have_count(2 * len(CORPUS) + 1)
    for details in page.locator(".talk details").all():
        details.evaluate("each => each.open = true")
    harmless(page, heard)
    if "kernels" in path:
        expect(page.locator(".talk .gist").first).to_have_text(CORPUS[0])


def test_the_live_table(gateway: Gateway, capture: str, admin: tuple[Page, list[str]]) -> None:
    """With a script, as it happens; paused and on again."""
    page, heard = admin
    page.goto(gateway.url("hub/admin/traffic?path=hostile&lane=gate"))
    expect(page.locator("#state")).to_have_text("Live")
    pause = page.get_by_role("button", name="Pause")
    for number, text in enumerate(CORPUS):
        with Wire(gateway) as wire:
            path = f"/user/bob/hostile{number}/".encode() + quote(text, safe="'()*!~:@&=+$,").encode()
            wire.send(b"GET " + path + b" HTTP/1.1\r\nHost: " + gateway.authority.encode() + b"\r\n\r\n")
            wire.socket.recv(100)
    expect(page.locator("tbody tr")).to_have_count(len(CORPUS), timeout=10_000)
    harmless(page, heard)
    pause.click()
    with httpx.Client(headers={"Host": gateway.authority}, trust_env=False) as http:
        http.get(gateway.url("hostile-while-paused"))
    expect(page.locator("#state")).to_have_text("Paused · +1", timeout=10_000)
    assert page.locator("tbody tr").count() == len(CORPUS)
    pause.click()
    latest = page.locator("tbody tr").first
    expect(latest).to_contain_text("/hostile-while-paused")
    harmless(page, heard)
    latest.locator(".path a").click()
    expect(page.get_by_role("heading", name="GET /hostile-while-paused")).to_be_visible()
    harmless(page, heard)


def test_a_lying_stream(gateway: Gateway, admin: tuple[Page, list[str]]) -> None:
    """As if a worker had told the hub nonsense: the script of the page writes text, whatever it gets."""
    page, heard = admin
    fields = ("time", "id", "client", "user", "method", "path", "status", "route", "lane", "worker", "sent")
    requests = [{"seconds": 0.1, "number": 1, **dict.fromkeys(fields, text)} for text in CORPUS]
    event = f"data: {json.dumps({'requests': requests, 'skipped': 3})}\n\n"
    page.route("**/requests/stream*", lambda route: route.fulfill(content_type="text/event-stream", body=event))
    page.goto(gateway.url("hub/admin/traffic?path=nowhere-at-all"))
    expect(page.locator("tbody tr")).not_to_have_count(0)
    expect(page.locator("tbody .path a").last).to_have_text(CORPUS[0])
    expect(page.locator("tbody td:nth-child(2)").first).to_have_text("\ufffdgnp.exe\ufffd")
    links = page.eval_on_selector_all("tbody a", "all => all.map(each => each.href)")
    assert len(links) >= len(CORPUS)
    assert all(link.startswith(gateway.url("hub/admin/traffic/")) for link in links)
    page.unroute("**/requests/stream*")
    harmless(page, [each for each in heard if "stream" not in each])


def test_the_audit_and_its_file(gateway: Gateway, capture: str, admin: tuple[Page, list[str]], tmp_path: Path) -> None:
    page, heard = admin
    page.goto(gateway.url("hub/admin/audit?action=login.refused"))
    expect(page.locator("tbody")).to_contain_text(CORPUS[0])
    harmless(page, heard)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    download.value.save_as(tmp_path / "audit.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()]
    assert {"login.refused", "capture.start", "hub.start"} <= {each["action"] for each in lines}
    assert gateway.admin_password not in (tmp_path / "audit.jsonl").read_text("utf-8")


def test_files_are_saved_not_shown(
    gateway: Gateway, capture: str, admin: tuple[Page, list[str]], tmp_path: Path
) -> None:
    page, heard = admin
    page.goto(gateway.url(f"hub/admin/captures/{capture}"))
    for name in ("HAR", "mitmproxy"):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download as {name}").click()
        download.value.save_as(tmp_path / name)
    harmless(page, heard)
    assert json.loads((tmp_path / "HAR").read_text("utf-8"))["log"]["version"] == "1.2"


def test_without_scripts_it_is_a_table(browser: Browser, gateway: Gateway, capture: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(gateway.url("hub/login"))
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", gateway.admin_password)
    page.press("input[name=password]", "Enter")
    page.goto(gateway.url("hub/admin/traffic"))
    page.fill("input[name=path]", "/body")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("tbody tr")).to_have_count(len(CORPUS))
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    context.close()


def test_users_see_that_they_are_recorded(browser: Browser, gateway: Gateway, capture: str) -> None:
    with Client(gateway) as client:
        client.log_in()
        text = client.page("hub/home").text
    assert "records requests of yours" in text
    assert CORPUS[0] not in text
