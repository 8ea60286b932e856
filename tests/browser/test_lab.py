"""What a person does first: log in with the printed password, start JupyterLab, run a cell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.harness import Gateway

pytestmark = [pytest.mark.sockets, pytest.mark.browser]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw")) as gateway:
        yield gateway


def test_a_cell_runs_in_a_notebook(page: Page, gateway: Gateway) -> None:
    page.goto(gateway.url())
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", gateway.admin_password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    page.get_by_role("link", name="Start My server").click()
    page.get_by_role("button", name="Start").click()

    page.wait_for_url("**/user/admin/lab**", timeout=60_000)
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click(timeout=60_000)
    # Lab forgets what is run before its kernel answers; only the bar at the bottom tells when that is.
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    cell.press_sequentially("print(6*7)")
    cell.press("Shift+Enter")
    expect(page.locator(".jp-OutputArea-output pre").first).to_have_text("42\n", timeout=60_000)
