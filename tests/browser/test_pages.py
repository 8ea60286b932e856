"""Every page: no complaint of the browser or of axe, nothing from elsewhere, keys suffice, scripts are not needed.

`tests/browser/scene.py` has the list of pages, and what there is to see on them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.scene import NARROW, PAGES, SETTINGS, WIDE, Visitors, logged_in, scene
from tests.integration.client import Client
from tests.integration.harness import Gateway

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

AXE = Path(os.environ.get("HUBGATE_AXE") or ".axe/node_modules/axe-core/axe.min.js")
ANNOUNCED = """
document.addEventListener("DOMContentLoaded", () => {
  window.announced = [];
  const regions = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]";
  new MutationObserver((changes) => announced.push(...changes
    .map(({ target }) => (target.closest ? target : target.parentElement)?.closest(regions)?.id).filter(Boolean)))
    .observe(document.body, { subtree: true, childList: true, characterData: true });
});
"""
LARGEST_FIRST_PAGE = 100_000
"""Bytes of home with all its files, after log-in."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway, Client(gateway) as client:
        client.log_in()
        scene(gateway, client)
        yield gateway


@pytest.fixture(scope="module")
def visitors(browser: Browser, gateway: Gateway) -> Iterator[Visitors]:
    with Visitors(browser, gateway, viewport=WIDE) as visitors:
        yield visitors


@pytest.fixture
def admin(visitors: Visitors) -> Page:
    return visitors["admin"]


@contextmanager
def heard(page: Page, gateway: Gateway) -> Iterator[list[str]]:
    """What the browser says, and what it asks of other hosts."""
    found: list[str] = []

    def said(message: object) -> None:
        found.append(str(message))

    def asked(request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme != "about" and url.netloc != gateway.authority:
            found.append(f"asked for {request.url}")

    listeners: dict[Any, Any] = {"console": said, "pageerror": said, "request": asked}
    for event, listener in listeners.items():
        page.on(event, listener)
    yield found
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


def barriers(page: Page) -> list[tuple[str, str]]:
    """What axe finds serious or critical, and where."""
    if not AXE.exists():
        pytest.skip(f"no axe-core at {AXE} (make axe)")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]


def unreached(page: Page) -> list[str]:
    """What no Tab leads to, or where nobody would see that it has led."""
    controls = page.evaluate(
        """() => {
            const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
            window.left = new Set([...document.querySelectorAll(all)].filter((each) =>
                each.checkVisibility() && !each.disabled && !(each.type === "radio" && !each.checked)));
            window.dim = [...document.querySelectorAll("[tabindex]")].filter((each) => each.tabIndex > 0);
            return left.size;
        }"""
    )
    for _ in range(2 * controls + 30):
        page.keyboard.press("Tab")
        left = page.evaluate(
            """() => {
                const at = document.activeElement;
                left.delete(at);
                if (at !== document.body && getComputedStyle(at).outlineStyle === "none") dim.push(at);
                return left.size;
            }"""
        )
        if not left:
            break
    return list(page.evaluate("() => [...left, ...dim].map((each) => each.outerHTML.slice(0, 200))"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page(visitors: Visitors, gateway: Gateway, name: str) -> None:
    """Quiet, open to everybody in light and dark, all of it by keys, and on a phone no wider than it."""
    look = PAGES[name]
    page = visitors[look.who]
    with heard(page, gateway) as complaints:
        visitors.arrived(look)
        expected = f"status of {look.status}"
        assert [each for each in complaints if look.status == 200 or expected not in each] == []
        page.set_viewport_size(NARROW)
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(WIDE)
    assert width <= NARROW["width"]
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        # Colours that are on their way to others are none that anybody reads.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert barriers(page) == [], scheme
    assert unreached(page) == []


@pytest.mark.parametrize("name", ["progress", "log", "admin-traffic"])
def test_what_changes_by_itself_is_announced(visitors: Visitors, gateway: Gateway, name: str) -> None:
    """What a script adds later is in a region that screen readers read out."""
    page = visitors["admin"].context.new_page()
    page.add_init_script(ANNOUNCED)
    page.goto(gateway.url(PAGES[name].path))
    page.request.get(gateway.url("user/admin/"))
    page.wait_for_function("() => window.announced?.length > 0")
    page.close()


def test_keys_are_enough(browser: Browser, gateway: Gateway) -> None:
    """Log in, start with an option changed, open, stop, make a token and revoke it: nothing is clicked."""
    with Visitors(browser, gateway) as visitors:
        page = visitors[""]
        page.goto(gateway.url("hub/login"))
        expect(page.locator("[name=username]")).to_be_focused()
        for text, key in (("admin", "Tab"), (gateway.admin_password, "Enter")):
            page.keyboard.type(text)
            page.keyboard.press(key)
        page.wait_for_url("**/hub/home")
        page.goto(gateway.url("hub/spawn/admin/keys"))
        tab_to(page, "summary:has-text('JupyterLab')").press("Space")
        tab_to(page, "[name=opt-gpu][type=checkbox]").press("Space")
        tab_to(page, "[name=opt-memory]").press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_url("**/user/admin/keys/")
        page.goto(gateway.url("hub/home"))
        tab_to(page, "a[href='/user/admin/keys/']").press("Enter")
        page.wait_for_url("**/user/admin/keys/")
        page.goto(gateway.url("hub/home"))
        tab_to(page, "form[action='/hub/stop/admin/keys'] button").press("Space")
        expect(page.locator("a[href='/hub/spawn/admin/keys']").first).to_be_visible()
        page.goto(gateway.url("hub/token"))
        tab_to(page, "[name=note]").type("by keys")
        page.keyboard.press("Enter")
        expect(page.locator("#value")).to_be_visible()
        tab_to(page, "li:has-text('by keys') button").press("Enter")
        expect(page.get_by_text("The token is revoked.")).to_be_visible()


def tab_to(page: Page, selector: str) -> Locator:
    """Walk there by Tab."""
    wanted = page.locator(selector).first
    for _ in range(300):
        page.keyboard.press("Tab")
        if wanted.evaluate("(each) => each === document.activeElement"):
            return wanted
    raise AssertionError(f"no key leads to {selector}")


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


@pytest.mark.parametrize("scripts", [True, False])
def test_a_start_leads_to_its_server_once(browser: Browser, gateway: Gateway, scripts: bool) -> None:
    """Whatever reloads until then: one redirect to the place that was wanted, and nothing after it."""
    server = f"once-{scripts}".lower()
    with Visitors(browser, gateway, java_script_enabled=scripts) as visitors:
        page = visitors["admin"]
        page.goto(gateway.url(f"hub/spawn/admin/{server}?next=/user/admin/{server}/%3Fhere=1"))
        seen: list[tuple[str, str]] = []
        page.on(
            "request",
            lambda request: (
                seen.append((request.method, urlsplit(request.url).path)) if request.is_navigation_request() else None
            ),
        )
        page.get_by_role("button", name="Start A folder of files").click()
        page.wait_for_url(f"**/user/admin/{server}/?here=1")
        page.wait_for_timeout(4000)
    pending = ("GET", f"/hub/spawn-pending/admin/{server}")
    assert seen[0] == ("POST", f"/hub/spawn/admin/{server}")
    assert set(seen[1:-1]) == {pending}
    assert seen[-1] == ("GET", f"/user/admin/{server}/")
    assert not scripts or seen.count(pending) == 1


def test_a_share_is_accepted_without_scripts(browser: Browser, gateway: Gateway) -> None:
    """From the form that makes the link to the guest's first look at the server, and out again."""
    with Visitors(browser, gateway, java_script_enabled=False) as visitors:
        owner, guest = visitors["admin"], visitors["ada"]
        owner.goto(gateway.url("hub/shares"))
        owner.get_by_role("button", name="Share").click()
        link = owner.locator("#value").inner_text()

        guest.goto(link)
        expect(guest.get_by_text("admin invites you to their server at /user/admin/")).to_be_visible()
        expect(guest.get_by_text("Use servers")).to_be_visible()
        assert guest.request.get(gateway.url("user/admin/")).status == 403, "looking at an invitation accepts nothing"
        guest.get_by_role("button", name="Accept").click()
        guest.wait_for_url("**/user/admin/")
        expect(guest.get_by_role("heading", name="Directory listing for /")).to_be_visible(timeout=20_000)

        guest.goto(gateway.url("hub/home"))
        expect(guest.get_by_role("link", name="Open default of admin")).to_be_visible()
        guest.goto(gateway.url("hub/shares"))
        guest.get_by_role("button", name="Leave the server of admin").click()
        expect(guest.get_by_text("You have left it.")).to_be_visible()
        assert guest.request.get(gateway.url("user/admin/")).status == 403


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
