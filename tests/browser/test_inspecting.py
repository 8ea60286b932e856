"""Two people work in JupyterLab, a third one looks at one of them: from the request log to what a cell said.

What is downloaded opens in the programs that it is for: mitmproxy's, and a browser that answers from the archive.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.scene import log_in
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import PASSWORD

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

LAB = {
    "name": "lab",
    "command": [
        "jupyter", "lab", "--no-browser", "--ServerApp.ip={ip}", "--ServerApp.port={port}",
        "--ServerApp.base_url={base_url}",
    ],
    "cwd": "{username}",
    "env": {"JUPYTERLAB_WORKSPACES_DIR": "{home}/{username}/.workspaces"},
}  # fmt: skip
"""Both are one account of the system; without a place of her own the second one would find the first one's notebook."""
SETTINGS = {
    "gateway": {"workers": 2},
    "profiles": [LAB],
    "authenticator": {
        "plugin": "dummy", "allowed_users": ["ada", "grace"], "admin_users": ["chief"], "dummy": {"password": PASSWORD},
    },
}  # fmt: skip
SCHEMA = json.loads((Path(__file__).parents[1] / "gateway" / "hub" / "har-1.2.json").read_text("utf-8"))
PATIENCE = 120_000
"""Milliseconds; two kernels on a busy machine take their time."""
IDLE = "Python 3 (ipykernel) | Idle"
ADAS, GRACES = "print(6 * 7, 'for ada')", "print(6 * 9, 'for grace')"
PICTURES = os.environ.get("HUBGATE_PICTURES", "")
"""A folder for screenshots on the way, for those who want to look."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    made = Gateway(tmp_path_factory.mktemp("gw"), SETTINGS)
    for name in ("ada", "grace"):
        (made.home / name).mkdir()
    with made as gateway:
        yield gateway


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Closed before the gateway ends."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def logged_in(browser: Browser, contexts: list[BrowserContext], gateway: Gateway, name: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    contexts.append(context)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    log_in(page, gateway, name, PASSWORD)
    return page


def at_work(page: Page, name: str) -> Page:
    """With a notebook open, whose kernel is idle. Only the bar at the bottom tells when there is a kernel."""
    page.get_by_role("link", name="Start My server").click()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"**/user/{name}/lab**")
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click()
    page.get_by_role("button", name=IDLE).wait_for()
    return page


def run(page: Page, code: str, answer: str) -> None:
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    cell.press_sequentially(code)
    cell.press("Shift+Enter")
    expect(page.locator(".jp-OutputArea-output pre").first).to_have_text(f"{answer}\n", timeout=PATIENCE)


def there(page: Page, url: str) -> bool:
    """Does the list there have something?"""
    page.goto(url)
    return page.locator("tbody .path a").count() > 0


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.fixture(scope="module")
def inspected(browser: Browser, contexts: list[BrowserContext], gateway: Gateway) -> tuple[Page, str]:
    """The admin's page after both have worked, and the path of the capture that ran meanwhile."""
    ada = at_work(logged_in(browser, contexts, gateway, "ada"), "ada")
    grace = at_work(logged_in(browser, contexts, gateway, "grace"), "grace")
    chief = logged_in(browser, contexts, gateway, "chief")

    chief.goto(gateway.url("hub/admin/traffic"))
    expect(chief.locator("#state")).to_have_text("Live")
    people = chief.locator("tbody td:nth-child(2)")
    assert {"ada", "grace"} <= set(people.all_inner_texts())
    chief.get_by_label("Name").fill("ada")
    chief.get_by_role("button", name="Look again").click()
    expect(chief.locator("#state")).to_have_text("Live")
    assert set(people.all_inner_texts()) == {"ada"}
    picture(chief, "traffic-filtered")

    chief.get_by_role("link", name="Record these").click()
    expect(chief.get_by_label("Name")).to_have_value("ada")
    chief.get_by_label("Reason").fill("her kernel is slow")
    chief.get_by_role("button", name="Start").click()
    expect(chief.get_by_text("Recording", exact=True)).to_be_visible()
    capture = chief.url
    # Her kernel's WebSocket was open before.
    with ada.expect_websocket(lambda socket: "/channels" in socket.url):
        chief.get_by_role("button", name="Reconnect open WebSockets").click()
    expect(chief.get_by_role("alert")).to_contain_text("come back recorded")
    # From now on the bar tells nothing of a kernel until that has something to do.
    run(ada, ADAS, "42 for ada")
    run(grace, GRACES, "54 for grace")
    assert ada.evaluate("fetch('/user/ada/api/status').then(answer => answer.status)") == 200
    assert grace.evaluate("fetch('/user/grace/api/status').then(answer => answer.status)") == 200
    eventually(lambda: there(chief, f"{capture}?path=api/status"), 60)
    return chief, capture


def test_what_a_cell_said_is_read(inspected: tuple[Page, str]) -> None:
    page, capture = inspected
    page.goto(capture)
    picture(page, "capture")
    page.get_by_role("link", name="WebSockets").click()
    picture(page, "capture-sockets")
    page.locator("tbody .path a", has_text="/channels").last.click()
    talk = page.locator(".talk li")
    asked = talk.filter(has_text="shell · execute_request")
    expect(asked.locator(".gist")).to_have_text(ADAS)
    expect(asked).to_contain_text("from the browser")
    expect(talk.filter(has_text="iopub · stream").locator(".gist")).to_have_text("42 for ada\n")
    reply = talk.filter(has_text="shell · execute_reply")
    expect(reply).to_contain_text("from the server")
    expect(reply).to_contain_text('"status": "ok"')
    picture(page, "conversation")


def test_nothing_of_the_other_one_is_in_it(inspected: tuple[Page, str]) -> None:
    page, capture = inspected
    page.goto(capture)
    links: list[str] = page.eval_on_selector_all(".path a", "all => all.map(each => each.href)")
    assert len(links) > 2
    for link in links:
        page.goto(link)
        text = page.locator("main").inner_text()
        assert "grace" not in text, link
        assert "ada" in text


def test_a_row_of_the_log_leads_to_what_was_recorded(inspected: tuple[Page, str], gateway: Gateway) -> None:
    """And without a capture, to what the log knows."""
    page, capture = inspected
    page.goto(gateway.url("hub/admin/traffic?user=ada&path=api/status"))
    page.locator("tbody .path a").first.click()
    page.wait_for_url(f"{capture}/*")
    expect(page.get_by_role("heading", name="GET /user/ada/api/status")).to_be_visible()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()

    page.goto(gateway.url("hub/admin/traffic?user=grace&path=api/status"))
    page.locator("tbody .path a").first.click()
    page.wait_for_url("**/hub/admin/traffic/*")
    expect(page.get_by_role("heading", name="GET /user/grace/api/status")).to_be_visible()
    expect(page.get_by_text("200 OK")).to_be_visible()
    assert page.locator("tr.this rect").get_attribute("class") == "receive"
    picture(page, "request")


def downloaded(page: Page, capture: str, form: str, folder: Path) -> Path:
    page.goto(capture)
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download as {form}").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_the_file_opens_in_mitmdump(inspected: tuple[Page, str], tmp_path: Path) -> None:
    """Which finds in it what was said, bytes of WebSockets included."""
    file = downloaded(*inspected, "mitmproxy", tmp_path)

    def dumped(*filters: str) -> str:
        command = [Path(sys.executable).with_name("mitmdump"), "-nr", file, *filters]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "/user/ada/api/status" in dumped()
    assert "/channels" in dumped("~b 42.for.ada")
    assert "/user/" not in dumped("~b for.grace | ~u grace")


def test_a_browser_answers_from_the_archive(
    inspected: tuple[Page, str], gateway: Gateway, browser: Browser, tmp_path: Path
) -> None:
    """It is HAR 1.2; and Chromium, cut off from the network, gets from it what the server said."""
    file = downloaded(*inspected, "HAR", tmp_path)
    archive = json.loads(file.read_text("utf-8"))
    jsonschema.validate(archive, SCHEMA)
    assert "grace" not in file.read_text("utf-8")
    (status, *_) = [
        each for each in archive["log"]["entries"] if each["request"]["url"].endswith("/user/ada/api/status")
    ]
    said = json.loads(status["response"]["content"]["text"])
    assert said["kernels"] == 1

    context = browser.new_context()
    context.set_offline(True)
    context.route_from_har(file, not_found="abort")
    page = context.new_page()
    page.goto(status["request"]["url"])
    assert json.loads(page.locator("body").inner_text()) == said
    with pytest.raises(Exception, match="ERR_"):
        page.goto(gateway.url("hub/health"))
    context.close()
