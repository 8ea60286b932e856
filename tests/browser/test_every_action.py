"""Everything that the pages offer is done once by a person with a browser; nothing that they offer is left out.

Three people: an administrator, a user, and one who signs up. Every page on the way is looked
through for forms and buttons; at the end, each of them has been pressed, each route of a form
was sent to, and no browser has complained or asked for anything elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.api.urlmap import changing
from tests.browser.walking import CHANGED, PASSWORD, SETTINGS, Notes, Walker
from tests.integration.harness import Gateway, eventually

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

NOT_OFFERED = {"hub/spawn": "as JupyterHub has it; our own forms say whose server"}
ELSEWHERE = {
    "hub/again": "test_again.py",
    "hub/api/oauth2/authorize": "test_hubaware.py",
    "hub/keep-alive/{user:user}": "test_idle.py",
    "hub/keep-alive/{user:user}/{server:server}": "test_idle.py",
}
"""Forms that need a scene of their own, and where they are sent."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway:
        # The role has made her.
        gateway.run("user", "passwd", "ada", "--password-stdin", input=f"{PASSWORD}\n")
        yield gateway


# ── who comes in ─────────────────────────────────────────────────────────────


def test_sign_up_and_approval(eve: Walker, admin: Walker) -> None:
    eve.go("hub/login")
    eve.press("/hub/login", username="eve", password="a guess at it", status=403)
    assert eve.says("bad")
    eve.go("hub/signup")
    eve.press("/hub/signup", username="eve", password=PASSWORD, again="another one, alas", status=400)
    assert eve.says("bad")
    for name in ("eve", "mallory"):
        eve.go("hub/signup")
        eve.press("/hub/signup", username=name, password=PASSWORD, again=PASSWORD)
    admin.go("hub/admin/signups")
    admin.press("/hub/admin/signups", "approve", having={"name": "eve"})
    assert admin.says()
    admin.press("/hub/admin/signups", "refuse", having={"name": "mallory"})
    assert admin.says()
    eve.log_in("eve", PASSWORD)
    assert eve.page.url.endswith("/hub/home")


# ── servers ──────────────────────────────────────────────────────────────────


def test_start_with_a_form_that_is_wrong_at_first(ada: Walker) -> None:
    page = ada.go("hub/home")
    page.locator('a[href="/hub/spawn/ada"]').click()
    page.wait_for_url("**/hub/spawn/ada")
    page.get_by_text("With a form").click()
    form = ada.form("/hub/spawn/ada", profile="form")
    form.locator("[name=opt-folder]").fill("NOT THIS")
    with page.expect_navigation() as arrival:
        form.locator("[name=opt-folder]").press("Enter")
    ada._arrived(arrival.value, 400)
    field = page.locator("[name=opt-folder]")
    assert field.get_attribute("aria-invalid") == "true"
    error = page.locator(f'[id="{(field.get_attribute("aria-describedby") or "").split()[0]}"]')
    expect(error).to_be_visible()
    expect(error).to_have_attribute("role", "alert")
    between = page.evaluate("([a, b]) => Math.abs(a.y - b.y)", [field.bounding_box(), error.bounding_box()])
    assert between < 120, "beside the field"
    with ada.waiting("/user/ada/"):
        ada.fill("/hub/spawn/ada", having={"profile": "form"}, **{"opt-folder": "work"})
    assert "Directory listing" in page.content()


def test_restart_stop_and_another_name(ada: Walker) -> None:
    ada.go("hub/home")
    with ada.waiting("/user/ada/"):
        ada.fill("/hub/restart/ada")
    ada.go("hub/home")
    ada.press("/hub/stop/ada")
    page = ada.go("hub/home")
    expect(page.locator('a[href="/hub/spawn/ada"]').first).to_be_visible(timeout=20_000)
    ada.press("/hub/rename/ada", display_name="Bench")
    assert ada.says()
    expect(page.get_by_role("heading", name="Bench")).to_be_visible()


def test_a_preset_is_kept_started_from_and_removed(ada: Walker) -> None:
    spawn = "/hub/spawn/ada"
    ada.go(spawn[1:])
    ada.press(spawn, having={"profile": "form"}, button="keep", preset_name="Plots", **{"opt-folder": "plots"})
    assert ada.says()
    for where in (spawn[1:], "hub/home"):
        ada.go(where)
        with ada.waiting("/user/ada/"):
            ada.fill(spawn, button="preset")
        ada.go("hub/home")
        ada.press("/hub/stop/ada")
        expect(ada.go("hub/home").locator(f'a[href="{spawn}"]').first).to_be_visible(timeout=20_000)
    ada.go(spawn[1:])
    ada.press("/hub/presets/remove", having={"name": "Plots"})
    assert ada.says()


def test_another_server_is_made_and_cancelled_and_removed(ada: Walker) -> None:
    for where in ("home", "progress"):
        ada.go("hub/home")
        page = ada.press("/hub/spawn", server="lab-2")
        ada.press("/hub/spawn/ada/lab-2", having={"profile": "slow"})
        expect(page.locator("#now")).to_have_attribute("role", "status")
        if where == "home":
            ada.go("hub/home")
        ada.press("/hub/stop/ada/lab-2")
        page.wait_for_function(
            "() => document.querySelector('form[action=\"/hub/remove/ada/lab-2\"]') || (location.reload(), false)",
            polling=1000,
        )
    ada.press("/hub/rename/ada/lab-2", display_name="Second")
    with ada.waiting("/user/ada/lab-2/"):
        ada.go("hub/spawn/ada/lab-2")
        ada.fill("/hub/spawn/ada/lab-2", having={"profile": "files"})
    ada.go("hub/home")
    with ada.waiting("/user/ada/lab-2/"):
        ada.fill("/hub/restart/ada/lab-2")
    ada.go("hub/home")
    ada.press("/hub/stop/ada/lab-2")
    page.wait_for_function("() => document.querySelector('form[action=\"/hub/remove/ada/lab-2\"]')", timeout=30_000)
    ada.press("/hub/remove/ada/lab-2")
    expect(page.get_by_text("Second")).to_have_count(0)


def test_a_start_that_fails_says_why_and_is_tried_again(ada: Walker) -> None:
    page = ada.go("hub/spawn/ada/broken")
    for having in ({"profile": "bad"}, {}):
        with page.expect_navigation():
            ada.fill("/hub/spawn/ada/broken", having=having)
        expect(page.locator("main .log")).to_contain_text("no such module", timeout=60_000)
        page.wait_for_load_state("networkidle")
        ada.notes.excused.append(500)
    ada.go("hub/home")
    ada.press("/hub/remove/ada/broken")


# ── tokens ───────────────────────────────────────────────────────────────────


def test_a_token_is_made_copied_once_and_revoked(ada: Walker) -> None:
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=ada.gateway.origin)
    page = ada.go("hub/token")
    ada.press("/hub/token", what="", note="of the walk", expires="day", **{"scope-servers": ""})
    value = page.locator("#value").inner_text()
    page.locator("button[data-copy]").click()
    expect(page.locator("button[data-copy]")).to_have_attribute("aria-live", "polite")
    assert page.evaluate("navigator.clipboard.readText()") == value
    assert value not in ada.go("hub/token").content()
    page.locator('form[action^="/hub/token/"] button').first.click()
    assert ada.says()


# ── sharing, with two browsers ───────────────────────────────────────────────


def may_enter(guest: Walker) -> bool:
    return guest.page.request.get(guest.gateway.url("user/ada/")).status == 200


def test_shares_are_made_accepted_left_and_taken_back(ada: Walker, eve: Walker, admin: Walker) -> None:
    admin.go("hub/admin/groups")
    admin.press("/hub/admin/groups", name="team")
    admin.press("/hub/admin/groups/team", "add", users="eve")
    with ada.waiting("/user/ada/"):
        ada.go("hub/spawn/ada")
        ada.fill("/hub/spawn/ada", having={"profile": "files"})

    page = ada.go("hub/shares")
    ada.press("/hub/shares", **{"with": "code"}, view="", expires="hour", uses="5")
    page.locator("button[data-copy]").click()
    link = page.locator("#value").inner_text()
    assert not may_enter(eve)
    for last in (False, True):
        eve.page.goto(link)
        eve.press("/hub/accept-share")
        assert eve.page.url.endswith("/user/ada/") and may_enter(eve)
        if not last:
            eve.go("hub/shares")
            eve.press("/hub/shares/leave", having={"who": "ada"})
            assert eve.says()
            assert not may_enter(eve)
    ada.go("hub/shares")
    page.locator('form[action^="/hub/shares/"][action$="/revoke"] button').first.click()
    assert ada.says()
    eventually(lambda: not may_enter(eve), 1)

    for kind, who in (("user", "eve"), ("group", "team")):
        ada.go("hub/shares")
        ada.press("/hub/shares", **{"with": kind}, who=who, expires="never")
        assert ada.says()
        eventually(lambda: may_enter(eve), 1)
        assert eve.go("hub/home").locator('a[href="/user/ada/"]').count() == 1
        eve.go("hub/shares")
        ada.go("hub/shares")
        ada.press("/hub/shares/withdraw", having={"who": who, "kind": kind})
        eventually(lambda: not may_enter(eve), 1)
    ada.go("hub/shares")
    ada.press("/hub/shares", **{"with": "user"}, who="", expires="day", status=400)
    assert ada.says("bad")
    ada.press("/hub/shares", **{"with": "code"}, view="1", expires="day")
    ada.go("hub/shares")
    assert page.locator('form[action$="/revoke"]').count() == 1
    page.locator('form[action$="/revoke"] button').click()
    assert ada.says()


# ── the account ──────────────────────────────────────────────────────────────


def test_sessions_end_and_the_password_changes(ada: Walker, browser: Browser) -> None:
    other = Walker(browser, ada.notes, user_agent="The other browser")
    other.log_in("ada", PASSWORD)
    page = ada.go("hub/account")
    row = page.locator("li", has_text="The other browser")
    row.locator("button").click()
    assert ada.says()
    expect(page.get_by_text("The other browser")).to_have_count(0)
    other.page.goto(other.gateway.url("hub/home"))
    assert "/hub/login" in other.page.url
    other.context.close()

    ada.go("hub/password")
    ada.press("/hub/password", old="not it", password=CHANGED, again=CHANGED, status=403)
    ada.press("/hub/password", old=PASSWORD, password=CHANGED, again=CHANGED)
    ada.go("hub/account")
    ada.press("/hub/account/sessions")
    assert ada.page.url.endswith("/hub/login")
    ada.log_in("ada", CHANGED)
    ada.go("hub/logout")
    ada.log_in("ada", CHANGED)


# ── the administration ───────────────────────────────────────────────────────


def test_users_are_made_found_changed_and_removed(admin: Walker) -> None:
    page = admin.go("hub/admin/users")
    admin.press("/hub/admin/users", names="many-1, many-2\nmany-3")
    assert admin.says()
    admin.press("/hub/admin/users", names="no/slash", status=400)
    page = admin.go("hub/admin/users")
    form = page.locator("form[role=search]")
    form.locator("[name=q]").fill("many-")
    form.locator("[name=q]").press("Enter")
    page.wait_for_url("**q=many-**")
    assert page.locator("tbody tr").count() == 3
    user = "/hub/admin/users/many-1"
    admin.go(user[1:])
    for action in ("disable", "enable", "end-sessions", "revoke-tokens"):
        admin.press(user, action)
        if action in ("disable", "revoke-tokens"):
            admin.press(user, action, having={"password": ""})
        assert admin.says()
    for action in ("make-admin", "unmake-admin", "remove"):
        admin.press(user, action)
        if action != "unmake-admin":
            admin.press(user, action, password="not it, surely", status=403)
            assert admin.says("bad")
            admin.press(user, action, password=admin.gateway.admin_password)
        assert admin.says()
    admin.go("hub/admin/signups")
    admin.press("/hub/admin/signups", "password", name="many-2", password=CHANGED, own="wrong", status=403)
    admin.press("/hub/admin/signups", "password", name="many-2", password=CHANGED, own=admin.gateway.admin_password)
    assert admin.says()


def test_groups(admin: Walker) -> None:
    admin.go("hub/admin/groups")
    admin.press("/hub/admin/groups", name="crew")
    group = "/hub/admin/groups/crew"
    admin.press(group, "add", users="ada, many-2")
    admin.press(group, "take", having={"users": "ada"})
    admin.press(group, "remove")
    admin.press(group, "remove", having={"sure": "yes"})
    assert admin.says()


def test_the_server_of_somebody_else(admin: Walker, ada: Walker) -> None:
    """Started, looked into, which is written down and told to its owner, and stopped."""
    page = admin.go("hub/admin/users/ada")
    admin.press("/hub/stop/ada")
    page.wait_for_function("() => document.querySelector('a[href=\"/hub/spawn/ada\"]') || (location.reload(), false)",
                           polling=1000)  # fmt: skip
    with admin.waiting("/user/ada/"):
        admin.go("hub/spawn/ada")
        admin.fill("/hub/spawn/ada", having={"profile": "files"})
    admin.go("hub/log/ada")
    admin.go("hub/admin")
    form = page.locator("form[role=search]")
    form.locator("[name=q]").fill("ada")
    form.locator("button").click()
    page.wait_for_url("**q=ada**")
    page.locator('tbody a[href="/user/ada/"]').click()
    page.wait_for_url("**/user/ada/")
    page = admin.go("hub/admin/audit")
    form = page.locator("form[role=search]")
    form.locator("[name=action]").fill("server.enter")
    form.locator("button").click()
    page.wait_for_url("**action=server.enter**")
    # It is written down a moment later.
    eventually(lambda: page.reload() and page.locator("tr:has-text('user:admin'):has-text('ada/')").count(), 60)
    expect(ada.go("hub/home").locator("#visits")).to_be_visible()
    admin.go("hub/admin")
    admin.press("/hub/stop/ada")


def test_what_everybody_is_told_and_no_new_starts(admin: Walker, ada: Walker) -> None:
    gateway = "/hub/admin/gateway"
    admin.go(gateway[1:])
    admin.press(gateway, "announce", text="Back at noon", until="2020-01-01T00:00", status=400)
    admin.press(gateway, "announce", text="Back at noon", until="")
    expect(ada.go("hub/home").locator(".announcement[role=status]")).to_have_text("Back at noon")
    admin.press(gateway, "starts", starts="off", reason="The disk is full")
    ada.go("hub/spawn/ada")
    ada.press("/hub/spawn/ada", having={"profile": "files"}, status=503)
    expect(ada.page.locator("main")).to_contain_text("The disk is full")
    admin.press(gateway, "starts", starts="on")
    admin.press(gateway, "announce", text="")
    expect(ada.go("hub/home").locator(".announcement")).to_have_count(0)


def test_routes(admin: Walker) -> None:
    admin.go("hub/admin/routes")
    admin.press("/hub/admin/routes", path="/wiki/", target="javascript:alert(1)", access="public", status=400)
    admin.press("/hub/admin/routes", path="/wiki/", target="http://198.51.100.1:8080", access="public")
    assert admin.says()
    admin.press("/hub/admin/routes", "remove", having={"path": "/wiki/"})
    assert admin.says()


def test_traffic_and_captures(admin: Walker) -> None:
    page = admin.go("hub/admin/traffic")
    page.locator("#pause").click()
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#state")).to_have_attribute("role", "status")
    form = page.locator("form[role=search]")
    form.locator("[name=user]").fill("ada")
    form.locator("button").click()
    page.wait_for_url("**user=ada**")
    page = admin.go("hub/admin/captures")
    admin.press("/hub/admin/captures", reason="a walk", user="ada", minutes="5", megabytes="1")
    capture = page.url.partition(admin.gateway.authority)[2]
    for action in ("reconnect", "stop", "delete"):
        admin.press(capture, action)
        assert admin.says()


def test_what_is_only_read(admin: Walker, ada: Walker) -> None:
    for path in ("hub/admin/services", "hub/admin/roles", "hub/docs"):
        admin.go(path)
    for path in ("hub/admin", "hub/admin/users", "hub/admin/audit"):
        ada.go(path, 403)
    ada.go("hub/nothing", 404)


# ── nothing was left out ─────────────────────────────────────────────────────


def test_everything_that_was_offered_was_pressed(notes: Notes) -> None:
    assert len(notes.offered) > 40, "run all tests of this file together"
    assert notes.left() == []


def test_each_route_of_a_form_was_used(notes: Notes) -> None:
    used = {control.place for control in notes.pressed if control.kind == "POST"}
    there = {route.template for route in changing() if not route.of_api}
    assert there - used == ELSEWHERE.keys() | NOT_OFFERED.keys()
    for file in ELSEWHERE.values():
        assert (Path(__file__).parent / file).is_file()


def test_no_browser_has_complained(notes: Notes) -> None:
    assert notes.complained() == []
