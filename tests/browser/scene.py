"""What there is to see: people, servers in every state, and how one comes to each page."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.browser.recording import recorded
from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually

WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
PASSWORD = "correct horse"
PEOPLE = ("ada", "grace", "katherine", "تسنیم", "x-æon.long-name@institute.example")
SERVE = [sys.executable, "-m", "http.server", "{port}", "--bind", "{ip}"]
SLOW = "echo 'Loading lab:2026.1'; echo 'Mounting /home'; echo 'Solving environment'; exec sleep 900"
ODD = """
import socket, sys
door = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    caller, _ = door.accept()
    asked = caller.recv(65536)
    if asked:
        caller.sendall(b"good morning" if b"/nonsense " in asked else b"HTTP/1.0 200 OK\\r\\n\\r\\n")
    caller.close()
"""
"""A server with an address whose answer is none."""
FORGOTTEN = 50
"""Seconds after which a server of that profile is stopped; half of them it is warned of."""
APP = "https://app.example.org"
CONSENT = {
    "client_id": "service-calendar",
    "redirect_uri": f"{APP}/back",
    "response_type": "code",
    "scope": "read:users!user access:servers!user",
    "state": "s",
}
FOLDER: dict[str, Any] = {"command": SERVE, "auth": "none", "ready_path": "", "strip_prefix": True}
SETTINGS: dict[str, Any] = {
    "authenticator": {"native": {"signup": True}},
    "spawner": {"start_timeout": 600},
    "sharing": {"users_may_share": True, "handlers": ["code", "direct", "view"]},
    "idle": {"warn_before": 3600},
    "profiles": [
        {
            "name": "folder",
            "display_name": "A folder of files",
            "description": "Looks at files, and at nothing else.",
            "idle": {"timeout": 8 * 3600},
            **FOLDER,
        },
        {
            "name": "lab",
            "display_name": "JupyterLab",
            "description": "Notebooks with Python, for everyday work.",
            "options": [
                {"name": "memory", "label": "Memory (GB)", "type": "number", "min": 1, "max": 16, "default": 2},
                {"name": "env", "label": "Environment", "type": "choice", "choices": {"a": "Science", "b": "Plain"}},
                {"name": "gpu", "label": "With a graphics processor", "type": "boolean", "help": "There are two."},
            ],
            **FOLDER,
        },
        {"name": "broken", "display_name": "Does not start", "command": ["sh", "-c", "echo no such module; exit 3"]},
        {"name": "slow", "display_name": "Takes its time", "command": ["sh", "-c", SLOW], "auth": "none"},
        {"name": "forgotten", "display_name": "For an hour", "idle": {"timeout": FORGOTTEN}, **FOLDER},
        {
            "name": "odd",
            "display_name": "Has its moods",
            "command": [sys.executable, "-c", ODD, "{ip}", "{port}"],
            "auth": "none",
        },
        {**PROFILE, "groups": ["astronomers"]},
    ],
    "services": [
        {
            "name": "calendar",
            "api_token": "calendar-0123456789abcdef",
            "oauth_redirect_uri": CONSENT["redirect_uri"],
            "oauth_client_allowed_scopes": CONSENT["scope"].split(),
        }
    ],
}  # fmt: skip


def scene(gateway: Gateway, client: Client) -> None:
    """Something to see on each page."""
    token = gateway.run("token", "admin", "--expires-in", "86400").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}

    def call(method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = client.http.request(method, gateway.url(f"api/{path}"), headers=headers, json=body or None)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return dict(answer.json()) if answer.content else {}

    def runs(user: str, server: str) -> bool:
        return bool(call("GET", f"users/{user}")["servers"].get(server, {}).get("ready"))

    for name in PEOPLE:
        call("POST", f"users/{name}", admin=name == "grace")
        call("PUT", f"users/{name}/password", password=PASSWORD)
    call("POST", "groups/astronomers", users=["ada", "grace"])
    call("POST", "groups/students", users=[*PEOPLE[2:]])
    call("POST", "services/wiki", url="http://127.0.0.1:9")
    call("PUT", "hub/announcement", text="Maintenance on Friday from 18:00 to 20:00.")
    running = [("admin", ""), ("admin", "over"), ("admin", "odd"), ("ada", ""), ("ada", "analysis"), ("katherine", "")]
    for user, server in running:
        profile = "forgotten" if user == "katherine" else "odd" if server == "odd" else "folder"
        call("POST", f"users/{user}/servers/{server}", profile=profile)
    for user, server in running:
        eventually(partial(runs, user, server), 60, f"{user}/{server} is not ready")
    call("DELETE", "users/admin/servers/over")
    call("POST", "users/admin/tokens", note="backup script", expires_in=86400, scopes=["access:servers!user"])
    call("POST", "users/grace/servers/kernels", profile=PROFILE["name"])
    eventually(lambda: runs("grace", "kernels"), 60, "grace/kernels is not ready")
    recorded(client, headers)
    for name, memory in (("Big data", "16"), ("Every day", "2")):
        options = {"opt-memory": memory, "opt-env": "a", "opt-gpu": str(memory == "16").lower()}
        client.submit("hub/spawn/admin/new", {"profile": "lab", **options, "preset_name": name, "keep": "1"})
    for name, profile in (("broken", "broken"), ("slow", "slow")):
        client.http.post(gateway.url(f"hub/api/users/admin/servers/{name}"), headers=headers, json={"profile": profile})


# ── the pages ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Look:
    """One page: who looks at it, and how they come there."""

    path: str
    who: str = "admin"
    """"" = nobody is logged in."""
    status: int = 200
    """What the browser complains about, if it is an error."""
    by: Callable[[Page, Gateway, str], None] | None = None
    """How one comes there; None = by its address."""

    def arrive(self, page: Page, gateway: Gateway) -> None:
        if self.by:
            self.by(page, gateway, gateway.url(self.path))
        else:
            page.goto(gateway.url(self.path))


def _asked(page: Page, _gateway: Gateway, url: str) -> None:
    page.goto(url)
    page.fill("input[name=username]", "eve")
    for field in ("password", "again"):
        page.fill(f"input[name={field}]", "a long one of her own")
    page.get_by_role("button", name="Ask for an account").click()
    page.get_by_role("heading", name="Thank you").wait_for()


def _refused(page: Page, _gateway: Gateway, url: str) -> None:
    page.goto(url)
    page.fill("input[name=username]", "nobody")
    page.fill("input[name=password]", "not it, surely")
    page.press("input[name=password]", "Enter")
    page.get_by_role("alert").wait_for()


def _from_elsewhere(page: Page, _gateway: Gateway, url: str) -> None:
    page.goto("about:blank")
    page.set_content(f'<a href="{url}">here</a>')
    page.get_by_role("link").click()
    page.wait_for_url(url)


def _invited(page: Page, gateway: Gateway, _url: str) -> None:
    with Client(gateway) as owner:
        owner.log_in("ada", PASSWORD)
        made = owner.submit("hub/shares", {"server": "analysis", "with": "code", "expires": "day"})
    found = re.search(r'id="value">([^<]+)<', made.text)
    assert found, made.text
    page.goto(found[1])


def _warned(page: Page, gateway: Gateway, url: str) -> None:
    keep = page.get_by_role("button", name="Keep My server running")
    page.goto(url)
    if page.get_by_role("link", name="Start My server").count():
        page.goto(gateway.url("hub/spawn"))
        page.get_by_role("button", name="Start For an hour").click()
        page.wait_for_url("**/user/katherine/")
    eventually(lambda: page.goto(url) and keep.count(), FORGOTTEN, "no warning")


def _when_it_failed(page: Page, _gateway: Gateway, url: str) -> None:
    failed = page.get_by_role("heading", name="could not start")
    eventually(lambda: page.goto(url) and failed.count(), 60, "it has not failed")


def _first(page: Page, _gateway: Gateway, url: str) -> None:
    page.goto(url)
    page.locator("tbody .path a").first.click()
    page.locator("dl.facts").wait_for()


def _captured(page: Page, _gateway: Gateway, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Ticket 4711").click()
    page.get_by_role("button", name="Reconnect").wait_for()


PAGES: Mapping[str, Look] = {
    "log-in": Look("hub/login", ""),
    "log-in-refused": Look("hub/login", "", 403, _refused),
    "sign-up": Look("hub/signup", ""),
    "sign-up-asked": Look("hub/signup", "", by=_asked),
    "home": Look("hub/home"),
    "keep-alive": Look("hub/home", "katherine", by=_warned),
    "spawn": Look("hub/spawn/admin/new"),
    "progress": Look("hub/spawn-pending/admin/slow"),
    "failed": Look("hub/spawn-pending/admin/broken", status=500, by=_when_it_failed),
    "stopped": Look("hub/spawn-pending/admin/over"),
    "stopped-tab": Look("user/admin/over/lab?file=a.ipynb", status=424),
    "tokens": Look("hub/token"),
    "account": Look("hub/account"),
    "password": Look("hub/password"),
    "shares": Look("hub/shares"),
    "accept-share": Look("hub/accept-share", "katherine", by=_invited),
    "consent": Look(f"hub/api/oauth2/authorize?{urlencode(CONSENT)}"),
    "log-out": Look("hub/logout", by=_from_elsewhere),
    "log": Look("hub/log/admin"),
    "admin-servers": Look("hub/admin"),
    "admin-users": Look("hub/admin/users"),
    "admin-user": Look("hub/admin/users/ada"),
    "admin-signups": Look("hub/admin/signups"),
    "admin-groups": Look("hub/admin/groups"),
    "admin-group": Look("hub/admin/groups/students"),
    "admin-services": Look("hub/admin/services"),
    "admin-roles": Look("hub/admin/roles"),
    "admin-routes": Look("hub/admin/routes"),
    "admin-gateway": Look("hub/admin/gateway"),
    "admin-traffic": Look("hub/admin/traffic"),
    "admin-request": Look("hub/admin/traffic?lane=express", by=_first),
    "admin-captures": Look("hub/admin/captures"),
    "admin-capture": Look("hub/admin/captures", by=_captured),
    "admin-flow": Look("hub/admin/traffic?path=report.ipynb", by=_first),
    "admin-conversation": Look("hub/admin/traffic?path=5f2a/channels", by=_first),
    "admin-audit": Look("hub/admin/audit"),
    "docs": Look("hub/docs"),
    "error-of-the-hub": Look("hub/nothing", status=404),
    "error-of-the-proxy": Look("nothing", status=404),
    "error-forbidden": Look("user/ada/", "katherine", 403),
    "error-down": Look("services/wiki/", status=503),
    "error-nonsense": Look("user/admin/odd/nonsense", status=502),
}


class Visitors:
    """Those who look at pages in one kind of browser: each has a context of their own."""

    def __init__(self, browser: Browser, gateway: Gateway, **how: Any) -> None:
        self._browser = browser
        self._gateway = gateway
        self._how = how
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for page in self._pages.values():
            page.context.close()

    def __getitem__(self, who: str) -> Page:
        """Their page; they are logged in by then."""
        if who not in self._pages:
            context = self._browser.new_context(**self._how)
            self._pages[who] = logged_in(context, self._gateway, who) if who else context.new_page()
        return self._pages[who]

    def arrived(self, look: Look) -> Page:
        """The page, come to."""
        page = self[look.who]
        look.arrive(page, self._gateway)
        return page


def log_in(page: Page, gateway: Gateway, name: str, password: str) -> None:
    """By the form, and on to the home page."""
    page.goto(gateway.url("hub/login"))
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")


def logged_in(context: BrowserContext, gateway: Gateway, who: str = "admin") -> Page:
    page = context.new_page()
    page.set_default_timeout(30_000)
    log_in(page, gateway, who, gateway.admin_password if who == "admin" else PASSWORD)
    return page
