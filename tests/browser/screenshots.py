"""`make screenshots`: every page, light and dark, wide and 390 px, into the folder `screenshots/`.

A real gateway with a few people, groups, servers and routes, and a real Chromium. For looking
at; the tests of the pages are elsewhere.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CANDIDATES, QUIET
from tests.browser.scene import NARROW, PAGES, SETTINGS, WIDE, Visitors, scene
from tests.integration.client import Client
from tests.integration.harness import Gateway


def shoot(browser: Browser, gateway: Gateway, folder: Path, language: str, names: Sequence[str]) -> None:
    """Each page in each of the four ways."""
    for scheme in ("light", "dark"):
        for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
            with Visitors(browser, gateway, viewport=viewport, color_scheme=scheme, locale=language) as visitors:
                for name in names:
                    page = visitors.arrived(PAGES[name])
                    page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("screenshots"))
    parser.add_argument("--language", default="en")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"some of: {', '.join(PAGES)}")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, CANDIDATES)))
    with tempfile.TemporaryDirectory() as place, Gateway(Path(place), SETTINGS) as gateway, Client(gateway) as client:
        client.log_in()
        scene(gateway, client)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=QUIET)
            shoot(browser, gateway, wanted.folder, wanted.language, wanted.pages or list(PAGES))
            browser.close()
    print(f"{len(list(wanted.folder.iterdir()))} pictures in {wanted.folder}/")  # noqa: T201


if __name__ == "__main__":
    main()
