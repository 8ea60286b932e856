"""`make screenshots`: every page, light and dark, wide and 390 px, into the folder `screenshots/`.

A real gateway with a few people, groups, servers and routes, and a real Chromium. For looking
at; the tests of the pages are elsewhere.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.conftest import CANDIDATES, QUIET
from tests.integration.client import Client
from tests.integration.harness import Gateway

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PEOPLE = ("ada", "grace", "katherine", "تسنیم", "x-æon.long-name@institute.example")
SERVE = [sys.executable, "-m", "http.server", "{port}", "--bind", "{ip}"]
SETTINGS: dict[str, Any] = {
    "spawner": {"start_timeout": 20},
    "sharing": {"users_may_share": True},
    "profiles": [
        {
            "name": "folder",
            "display_name": "A folder of files",
            "description": "Looks at files, and at nothing else.",
            "command": SERVE,
            "auth": "none",
            "ready_path": "",
            "strip_prefix": True,
        },
        {
            "name": "lab",
            "display_name": "JupyterLab",
            "description": "Notebooks with Python, for everyday work.",
            "command": SERVE,
            "auth": "none",
            "ready_path": "",
            "strip_prefix": True,
            "options": [
                {"name": "memory", "label": "Memory (GB)", "type": "number", "min": 1, "max": 16, "default": 2},
                {"name": "env", "label": "Environment", "type": "choice", "choices": {"a": "Science", "b": "Plain"}},
                {"name": "gpu", "label": "With a graphics processor", "type": "boolean", "help": "There are two."},
            ],
        },
        {"name": "broken", "display_name": "Does not start", "command": ["sh", "-c", "echo no such module; exit 3"]},
        {"name": "slow", "display_name": "Takes its time", "command": ["sleep", "60"], "auth": "none"},
    ],
}  # fmt: skip


def scene(gateway: Gateway, client: Client) -> None:
    """Something to see on each page."""
    for name in PEOPLE:
        gateway.run("user", "add", name, "--admin" if name == "grace" else "--password-stdin", input="correct horse\n")
    token = gateway.run("token", "admin").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}

    def call(method: str, path: str, **body: Any) -> None:
        answer = client.http.request(method, gateway.url(f"api/{path}"), headers=headers, json=body)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)

    call("POST", "groups/astronomers", users=["ada", "grace"])
    call("POST", "groups/students", users=[*PEOPLE[2:]])
    call("POST", "services/wiki", url="http://127.0.0.1:9")
    call("PUT", "hub/announcement", text="Maintenance on Friday from 18:00 to 20:00.")
    for user, server in (("admin", ""), ("ada", ""), ("ada", "analysis"), ("katherine", "")):
        call("POST", f"users/{user}/servers/{server}", profile="folder")
    gateway.run("token", "admin", "--note", "backup script", "--expires-in", "86400", "--scope", "access:servers!user")
    for name, profile in (("broken", "broken"), ("slow", "slow")):
        client.http.post(gateway.url(f"hub/api/users/admin/servers/{name}"), headers=headers, json={"profile": profile})


PAGES = {
    "home": "hub/home",
    "spawn": "hub/spawn/admin/new",
    "progress": "hub/spawn-pending/admin/slow",
    "failed": "hub/spawn-pending/admin/broken",
    "tokens": "hub/token",
    "account": "hub/account",
    "password": "hub/password",
    "shares": "hub/shares",
    "log": "hub/log/admin",
    "admin-servers": "hub/admin",
    "admin-users": "hub/admin/users",
    "admin-user": "hub/admin/users/ada",
    "admin-signups": "hub/admin/signups",
    "admin-groups": "hub/admin/groups",
    "admin-group": "hub/admin/groups/students",
    "admin-services": "hub/admin/services",
    "admin-roles": "hub/admin/roles",
    "admin-routes": "hub/admin/routes",
    "admin-gateway": "hub/admin/gateway",
    "admin-traffic": "hub/admin/traffic",
    "admin-captures": "hub/admin/captures",
    "admin-audit": "hub/admin/audit",
    "not-found": "hub/nothing",
    "docs": "hub/docs",
}


def contexts(browser: Browser, **more: Any) -> Iterator[tuple[str, BrowserContext]]:
    for scheme in ("light", "dark"):
        for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
            context = browser.new_context(viewport=viewport, color_scheme=scheme, **more)  # type: ignore[arg-type]
            yield f"{scheme}-{width}", context
            context.close()


def shoot(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("screenshots"))
    parser.add_argument("--language", default="en")
    parser.add_argument("pages", nargs="*", help=f"some of: {', '.join(PAGES)}")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, CANDIDATES)))
    with tempfile.TemporaryDirectory() as place, Gateway(Path(place), SETTINGS) as gateway, Client(gateway) as client:
        client.log_in()
        scene(gateway, client)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=QUIET)
            for kind, context in contexts(browser, locale=wanted.language):
                page = context.new_page()
                page.goto(gateway.url("hub/login"))
                shoot(page, wanted.folder, f"login-{kind}")
                page.fill("input[name=username]", "admin")
                page.fill("input[name=password]", gateway.admin_password)
                page.press("input[name=password]", "Enter")
                page.wait_for_url("**/hub/home")
                for name, where in PAGES.items():
                    if not wanted.pages or name in wanted.pages:
                        page.goto(gateway.url(where))
                        shoot(page, wanted.folder, f"{name}-{kind}")
            browser.close()
    print(f"{len(list(wanted.folder.iterdir()))} pictures in {wanted.folder}/")  # noqa: T201


if __name__ == "__main__":
    main()
