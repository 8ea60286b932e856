"""JupyterHub's own servers, unmodified, in a real browser: log in, work, log out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hubaware import PASSWORD, output, profile, settings, start

pytestmark = [pytest.mark.sockets, pytest.mark.browser, pytest.mark.conformance]

KINDS = {
    "six": ("6.1", "jupyterhub-singleuser"),
    "labhub": ("6.1", "jupyter-labhub"),
    "five": ("5.4", "jupyterhub-singleuser"),
}
WARNING = "jupyterhub version 6.1.1 != jupyterhub-singleuser version 5.4"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    profiles = [profile(name, version, program) for name, (version, program) in KINDS.items()]
    with Gateway(tmp_path_factory.mktemp("gw"), settings(*profiles, users=tuple(KINDS))) as gateway:
        yield gateway


def requests(gateway: Gateway) -> list[dict[str, object]]:
    """The access log."""
    lines = gateway.output("run", "err").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_works_and_logs_out(page: Page, gateway: Gateway, kind: str) -> None:
    """The user has the profile's name."""
    with Client(gateway) as client:
        client.log_in(kind, PASSWORD)
        start(client, kind)
    page.goto(gateway.url(f"user/{kind}/lab"))
    page.fill("input[name=username]", kind)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**/user/{kind}/lab**", timeout=60_000)
    _runs_a_cell(page)

    seen = [each for each in requests(gateway) if each["user"] == kind]
    trips = [str(each["path"]).partition("?")[0] for each in seen if "oauth" in str(each["path"])]
    assert trips[:3] == ["/hub/api/oauth2/authorize", "/hub/api/oauth2/token", f"/user/{kind}/oauth_callback"]
    told = f"/hub/api/users/{kind}/activity"
    eventually(lambda: [e for e in requests(gateway) if e["path"] == told and e["status"] == 200], 30, gateway.log)
    log = output(gateway, kind)
    assert (WARNING in log) is (kind == "five"), log
    assert ("version" in log and "!=" in log) is (kind == "five"), log

    _opens_the_hub(page, gateway)
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Log Out", exact=True).click()
    page.wait_for_url("**/hub/login**", timeout=60_000)
    names = {each["name"] for each in page.context.cookies()}
    assert not names & {"hubgate-session", "jupyterhub-session-id", f"jupyterhub-user-{kind}"}
    page.goto(gateway.url(f"user/{kind}/lab"))
    assert "/hub/login?next=" in page.url


def _runs_a_cell(page: Page) -> None:
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click(timeout=120_000)
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    cell.press_sequentially("print(6*7)")
    cell.press("Shift+Enter")
    expect(page.locator(".jp-OutputArea-output pre").first).to_have_text("42\n", timeout=120_000)


def _opens_the_hub(page: Page, gateway: Gateway) -> None:
    page.get_by_role("menuitem", name="File", exact=True).click()
    with page.context.expect_page() as opened:
        page.get_by_role("menuitem", name="Hub Control Panel").click()
    opened.value.wait_for_url("**/hub/home")
    opened.value.close()
