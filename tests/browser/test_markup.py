"""Attack 33: whatever anybody may be called, or may have said, is text on every page, and nothing of it runs.

Markup in the names of users, groups and servers, in notes, announcements, profiles, roles, shares, errors,
logs and devices; every page of the app is then looked at by an administrator and by its user.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.api.urlmap import FIELDS, pages
from tests.browser.walking import Notes, Walker
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import PASSWORD

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

NAME = "\"><img src=x onerror=alert(1)>{{7*7}}'"
"""What a user may be called: names hold no `/`, so no end tag."""
GROUP = "<Script>alert(2)<img src=x onerror=alert(2)>{{7*7}}"
SAID = "\"'><script>alert(3)</script><img src=x onerror=alert(4)><a href=javascript:alert(5)>{{7*7}}{% raw %}"
TURNED = "\u202egnp.exe\u2066\u001b[31m"
"""A text that is written backwards, and codes for terminals."""
TEXT = f"{SAID} {TURNED}"
SERVE = [sys.executable, "-m", "http.server", "{port}", "--bind", "{ip}"]
SCREAM = "import sys; print(sys.argv[1]); sys.exit(3)"
OPTION = {"name": "x", "label": SAID, "help": SAID, "default": SAID}
SETTINGS: dict[str, Any] = {
    "authenticator": {
        "plugin": "dummy",
        "admin_users": ["admin"],
        "allowed_users": [NAME, "bob"],
        "dummy": {"password": PASSWORD},
    },
    "sharing": {"users_may_share": True},
    "roles": [
        {"name": "loud", "description": SAID, "scopes": ["read:users:name", "read:groups:name"], "users": [NAME]}
    ],
    "profiles": [
        {"name": "files", "display_name": SAID, "description": SAID, "command": SERVE, "auth": "none", "ready_path": "",
         "strip_prefix": True},
        {"name": "asks", "display_name": SAID, "description": SAID, "command": SERVE, "options": [OPTION, {
            "name": "y", "type": "choice", "label": SAID, "choices": {"a": SAID}}]},
        {"name": "bad", "display_name": SAID, "command": [sys.executable, "-c", SCREAM, TEXT]},
    ],
}  # fmt: skip
SHOWN = {
    "hub/home": (NAME, SAID),
    "hub/account": (NAME, GROUP, SAID),
    "hub/token": (NAME, SAID),
    "hub/log/{user:user}/{server:server}": (SAID,),
    "hub/admin": (NAME, SAID),
    "hub/admin/users": (NAME, GROUP),
    "hub/admin/users/{user:user}": (NAME, GROUP, SAID),
    "hub/admin/groups": (GROUP,),
    "hub/admin/groups/{group:group}": (GROUP, NAME),
    "hub/admin/roles": (SAID, NAME),
    "hub/admin/gateway": (SAID,),
    "hub/admin/audit": (NAME, SAID),
    "hub/admin/captures": (SAID, NAME),
}
"""What must be there to be read, as it was said: else a page would be harmless because it shows nothing."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def fields(gateway: Gateway) -> dict[str, str]:
    """What stands in the paths of pages; by then everything has been said."""
    name, group = quote(NAME, safe=""), quote(GROUP, safe="")
    with Client(gateway) as client, Client(gateway) as victim:
        client.log_in("admin", PASSWORD)
        victim.log_in(NAME, PASSWORD)
        token = gateway.run("token", "admin").stdout.strip()
        headers = {"Authorization": f"Bearer {token}"}

        def call(method: str, path: str, **body: Any) -> Any:
            answer = client.http.request(method, f"api/{path}", headers=headers, json=body)
            fails = 500 if path.endswith("/bad") else 300
            assert answer.status_code < 300 or answer.status_code == fails, (path, answer.status_code, answer.text)
            return answer.json() if answer.content else None

        call("POST", f"groups/{group}", users=[NAME])
        call("POST", f"users/{name}/tokens", note=TEXT)
        call("POST", "users/admin/tokens", note=TEXT)
        call("PUT", "hub/announcement", text=TEXT)
        for user in (name, "admin"):
            for server, profile in (("gpu", "files"), ("bad", "bad")):
                call("POST", f"users/{user}/servers/{server}", user_options={"profile": profile}, display_name=SAID)
        for user in (NAME, "admin"):
            eventually(partial(_ready, call, user, "gpu"), 60)
        capture = client.http.post("hub/api/traffic/captures", headers=headers, json={"reason": SAID, "user": NAME})
        assert capture.status_code == 201, capture.text
        with Client(gateway) as stranger:
            stranger.submit("hub/login", {"username": SAID, "password": "x"})
        victim.submit("hub/shares", {"server": "gpu", "with": "user", "who": "admin", "expires": "day", "path": SAID})
        with httpx.Client(trust_env=False) as http:
            http.get(gateway.url(f"nowhere/{quote(SAID, safe='')}"), headers={"User-Agent": SAID})
    return {**FIELDS, "user": name, "owner": name, "server": "gpu", "group": group, "capture": capture.json()["id"]}


def _ready(call: Callable[[str, str], Any], user: str, server: str) -> bool:
    return bool(call("GET", f"users/{quote(user, safe='')}")["servers"].get(server, {}).get("ready"))


def harmless(page: Page) -> None:
    """Whatever runs, or loads, would have been noted; and there is no trace of an element."""
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, base, style, [onerror]').length") == 0
    assert page.evaluate("[...document.scripts].every((each) => each.src.includes('/hub/static/'))")
    assert page.evaluate("[...document.links].every((each) => each.protocol === location.protocol)")
    text = page.content()
    assert "\u202e" not in text and "\u2066" not in text and "\x1b" not in text


def read(page: Page) -> str:
    """All that stands there, also what is folded up, or typed into a field."""
    return str(
        page.evaluate(
            """() => [document.body.textContent,
                ...[...document.querySelectorAll("input, textarea")].map((each) => each.value)].join("\\n")"""
        )
    )


@pytest.mark.parametrize("who", [NAME, "admin"], ids=["its user", "an administrator"])
def test_every_page(browser: Browser, notes: Notes, fields: dict[str, str], who: str) -> None:
    with Walker(browser, notes, user_agent=SAID) as walker:
        walker.log_in(who, PASSWORD)
        mine = fields if who == NAME else {**fields, "owner": "admin"}
        failed = walker.go(f"hub/spawn-pending/{mine['user']}/bad", 500)
        harmless(failed)
        assert SAID in failed.locator(".log").inner_text()
        start = walker.go(f"hub/spawn/{mine['user']}/other")
        harmless(start)
        # Two profiles' names and descriptions, and of the form each label, help, value and choice.
        assert read(start).count(SAID) >= 8
        missing = []
        for route in sorted(pages(), key=lambda route: route.template == "hub/logout"):
            if route.template in ("hub/admin/audit/export", "hub/user-redirect/{rest:path}", "hub/user/{rest:path}"):
                continue
            answer = walker.page.goto(walker.gateway.url(route.path(mine)))
            assert answer
            if answer.status >= 400:
                notes.excused.append(answer.status)
            harmless(walker.page)
            if answer.status < 400 or answer.status == 500:
                said = read(walker.page)
                expected = SHOWN.get(route.template, ()) if who == NAME or "admin" in route.template else ()
                missing += [(route.template, each) for each in expected if each not in said]
    assert missing == []
    assert notes.complained() == []
