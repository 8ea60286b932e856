from __future__ import annotations

import re

import pytest

from tests.api.person import Person

KINDS = {"hubgate.css": "text/css", "progress.js": "text/javascript", "icon.svg": "image/svg+xml"}


@pytest.mark.parametrize("name", KINDS)
async def test_each_file(stranger: Person, name: str) -> None:
    result = await stranger.send("GET", f"hub/static/{name}")
    assert result.status_code == 200
    assert result.headers["Content-Type"].startswith(KINDS[name])
    assert result.headers["Cache-Control"] == "no-cache"
    assert result.content
    head = await stranger.send("HEAD", f"hub/static/{name}")
    assert (head.status_code, head.content) == (200, b"")


async def test_pages_name_files_by_their_content(stranger: Person) -> None:
    page = (await stranger.page("hub/login")).text
    for path in re.findall(r'(?:href|src)="/(hub/static/[^"]+)"', page):
        result = await stranger.send("GET", path)
        assert result.status_code == 200
        assert result.headers["Cache-Control"] == "max-age=31536000, immutable"
    assert (await stranger.send("GET", "hub/static/icon.svg?v=old")).headers["Cache-Control"] == "no-cache"


async def test_what_has_not_changed_is_not_sent_again(stranger: Person) -> None:
    tag = (await stranger.send("GET", "hub/static/icon.svg")).headers["ETag"]
    result = await stranger.send("GET", "hub/static/icon.svg", headers={"If-None-Match": tag})
    assert (result.status_code, result.content) == (304, b"")
    result = await stranger.send("GET", "hub/static/icon.svg", headers={"If-None-Match": '"old"'})
    assert result.status_code == 200


@pytest.mark.parametrize("name", ["", "nothing.css", "..", "__init__.py", "HUBGATE.CSS"])
async def test_there_is_nothing_else(stranger: Person, name: str) -> None:
    assert (await stranger.send("GET", f"hub/static/{name}")).status_code == 404


async def test_the_style_sheet_loads_nothing(stranger: Person) -> None:
    style = (await stranger.send("GET", "hub/static/hubgate.css")).text
    assert "url(" not in style
    assert "@import" not in style
