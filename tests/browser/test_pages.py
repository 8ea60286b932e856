"""Every page: no complaint of the browser or of axe, nothing from elsewhere, keys suffice, scripts are not needed.

`tests/browser/screenshots.py` has the scene and the list of pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.screenshots import NARROW, PAGES, SETTINGS, WIDE, scene
from tests.integration.client import Client
from tests.integration.harness import Gateway

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

AXE = Path(os.environ.get("HUBGATE_AXE") or ".axe/node_modules/axe-core/axe.min.js")
LARGEST_FIRST_PAGE = 100_000
"""Bytes of home with all its files, after log-in."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway, Client(gateway) as client:
        client.log_in()
        scene(gateway, client)
        yield gateway


def logged_in(context: BrowserContext, gateway: Gateway) -> Page:
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(gateway.url("hub/login"))
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", gateway.admin_password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    return page


@pytest.fixture(scope="module")
def admin(browser: Browser, gateway: Gateway) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    yield logged_in(context, gateway)
    context.close()


@pytest.fixture
def complaints(admin: Page, gateway: Gateway) -> Iterator[list[str]]:
    """What the browser says, and what it asks of other hosts."""
    found: list[str] = []

    def heard(message: object) -> None:
        found.append(str(message))

    def asked(request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if urlsplit(url).netloc != gateway.authority:
            found.append(f"asked for {url}")

    admin.on("console", heard)
    admin.on("pageerror", heard)
    admin.on("request", asked)
    yield found
    for event, listener in (("console", heard), ("pageerror", heard), ("request", asked)):
        admin.remove_listener(event, listener)


def barriers(page: Page) -> list[tuple[str, str]]:
    """What axe finds serious or critical, and where."""
    if not AXE.exists():
        pytest.skip(f"no axe-core at {AXE} (make axe)")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("name", PAGES)
def test_a_page(admin: Page, gateway: Gateway, complaints: list[str], name: str) -> None:
    """Quiet, open to everybody, and on a phone no wider than it."""
    admin.goto(gateway.url(PAGES[name]))
    expected = {"failed": "500", "not-found": "404"}.get(name)
    assert [each for each in complaints if not expected or f"status of {expected}" not in each] == []
    admin.set_viewport_size(NARROW)  # type: ignore[arg-type]
    width = admin.evaluate("document.documentElement.scrollWidth")
    admin.set_viewport_size(WIDE)  # type: ignore[arg-type]
    assert width <= NARROW["width"]
    assert barriers(admin) == []


def test_log_in_has_no_barriers(browser: Browser, gateway: Gateway) -> None:
    context = browser.new_context(viewport=NARROW, color_scheme="dark")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(gateway.url("hub/login"))
    found = barriers(page)
    context.close()
    assert found == []


@pytest.mark.parametrize("name", ["home", "tokens", "admin-user", "admin-gateway"])
def test_every_control_is_reached_by_keys_and_seen(admin: Page, gateway: Gateway, name: str) -> None:
    admin.goto(gateway.url(PAGES[name]))
    wanted = admin.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
            .filter((each) => each.checkVisibility() && !(each.type === "radio" && !each.checked)).length"""
    )
    reached, dim = set(), []
    for _ in range(wanted + 30):
        admin.keyboard.press("Tab")
        mark, seen = admin.evaluate(
            """() => {
                const at = document.activeElement, all = [...document.querySelectorAll("*")];
                return [all.indexOf(at), getComputedStyle(at).outlineStyle !== "none" || at === document.body];
            }"""
        )
        reached.add(mark)
        if not seen:
            dim.append(mark)
    assert len(reached) >= wanted
    assert dim == []


def test_the_first_page_is_small(browser: Browser, gateway: Gateway) -> None:
    context = browser.new_context()
    sizes: list[int] = []
    page = context.new_page()
    page.goto(gateway.url("hub/login"))
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", gateway.admin_password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    page.wait_for_load_state("networkidle")
    context.close()
    assert 0 < sum(sizes) < LARGEST_FIRST_PAGE


def test_without_scripts(browser: Browser, gateway: Gateway) -> None:
    """Log in, start, open, stop; make and revoke a token."""
    context = browser.new_context(java_script_enabled=False)
    page = logged_in(context, gateway)
    page.goto(gateway.url("hub/spawn/admin/plain"))
    page.get_by_role("button", name="Start A folder of files").click()
    page.wait_for_url("**/user/admin/plain/")
    page.goto(gateway.url("hub/home"))
    page.get_by_role("button", name="Stop plain").click()
    page.wait_for_url("**/hub/home")
    expect(page.get_by_role("link", name="Start plain")).to_be_visible()

    page.goto(gateway.url("hub/token"))
    page.get_by_label("What is it for?").fill("no script")
    page.get_by_role("button", name="Make token").click()
    assert len(page.locator("#value").inner_text()) > 40
    page.get_by_role("button", name="Revoke no script").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    context.close()


def test_the_value_of_a_token_can_be_copied(admin: Page, gateway: Gateway) -> None:
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=gateway.origin)
    admin.goto(gateway.url("hub/token"))
    admin.get_by_role("button", name="Make token").click()
    value = admin.locator("#value").inner_text()
    admin.get_by_role("button", name="Copy").click()
    expect(admin.get_by_role("button", name="Copied")).to_be_visible()
    assert admin.evaluate("navigator.clipboard.readText()") == value


def test_a_grave_action_asks_for_the_password(admin: Page, gateway: Gateway) -> None:
    gateway.run("user", "add", "guest", "--password-stdin", input="correct horse battery\n")
    admin.goto(gateway.url("hub/admin/users/guest"))
    admin.get_by_role("button", name="Remove user").click()
    admin.get_by_label("Your password").fill("not it, surely")
    admin.get_by_role("button", name="Remove user").first.click()
    expect(admin.get_by_role("alert")).to_be_visible()
    admin.get_by_label("Your password").fill(gateway.admin_password)
    admin.get_by_role("button", name="Remove user").first.click()
    admin.wait_for_url("**/hub/admin/users?done=user-removed")


def test_german(browser: Browser, gateway: Gateway) -> None:
    context = browser.new_context(locale="de-DE")
    page = logged_in(context, gateway)
    expect(page.get_by_role("heading", name="Meine Server")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    context.close()
