"""Two people work in JupyterLab; an administrator looks at one of them, down to what their kernel is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration.harness import Gateway, eventually

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), {"spawner": {"start_timeout": 120}}) as gateway:
        for name in ("ada", "grace"):
            assert gateway.run("user", "add", name, "--password-stdin", input=f"{PASSWORD}\n").returncode == 0
        yield gateway


@pytest.fixture
def people(browser: Browser, gateway: Gateway) -> Iterator[dict[str, Page]]:
    """Each in a browser of their own, logged in."""
    contexts = {
        name: browser.new_context(viewport={"width": 1280, "height": 900}) for name in ("admin", "ada", "grace")
    }
    pages = {name: context.new_page() for name, context in contexts.items()}
    for name, page in pages.items():
        page.set_default_timeout(120_000)
        page.goto(gateway.url("hub/login"))
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", gateway.admin_password if name == "admin" else PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/hub/home")
    yield pages
    for context in contexts.values():
        context.close()


def notebook(page: Page) -> None:
    page.get_by_role("link", name="Start My server").click()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/lab**", timeout=120_000)
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click(timeout=180_000)
    idle(page)


def idle(page: Page) -> None:
    """Lab forgets what is run before its kernel answers; only the bar at the bottom tells when that is."""
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=180_000)


def run(page: Page, code: str, output: str) -> None:
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").last
    cell.click()
    cell.press_sequentially(code)
    cell.press("Shift+Enter")
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text(f"{output}\n", timeout=180_000)


@pytest.mark.timeout(600)
def test_an_administrator_reads_what_a_kernel_is_told(
    gateway: Gateway, people: dict[str, Page], tmp_path: Path
) -> None:
    admin, ada, grace = people["admin"], people["ada"], people["grace"]
    notebook(ada)
    notebook(grace)
    run(ada, "print(1)", "1")

    admin.goto(gateway.url("hub/admin/traffic?user=ada"))
    expect(admin.locator("tbody tr").first).to_contain_text("ada")
    assert set(admin.locator("tbody td:nth-child(2)").all_text_contents()) == {"ada"}
    admin.get_by_role("link", name="Captures").click()
    admin.fill("input[name=reason]", "the kernel of ada hangs")
    admin.fill("input[name=user]", "ada")
    admin.get_by_role("button", name="Start").click()
    admin.get_by_role("button", name="Reconnect open WebSockets").click()
    expect(admin.get_by_text("Open WebSockets were cut")).to_be_visible()

    socket = admin.locator("tr", has_text="/channels")
    eventually(lambda: admin.reload() and socket.count(), 60, "the kernel's WebSocket does not come back")
    idle(ada)
    run(ada, "print(6*7)", "42")
    run(grace, "print('grace')", "grace")

    def told() -> bool:
        admin.goto(gateway.url(f"hub/admin/captures/{capture}"))
        socket.last.locator("a").click()
        return "print(6*7)" in admin.locator("main").inner_text()

    capture = admin.url.rpartition("/")[2].partition("?")[0]
    eventually(told, 60, lambda: admin.locator("main").inner_text()[:3000])
    request = admin.locator(".talk .sent", has_text="execute_request").filter(has_text="print(6*7)").first
    expect(request).to_be_visible()
    expect(admin.locator(".talk .came", has_text="execute_reply").first).to_be_visible()
    expect(admin.locator(".talk .came .gist", has_text="42").first).to_be_visible()
    assert "grace" not in admin.locator("main").inner_text()

    ada.goto(gateway.url("hub/home"))
    expect(ada.get_by_text("records requests of yours: “the kernel of ada hangs”")).to_be_visible()
    grace.goto(gateway.url("hub/home"))
    expect(grace.get_by_text("records requests of yours")).to_have_count(0)

    admin.goto(gateway.url(f"hub/admin/captures/{capture}"))
    with admin.expect_download() as download:
        admin.get_by_role("link", name="Download as mitmproxy").click()
    download.value.save_as(tmp_path / "ada.mitm")
    mitmdump = Path(sys.executable).with_name("mitmdump")
    shown = subprocess.run(
        [mitmdump, "-nr", tmp_path / "ada.mitm"], capture_output=True, text=True, timeout=90, check=True
    ).stdout
    assert "/user/ada/api/kernels/" in shown and "/user/grace/" not in shown
